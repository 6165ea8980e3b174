"""MobileViT and VMamba: small networks that mix tokens by attention and by selective scans."""

from typing import Any

from paretoscope.costs.references.base import Row, table
from paretoscope.options import Source

MOBILEVIT = Source(
    "MobileViT: Light-weight, General-purpose, and Mobile-friendly Vision Transformer",
    2021,
    "https://arxiv.org/abs/2110.02178",
)
VMAMBA = Source("VMamba: Visual State Space Model, assets/performance.md", 2024, "https://github.com/MzeroMiko/VMamba")

_NORMS = "mmpretrain counts as fvcore does: 2 for each value of a batch normalisation, 5 of a layer normalisation."
_FVCORE = "The authors count with fvcore, which adds 5 for each value of a layer normalisation."


def _mobilevit(size: str) -> dict[str, Any]:
    return {"name": f"mobilevit_{size}", "resolution": 256}


TABLES = (
    table(
        "mobilevit",
        "MobileViT at 256 pixels",
        MOBILEVIT,
        "Accuracies: the paper and its authors' zoo; costs: mmpretrain",
        "imagenet",
        ("top1", "params", "macs"),
        [
            Row("MobileViT-XXS", ("69.0", "1.27e6", "0.42e9"), _mobilevit("xxs"), _NORMS),
            Row("MobileViT-XS", ("74.8", "2.32e6", "1.05e9"), _mobilevit("xs"), _NORMS),
            Row("MobileViT-S", ("78.4", "5.58e6", "2.03e9"), _mobilevit("s"), _NORMS),
        ],
    ),
    table(
        "vmamba",
        "VMamba beside Swin",
        VMAMBA,
        "Classification on ImageNet-1K",
        "imagenet",
        ("top1", "params", "macs", "images_per_second"),
        [
            Row("VMamba-T, s1l8", ("82.6", "30e6", "4.9e9", "1686"), {"name": "vmamba_t"}, _FVCORE),
            Row("VMamba-T, s2l5", ("82.5", "31e6", "4.9e9", "1340")),
            Row("VMamba-S, s2l15", ("83.6", "50e6", "8.7e9", "877"), {"name": "vmamba_s"}, _FVCORE),
            Row("VMamba-S, s1l20", ("83.3", "49e6", "8.6e9", "1106")),
            Row("VMamba-B, s2l15", ("83.9", "89e6", "15.4e9", "646"), {"name": "vmamba_b"}, _FVCORE),
            Row("VMamba-B, s1l20", ("83.8", "87e6", "15.2e9", "827")),
            Row("Swin-T", ("81.2", "28e6", "4.5e9", "1244")),
            Row("Swin-S", ("83.2", "50e6", "8.7e9", "718")),
            Row("Swin-B", ("83.5", "88e6", "15.4e9", "458")),
        ],
    ),
)
