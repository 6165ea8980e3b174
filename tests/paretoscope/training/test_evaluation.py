import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from paretoscope.architectures.resnet_cifar import ResNet20
from paretoscope.datasets import DataFolders, Split, load
from paretoscope.steps.application import apply
from paretoscope.steps.share_weights import ShareWeights
from paretoscope.training import evaluate, wilson_interval
from paretoscope.training.folding import folded


@given(st.integers(1, 100_000), st.data())
def test_wilson_interval_solves_its_equation(count: int, data: st.DataObject) -> None:
    """Both ends p satisfy |p̂ − p| = z·√(p(1−p)/n), Wilson's definition."""
    successes = data.draw(st.integers(0, count))
    interval = wilson_interval(successes, count)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    for end in (interval.low, interval.high):
        assert abs(interval.value - end) == pytest.approx(1.959964 * (end * (1 - end) / count) ** 0.5, abs=1e-7)


def test_wilson_interval_of_a_published_example() -> None:
    # Newcombe 1998, table I: 81 of 263, score method: 0.2553 to 0.3662.
    interval = wilson_interval(81, 263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


def _trained_looking_resnet() -> nn.Module:
    """Batch norms with statistics that folding cannot ignore."""
    torch.manual_seed(0)
    network = ResNet20().build(3, 10)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)  # type: ignore[arg-type]
            nn.init.uniform_(module.running_var, 0.5, 2.0)  # type: ignore[arg-type]
    return network.eval()


def test_folding_changes_nothing_but_rounding() -> None:
    network = _trained_looking_resnet()
    apply(network, [ShareWeights(clusters=16)], warm=True)
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        expected = network(images)
        merged = folded(network)
        assert not any(isinstance(module, nn.BatchNorm2d) for module in merged.modules())
        torch.testing.assert_close(merged(images), expected, rtol=1e-3, atol=1e-3)
        assert torch.equal(network(images), expected)


class Reused(nn.Module):
    """One convolution called twice, each time under another batch norm; another whose output is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.twice, self.first, self.second = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.BatchNorm2d(3)
        self.forked, self.third = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
        for norm in (self.first, self.second, self.third):
            nn.init.normal_(norm.running_mean)  # type: ignore[arg-type]

    def forward(self, images: Tensor) -> Tensor:
        x = self.forked(self.second(self.twice(self.first(self.twice(images)))))
        total: Tensor = self.third(x) + x
        return total


def test_what_cannot_be_folded_is_left_alone() -> None:
    torch.manual_seed(0)
    network = Reused().eval()
    images = torch.randn(2, 3, 4, 4)
    with torch.inference_mode():
        merged = folded(network)
        assert sum(isinstance(module, nn.BatchNorm2d) for module in merged.modules()) == 3
        torch.testing.assert_close(merged(images), network(images))


class Branching(nn.Module):
    """A network that cannot be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 10)

    def forward(self, images: Tensor) -> Tensor:
        means = images.mean((2, 3))
        logits: Tensor = self.fc(means) if means.sum() > 0 else self.fc(-means)
        return logits


def test_a_network_that_branches_on_values_is_evaluated_as_it_is() -> None:
    network = Branching().eval()
    assert folded(network) is network


def test_evaluation_agrees_with_a_plain_loop(folders: DataFolders) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout(), nn.Linear(144, 10))
    data = load("digits", folders)
    network.eval()
    normalised = (data.test.images / 255 - data.mean[0]) / data.std[0]
    with torch.no_grad():
        logits = network(normalised)
    network.train()
    found = evaluate(network, data.test, data.mean, data.std, batch_size=77)
    assert network.training
    assert found.count == 450
    assert found.top1.value == (logits.argmax(1) == data.test.labels).double().mean().item()
    assert found.loss == pytest.approx(nn.functional.cross_entropy(logits, data.test.labels).item(), rel=1e-5)


def test_bf16_agrees_with_fp32_on_a_large_split() -> None:
    network = _trained_looking_resnet()
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (600, 32, 32, 3), dtype=torch.uint8, generator=random).permute(0, 3, 1, 2)
    split = Split(images, torch.randint(0, 10, (600,), generator=random))
    mean, std = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
    full = evaluate(network, split, mean, std, precision="fp32")
    half = evaluate(network, split, mean, std, precision="bf16")
    assert half.loss == pytest.approx(full.loss, rel=0.02)
    assert half.top1.value == pytest.approx(full.top1.value, abs=0.05)
