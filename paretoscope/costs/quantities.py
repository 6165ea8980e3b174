"""What is counted of a network, for one image."""

from typing import NamedTuple


class Others(NamedTuple):
    """Operations outside the MAC convention, in values: what other counters add, each with a weight of its own."""

    bias: int = 0
    """Output values that a bias is added to."""
    batch_norm: int = 0
    """Values that a batch normalisation normalises."""
    layer_norm: int = 0
    """Values that a layer, group or RMS normalisation normalises."""
    relu: int = 0
    """Values through ReLU, ReLU6 or leaky ReLU."""
    sigmoid: int = 0
    """Values through sigmoid, tanh or hard sigmoid."""
    swish: int = 0
    """Values through SiLU (swish) or hard swish."""
    gelu: int = 0
    """Values through GELU."""
    softmax: int = 0
    """Values through softmax."""
    pooling: int = 0
    """Values that pooling reads, average over the whole picture included."""
    pooled: int = 0
    """Values that pooling writes. Not part of the sum: `pooling` stands for the operation."""
    addition: int = 0
    """Values added or subtracted one by one, as in a residual."""
    multiplication: int = 0
    """Values multiplied or divided one by one, as in a gate."""

    @property
    def operations(self) -> int:
        """One operation a value: the excluded column."""
        return sum(self) - self.pooled


class Cost(NamedTuple):
    """What a network, or a part of it, costs for one image. Exact, known without training, and additive."""

    params: int = 0
    """Numbers the network is made of."""
    macs: int = 0
    """Multiply-accumulates of convolutions, linear layers, matrix products and scans."""
    bits: int = 0
    """What the parameters take to store."""
    activations: int = 0
    """Output values of everything that has MACs."""
    attention_macs: int = 0
    """Those of `macs` in products of two activations, as in attention."""
    scan_macs: int = 0
    """Those of `macs` in selective scans."""
    structured_macs: int = 0
    """`macs` without filters and input channels that are wholly zero."""
    sparse_macs: int = 0
    """`macs` of the weights that are not zero: what ideal sparse hardware would do."""
    excluded: int = 0
    """Operations outside the convention, one a value (`Others.operations`)."""
