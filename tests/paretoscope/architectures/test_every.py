"""What holds for every architecture of the registry, in each of its forms. A new family joins by itself."""

import copy
import pickle
from typing import Any, get_args

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from paretoscope.architectures import ARCHITECTURES, Architecture
from paretoscope.architectures.base import Form, TwoForms
from paretoscope.costs.estimate import estimate
from paretoscope.datasets.spec import DatasetSpec
from paretoscope.training.folding import folded
from paretoscope.variants import Variant

CLASSES = 7
THIN = 0.25
"""Of the usual width: what is tested is the structure, and thin networks are quick."""
ROOMIER = {"tinyconv"}
"""Whose `smallest` is larger than what runs, and whose docstring says why."""

Case = tuple[type[Architecture], Form | None]
CASES: list[Case] = [
    (kind, form) for kind in ARCHITECTURES for form in (get_args(Form) if issubclass(kind, TwoForms) else (None,))
]
every = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{_name(case)}-{case[1]}" if case[1] else _name(case))


def _name(case: Case) -> str:
    return str(case[0].model_fields["name"].default)


def architecture(case: Case, **options: Any) -> Architecture:
    kind, form = case
    return kind.model_validate({"name": _name(case)} | ({"form": form} if form else {}) | options)


def built(case: Case, channels: int = 3, **options: Any) -> nn.Module:
    return architecture(case, **options).build(channels, CLASSES)


def picture(side: int, channels: int = 3, count: int = 2) -> Tensor:
    return torch.randn(count, channels, side, side)


@pytest.mark.parametrize("kind", ARCHITECTURES, ids=lambda kind: kind.__name__)
def test_it_is_described(kind: type[Architecture]) -> None:
    assert kind.title
    assert kind.family
    assert kind.summary.endswith(".")
    assert "\n" not in kind.summary
    assert kind.source.title
    assert 1980 < kind.source.year < 2100
    assert kind.source.url.startswith(("https://", "http://"))
    assert kind.block.title
    assert kind.block.layers


def test_names_and_titles_are_unique() -> None:
    for words in ([_name((kind, None)) for kind in ARCHITECTURES], [kind.title for kind in ARCHITECTURES]):
        assert len(set(words)) == len(words)


@every
def test_it_trains_at_its_smallest_resolution(case: Case) -> None:
    torch.manual_seed(0)
    side = architecture(case).smallest
    network = built(case, width=THIN, resolution=side)
    logits = network(picture(side))
    assert logits.shape == (2, CLASSES)
    loss: Any = nn.functional.cross_entropy(logits, torch.tensor([0, CLASSES - 1]))
    loss.backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


@every
@pytest.mark.parametrize("channels", [1, 3])
def test_it_evaluates_every_picture_from_its_smallest_on(case: Case, channels: int) -> None:
    torch.manual_seed(0)
    smallest = architecture(case).smallest
    for side in (smallest, smallest + 1, smallest + 5):
        network = built(case, channels, width=THIN, resolution=side).eval()
        with torch.inference_mode():
            logits = network(picture(side, channels))
        assert logits.shape == (2, CLASSES)
        assert torch.isfinite(logits).all()


@pytest.mark.parametrize("case", [case for case in CASES if _name(case) not in ROOMIER], ids=_name)
def test_one_pixel_less_does_not_run(case: Case) -> None:
    side = architecture(case).smallest - 1
    with pytest.raises((RuntimeError, ValueError)):
        built(case, width=THIN, resolution=side).eval()(picture(side))


@every
@pytest.mark.parametrize("width", [0.01, 16])
def test_any_width_leaves_every_layer_a_channel(case: Case, width: float) -> None:
    side = architecture(case).smallest
    with torch.device("meta"):
        network = built(case, width=width, resolution=side).eval()
        assert network(picture(side)).shape == (2, CLASSES)
    for name, parameter in network.named_parameters():
        assert parameter.numel(), name


@every
def test_a_copy_and_a_pickle_answer_the_same(case: Case) -> None:
    torch.manual_seed(0)
    side = architecture(case).smallest
    network = built(case, width=THIN, resolution=side).eval()
    images = picture(side)
    with torch.inference_mode():
        answer = network(images)
        for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):  # noqa: S301
            torch.testing.assert_close(other(images), answer)


@every
def test_macs_are_those_of_torchs_own_counter(case: Case) -> None:
    side = max(32, architecture(case).smallest) + 33
    spec = DatasetSpec("some", "Some", "", 3, side, CLASSES, None, flip=True, shift=0)
    variant = Variant.model_validate({"dataset": "some", "architecture": architecture(case).model_dump()})
    with torch.device("meta"):
        network = built(case, resolution=side).eval()
        with FlopCounterMode(display=False) as counter:
            network(picture(side, count=1))
    cost = estimate(variant, spec).baseline
    # It knows no selective scan, and counts a multiplication and an addition for each MAC.
    assert 2 * (cost.macs - cost.scan_macs) == counter.get_total_flops()
    assert cost.params == sum(parameter.numel() for parameter in network.parameters())
    assert cost.bits == 32 * cost.params


@every
def test_what_is_evaluated_computes_the_same(case: Case) -> None:
    """Folding batch norms for evaluation changes nothing but rounding, whatever the network's forward does."""
    torch.manual_seed(0)
    side = architecture(case).smallest + 5
    network = built(case, width=THIN, resolution=side)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)  # type: ignore[arg-type]
            nn.init.uniform_(module.running_var, 0.5, 2.0)  # type: ignore[arg-type]
    network.eval()
    with torch.inference_mode():
        images = picture(side)
        expected = network(images)
        scale = float(expected.abs().max())
        torch.testing.assert_close(folded(network)(images), expected, rtol=1e-3, atol=1e-4 * max(1.0, scale))
