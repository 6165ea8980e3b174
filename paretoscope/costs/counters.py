"""What other counters print for the same network, and why: each adds some of what our convention leaves out.

The rules were read in the sources of the versions named and hold for networks that are made of modules. Counters see
what they hook. Attention is taken as `scaled_dot_product_attention`, which none of them sees on the CPU; a subclass of
a layer as the layer, though thop and ptflops pass over it.
"""

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

from paretoscope.costs.counting import Part
from paretoscope.options import Source


class Counts(NamedTuple):
    """Printed totals for one image, by counter. Additive."""

    fvcore: int = 0
    flop_counter: int = 0
    thop: int = 0
    ptflops: int = 0
    torchinfo: int = 0


class Counter(NamedTuple):
    """A counter that people use: what it is called and why its total differs from ours."""

    key: str
    title: str
    why: str
    source: Source


COUNTERS = (
    Counter(
        "fvcore",
        "fvcore",
        "Our MACs, and 2 for each value of a batch normalisation, 5 of a layer normalisation, 1 for each value that an "
        "adaptive average pooling reads. Fused attention and scans are missed: MobileViT-XXS at 256 pixels shows 340 M "
        "of 407 M. VMamba's authors add their scans; what its published FLOPs have more than its MACs is layer "
        "normalisation.",
        Source("fvcore 0.1.5, fvcore/nn/jit_handles.py", 2022, "https://github.com/facebookresearch/fvcore"),
    ),
    Counter(
        "flop_counter",
        "torch FlopCounterMode",
        "Two FLOPs for each of our MACs, scans left out. On the CPU it counts fused attention as nothing; on the meta "
        "device, where it falls apart into products, all is seen.",
        Source("PyTorch, torch.utils.flop_counter", 2023, "https://github.com/pytorch/pytorch"),
    ),
    Counter(
        "thop",
        "thop",
        "Convolutions and linear layers, and 4 for each value of a batch or layer normalisation, 1 for each value that "
        "an adaptive average pooling module reads or writes. Only modules of exactly the known types are seen: "
        "attention, scans and functional calls are missed (VMamba-T: 552 M of 4.9 G).",
        Source("pytorch-OpCounter 0.1.1", 2022, "https://github.com/Lyken17/pytorch-OpCounter"),
    ),
    Counter(
        "ptflops",
        "ptflops",
        "Convolutions and linear layers with their biases, 2 for each value of a batch normalisation, 1 of a layer "
        "normalisation, 1 for each value through an activation or into a pooling; ReLU, GELU and pooling modules count "
        "twice, once as the module and once as the function it calls. So two spellings of one network differ "
        "(MobileNetV1: 573.9 or 589.0 M).",
        Source("ptflops 0.7.5, PyTorch backend", 2024, "https://github.com/sovrasov/flops-counter.pytorch"),
    ),
    Counter(
        "torchinfo",
        "torchinfo",
        "Convolutions with their biases; elsewhere each parameter once, so that a normalisation is nearly free and a "
        "linear layer used for every token counts as for one (MobileViT-XXS at 256 pixels: 197 M of 407 M).",
        Source("torchinfo 1.8.0, layer_info.py", 2023, "https://github.com/TylerYep/torchinfo"),
    ),
)

_CONVOLUTIONS = ("conv2d", "conv_transpose2d")
_LAYERS = (*_CONVOLUTIONS, "linear")
_NORMALISATIONS = ("batch_norm", "layer_norm")
_WINDOWS = ("MaxPool2d", "AvgPool2d")
_TWICE = ("ReLU", "ELU", "GELU", "AdaptiveAvgPool2d", *_WINDOWS)


def counts(part: Part) -> Counts:
    """Return what each counter adds to its total for this part."""
    others = part.others
    seen = part.macs - part.attention_macs - part.scan_macs
    hooked = seen if part.type in _LAYERS else 0
    biased = hooked + (others.bias + others.addition if part.type in _LAYERS else 0)
    functions = others.relu + others.gelu + others.swish + others.pooling
    if not part.attention_macs:
        functions += others.softmax
    return Counts(
        fvcore=seen + 2 * others.batch_norm + 5 * others.layer_norm + _averaged(part),
        flop_counter=2 * (part.macs - part.scan_macs),
        thop=hooked + 4 * (others.batch_norm + others.layer_norm) + _pooled_by_modules(part),
        ptflops=biased + 2 * others.batch_norm + others.layer_norm + functions * (2 if part.type in _TWICE else 1),
        torchinfo=_parameters_used(part, biased),
    )


def counted(parts: Iterable[Part]) -> Counts:
    """Return the totals of a network."""
    return Counts(*map(sum, zip(Counts(), *map(counts, parts), strict=True)))


def _averaged(part: Part) -> int:
    """Values read by an average over the whole picture: a module's, or a function's where no picture is left after."""
    if part.type == "AdaptiveAvgPool2d" or (part.type not in _WINDOWS and len(part.out_shape) == 1):
        return part.others.pooling
    return 0


def _pooled_by_modules(part: Part) -> int:
    if part.type == "AdaptiveAvgPool2d":
        return part.others.pooling + part.others.pooled
    return part.others.pooled if part.type == "AvgPool2d" else 0


def _parameters_used(part: Part, biased: int) -> int:
    """A convolution's MACs; elsewhere each parameter once for every item of the output's first axis."""
    if part.type in _CONVOLUTIONS:
        return biased
    if part.type == "batch_norm":
        return part.params
    values = {"linear": part.activations, "layer_norm": part.others.layer_norm}.get(part.type, 0)
    return part.params * (values // prod(part.out_shape)) if values else 0
