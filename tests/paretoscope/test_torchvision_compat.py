import subprocess
import sys

import torch

from paretoscope.torchvision_compat import import_torchvision


def test_torchvision_imports_beside_any_torch() -> None:
    models = import_torchvision("torchvision.models")
    with torch.device("meta"):
        network = models.resnet18()
    # https://docs.pytorch.org/vision/main/models/generated/torchvision.models.resnet18.html
    assert sum(parameter.numel() for parameter in network.parameters()) == 11_689_512
    assert import_torchvision() is import_torchvision()


def test_another_failure_is_not_hidden() -> None:
    script = (
        "import sys, types\n"
        "class Broken:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torchvision': raise RuntimeError('something else')\n"
        "sys.meta_path.insert(0, Broken())\n"
        "from paretoscope.torchvision_compat import import_torchvision\n"
        "try: import_torchvision()\n"
        "except RuntimeError as error: assert str(error) == 'something else'\n"
        "else: raise SystemExit(1)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
