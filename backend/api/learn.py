"""`/learn`: the lecture's formulas for a person's own numbers, without a job or a row."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body

from backend.api.models import Items
from backend.errors import documented
from paretoscope.lecture.convolution import Convolution
from paretoscope.lecture.examples import CONVOLUTIONS, KERNELS, ConvolutionExample, KernelExample
from paretoscope.lecture.kernel import Decomposition, Kernel, decompose
from paretoscope.lecture.slips import SLIPS, Slip
from paretoscope.lecture.ways import Way, compare

router = APIRouter(tags=["learn"])

SOBEL = {"values": KERNELS[0].values}


@dataclass(frozen=True, slots=True)
class Lecture:
    """What there is to try and to read."""

    convolution: dict[str, Any]
    """JSON Schema of what `/learn/convolution` takes."""
    convolutions: tuple[ConvolutionExample, ...]
    kernels: tuple[KernelExample, ...]
    slips: tuple[Slip, ...]


@router.get("/learn")
def read_lecture() -> Lecture:
    """Convolutions and kernels worth a look, and where the lecture's slides slip."""
    return Lecture(Convolution.model_json_schema(), CONVOLUTIONS, KERNELS, SLIPS)


@router.post("/learn/convolution", responses=documented(413, 422))
def take_apart(body: Annotated[Convolution, Body(examples=[Convolution().model_dump(mode="json")])]) -> Items[Way]:
    """What a convolution costs as it is, grouped, separated in depth or in space, and as a shift.

    Left out, every field is that of the lecture's example: 86 400 MACs, or 10 275 depthwise separable.
    """
    return Items(items=list(compare(body)))


@router.post("/learn/kernel", responses=documented(413, 422))
def divide(body: Annotated[Kernel, Body(examples=[SOBEL])]) -> Decomposition:
    """How nearly a kernel can be written as a sum of 1, 2, 3, … products of 1-D kernels."""
    return decompose(body)
