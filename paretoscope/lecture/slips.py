"""Where the slides of the lecture slip, and what is right. Everyone who teaches knows how this happens."""

from dataclasses import dataclass
from math import ceil, log2
from typing import Any

from paretoscope.costs.formulas import grouped


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where to see it: a section of the page (with a kind of convolution to show), a variant, or a publication."""

    label: str
    section: str | None = None
    kind: str | None = None
    variant: dict[str, Any] | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) from x = 1, and remarks at some x."""

    x: str
    y: str
    values: tuple[int, ...]
    remarks: dict[int, str]


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slide says, what is right, why it is easily mixed up, and where to see it."""

    key: str
    title: str
    said: str
    right: str
    why: str
    see: tuple[Pointer, ...]
    curve: Curve | None = None


IMAGES, CENTROIDS = 60_000, 10
INDEX_BITS = ceil(log2(CENTROIDS))
KAPPA = 1 - CENTROIDS / IMAGES
WEIGHT_BITS = 32
HONEST = 1 - (CENTROIDS * WEIGHT_BITS + IMAGES * INDEX_BITS) / (IMAGES * WEIGHT_BITS)

ELBOW = (
    *(224690, 142890, 101660, 77330, 73940, 72020, 68360, 66320, 64420, 63380, 60490, 59940, 57780, 56630, 54430),
    *(53480, 52250, 49940, 50360, 49730, 48360, 46760, 46560, 44600, 44750, 43450, 42560, 41920, 42170),
)
"""E_opt(K) of page 31 for K = 1 … 29, read off the PDF's vector curve, to about ±50."""

SLIPS = (
    Slip(
        key="spatially_separable",
        title="Two factors went missing from the spatially separable formula",
        said="A spatially separable convolution costs (h·1 + 1·w)·Din operations.",
        right="(h + w)·Din are the weights of one pair of 1-D kernels for each input channel. The operations need "
        "Hout·Wout as well, and to reach Dout outputs the pair goes through R channels: "
        "Hout·W·h·Din·R + Hout·Wout·w·R·Dout.",
        why="For a single picture and a single kernel, as in the Sobel example, the short form says it all.",
        see=(
            Pointer("Both counts, side by side", section="convolution", kind="spatially_separable_each"),
            Pointer("Jaderberg et al. 2014", url="https://arxiv.org/abs/1405.3866"),
        ),
    ),
    Slip(
        key="sifre",
        title="MobileNet made it famous, Sifre had it first",
        said="Depthwise separable convolution was first introduced by MobileNet.",
        right="Laurent Sifre's thesis of 2014 has it; MobileNet credits him itself, as reference 26.",
        why="MobileNet built a whole network of it, and that is what everybody remembers.",
        see=(
            Pointer("Depthwise separable", section="convolution", kind="depthwise_separable"),
            Pointer("MobileNets, 2017", url="https://arxiv.org/abs/1704.04861"),
        ),
    ),
    Slip(
        key="squeezenet",
        title="SqueezeNet squeezes, but it does not group",
        said="SqueezeNet uses grouped convolutions.",
        right="Its Fire module squeezes with 1×1 filters, then expands with 1×1 and 3×3 filters side by side. Every "
        "one of its convolutions sees all channels: groups = 1 throughout.",
        why="AlexNet, which it sets out to shrink, is the one with groups; and two branches side by side look like it.",
        see=(
            Pointer(
                "SqueezeNet's layers, column Groups",
                variant={"dataset": "imagenet", "architecture": {"name": "squeezenet1_0"}, "steps": []},
            ),
            Pointer("SqueezeNet, 2016", url="https://arxiv.org/abs/1602.07360"),
        ),
    ),
    Slip(
        key="lloyd",
        title="k-means minimises squares",
        said="k-means minimises E(q) = Σ ‖x − Ω_q(x)‖₂.",
        right="Lloyd's algorithm minimises Σ ‖x − Ω_q(x)‖₂². The mean is the best centre for squared distances; for "
        "plain distances it would be the median. The dictionary's ‖X − UV‖₂ + α‖U‖₁ is squared too in most "
        "programs, which changes what α means.",
        why="A small exponent is easily lost, and the norm looks finished without it.",
        see=(
            Pointer("Lloyd 1982, “Least squares quantization in PCM”", url="https://doi.org/10.1109/TIT.1982.1056489"),
        ),
    ),
    Slip(
        key="kappa",
        title="κ counts vectors and forgets the index",
        said=f"The compression factor is κ = 1 − K/N: {KAPPA:.6f} for N = {grouped(IMAGES)} and K = {CENTROIDS}.",
        right="Each of the N vectors still has to say which centre is its own, in "
        f"⌈log2 {CENTROIDS}⌉ = {INDEX_BITS} bits. Where the vectors are single weights of {WEIGHT_BITS} bits, that "
        f"leaves {HONEST:.4f}. The longer the vectors, the closer κ comes to the truth.",
        why="For vectors as long as whole images the index hardly weighs anything.",
        see=(
            Pointer(
                "Stored bits with 16 shared weights",
                variant={
                    "dataset": "cifar10",
                    "architecture": {"name": "resnet20"},
                    "steps": [{"kind": "share_weights", "clusters": 16}],
                },
            ),
        ),
    ),
    Slip(
        key="rows",
        title="The rows of Tables 9 and 10 lost their names",
        said="In the text of the slides, MobileNet's Tables 9 and 10 are numbers without row names.",
        right="Table 9 compares 0.50 MobileNet-160, SqueezeNet and AlexNet, in this order; its SqueezeNet row counts "
        "multiplications and additions, twice the MACs that the other two rows count. Table 10, on Stanford Dogs, "
        "begins with Inception V3 and goes on with 1.0-224, 0.75-224, 1.0-192 and 0.75-192.",
        why="A picture of a table gives up its numbers more easily than its names.",
        see=(Pointer("The tables, recomputed", section="tables"),),
    ),
    Slip(
        key="elbow",
        title="The elbow is at K = 4, by any rule that looks where the eye does",
        said="The curve of page 31 has an elbow; where it is, is left to the eye.",
        right="K = 4 is farthest from the line between the ends of the curve, and the Kneedle algorithm agrees, at "
        "sensitivity 0, 1, 2 and 5 alike. Another rule of programs, the largest second difference, says K = 2.",
        why="The first step down is the steepest by far, and a second difference sees three points at a time.",
        see=(),
        curve=Curve("K", "E", ELBOW, {2: "largest second difference", 4: "the elbow"}),
    ),
)
