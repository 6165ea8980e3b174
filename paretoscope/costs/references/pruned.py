"""Pruned networks on CIFAR-10, as the authors' repositories state them."""

from paretoscope.costs.references.base import Row, table
from paretoscope.options import Source

HRANK = Source("HRank: Filter Pruning using High-Rank Feature Map", 2020, "https://github.com/lmbxmu/HRank")
HRANK_PLUS = Source("HRankPlus", 2020, "https://github.com/lmbxmu/HRankPlus")
FSM = Source("Network Pruning via Feature Shift Minimization", 2022, "https://github.com/lscgx/FSM")
_COLUMNS = ("top1", "params", "macs")

TABLES = (
    table(
        "hrank_cifar10",
        "Pruned by HRank, CIFAR-10",
        HRANK,
        "README",
        "cifar10",
        _COLUMNS,
        [Row("ResNet-56, HRank", ("93.17", "0.49e6", "62.72e6"), note="Pruned from 93.26 %.")],
    ),
    table(
        "hrank_plus_cifar10",
        "Pruned by HRankPlus, CIFAR-10",
        HRANK_PLUS,
        "README",
        "cifar10",
        _COLUMNS,
        [
            Row("ResNet-56, HRankPlus", ("93.85", "0.66e6", "90.35e6")),
            Row("ResNet-56, HRankPlus", ("93.57", "0.48e6", "65.94e6")),
            Row("ResNet-56, HRankPlus", ("92.32", "0.24e6", "34.78e6")),
            Row("ResNet-110, HRankPlus", ("94.20", "1.04e6", "140.54e6")),
            Row("ResNet-110, HRankPlus", ("93.81", "0.72e6", "101.97e6")),
            Row("ResNet-110, HRankPlus", ("93.23", "0.54e6", "71.69e6")),
            Row("VGG-16, unpruned", ("93.96", "14.98e6", "313.73e6")),
            Row("VGG-16, HRankPlus", ("93.73", "2.76e6", "131.17e6")),
            Row("VGG-16, HRankPlus", ("93.56", "2.50e6", "104.78e6")),
            Row("VGG-16, HRankPlus", ("93.10", "1.90e6", "66.95e6")),
            Row("DenseNet-40, HRankPlus", ("94.51", "0.62e6", "173.39e6")),
            Row("DenseNet-40, HRankPlus", ("93.66", "0.39e6", "113.08e6")),
        ],
    ),
    table(
        "fsm_cifar10",
        "Pruned by FSM, CIFAR-10",
        FSM,
        "README",
        "cifar10",
        _COLUMNS,
        [
            Row("ResNet-56, FSM", ("93.58", "0.48e6", "61.7e6")),
            Row("ResNet-56, FSM", ("92.76", "0.27e6", "40.2e6")),
        ],
    ),
)
