"""The convolution a person asks about."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from torch import nn

from paretoscope.options import Options
from paretoscope.steps.base import Site

Side = Annotated[int, Field(ge=1, le=15)]


class Convolution(Options):
    """A standard convolution of one image, and how far it is to be taken apart. The defaults are the lecture's example.

    The lecture counts with the output's size; `height` and `width` are the input's, from which it follows.
    """

    height: int = Field(default=7, ge=1, le=1024, title="Input height", description="Rows of the input.")
    width: int = Field(default=7, ge=1, le=1024, title="Input width", description="Columns of the input.")
    padding: Literal["none", "same"] = Field(
        default="none",
        title="Padding",
        description="`same` surrounds the input with zeros, so that stride 1 keeps its size.",
    )
    kernel: Annotated[tuple[Side, Side], Field(strict=False)] = Field(
        default=(3, 3), validate_default=True, title="Kernel", description="Rows and columns of the window."
    )
    in_channels: int = Field(default=3, ge=1, le=4096, title="Input channels", description="The lecture's Din.")
    out_channels: int = Field(default=128, ge=1, le=4096, title="Output channels", description="The lecture's Dout.")
    stride: int = Field(default=1, ge=1, le=8, title="Stride", description="Pixels from one window to the next.")
    groups: int = Field(
        default=2, ge=1, le=4096, title="Groups", description="Of the grouped way; must divide both channel counts."
    )
    rank: int | None = Field(
        default=None,
        ge=1,
        le=65_536,
        title="Rank",
        description="Channels between the two spatially separable convolutions; empty: about half of the MACs.",
    )

    @field_validator("kernel")
    @classmethod
    def _fits(cls, kernel: tuple[int, int], info: ValidationInfo) -> tuple[int, int]:
        """Refuse a window that finds no place in the input, or has no middle where the padding needs one."""
        rows, columns = kernel
        height, width = info.data.get("height", rows), info.data.get("width", columns)
        if info.data.get("padding") == "same":
            if rows % 2 == 0 or columns % 2 == 0:
                raise ValueError(f"a {rows}×{columns} kernel has no middle, which “same” padding needs: use odd sides")
        elif rows > height or columns > width:
            raise ValueError(f"a {rows}×{columns} kernel does not fit into a {height}×{width} input without padding")
        return kernel

    def layer(self) -> nn.Conv2d:
        """Return the standard convolution, on the meta device."""
        margin = (self.kernel[0] // 2, self.kernel[1] // 2) if self.padding == "same" else (0, 0)
        return nn.Conv2d(
            self.in_channels, self.out_channels, self.kernel, self.stride, margin, bias=False, device="meta"
        )

    def site(self) -> Site:
        """Return the standard convolution where it stands."""
        return Site(self.layer(), (self.height, self.width))
