"""The one way into torchvision.

torchvision's published wheel is built against CUDA. Beside a CPU-only torch its operator library does not load, and
`import torchvision` dies with "operator torchvision::nms does not exist" although data sets, transforms and
classification models need no operator. On exactly that error the two missing schemas are declared and the import is
tried again; where the operators load, nothing is done.
"""

import importlib
import sys
from types import ModuleType

import torch

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_library: torch.library.Library | None = None  # the declarations live as long as this object does


def _declare_missing_operators() -> None:
    global _library  # noqa: PLW0603 - one process has one operator registry
    if _library is not None:
        return
    _library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        _library.define(name + _SCHEMA)  # type: ignore[no-untyped-call]


def import_torchvision(module: str = "torchvision") -> ModuleType:
    """Import torchvision or one of its submodules (`"torchvision.datasets"`), whatever torch build is beside it."""
    try:
        return importlib.import_module(module)
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # what the failed import left half-initialised
    _declare_missing_operators()
    return importlib.import_module(module)
