"""Pin every dependency with hashes, for all platforms, in requirements.lock and requirements-dev.lock.

torch, torchvision and what only their CUDA builds bring stay out: scripts/install.py chooses their build.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.install import ROOT, TORCH

CHOSEN_AT_INSTALL = (
    *("torch", "torchvision", "triton", "cuda-bindings", "cuda-pathfinder", "cuda-toolkit", "nvidia-cublas"),
    *("nvidia-cuda-cupti", "nvidia-cuda-nvrtc", "nvidia-cuda-runtime", "nvidia-cudnn-cu13", "nvidia-cufft"),
    *("nvidia-cufile", "nvidia-curand", "nvidia-cusolver", "nvidia-cusparse", "nvidia-cusparselt-cu13"),
    *("nvidia-nccl-cu13", "nvidia-nvjitlink", "nvidia-nvshmem-cu13", "nvidia-nvtx"),
)


def main() -> int:
    """Write both lock files."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("\n".join(TORCH))
        constraints.flush()
        for extras, target in ((["build"], "requirements.lock"), (["build", "dev"], "requirements-dev.lock")):
            compile_lock(extras, ROOT / target, constraints.name)
    return 0


def compile_lock(extras: list[str], target: Path, constraints: str) -> None:
    """Resolve the project with `extras` for every platform and write `target`."""
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--quiet"]
    options += [f"--extra={extra}" for extra in extras]
    options += [f"--no-emit-package={package}" for package in CHOSEN_AT_INSTALL]
    options += ["--custom-compile-command", "make lock", "--constraints", constraints]
    command = [sys.executable, "-m", "uv", "pip", "compile", *options, "pyproject.toml", "--output-file", str(target)]
    subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
