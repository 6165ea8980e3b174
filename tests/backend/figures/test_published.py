"""Published results as the chart has them, against the tables they come from (FACTS.md)."""

import pytest

from backend.figures.published import Reference, published


def of(dataset: str, key: str, family: str) -> dict[str, Reference]:
    return {one.label: one for one in published(dataset, key) if one.family == family}


def test_the_mobilenet_grid_has_its_published_costs() -> None:
    macs, params = of("imagenet", "macs", "MobileNetV1"), of("imagenet", "params", "MobileNetV1")
    full = macs["1.0 MobileNet-224"]
    assert full.cost == 569e6
    assert full.top1 == pytest.approx(0.706)
    assert params["1.0 MobileNet-224"].cost == 4.2e6
    assert "MobileNets: Efficient Convolutional Neural Networks" in full.source
    assert "2017" in full.source
    assert "counted here" not in full.source


def test_a_cost_that_nobody_printed_is_counted_and_says_so() -> None:
    squeezenet = of("imagenet", "params", "SqueezeNet")
    assert squeezenet["AlexNet"].cost == 60_965_224
    assert squeezenet["AlexNet"].top1 == pytest.approx(0.572)
    assert of("imagenet", "macs", "SqueezeNet")["AlexNet"].cost == 724_406_816
    assert all(one.source.endswith("cost counted here") for one in squeezenet.values())


def test_a_compressed_network_is_not_drawn_at_the_cost_of_the_plain_one() -> None:
    labels = [one.label for one in published("imagenet", "params") if "Deep Compression" in one.source]
    assert labels == []


@pytest.mark.parametrize("dataset", ["imagenet", "cifar10", "cifar100"])
@pytest.mark.parametrize("key", ["macs", "params"])
def test_every_result_can_be_drawn(dataset: str, key: str) -> None:
    found = published(dataset, key)
    assert found
    for one in found:
        assert one.cost > 0
        assert 0 < one.top1 < 1
        assert one.label
        assert one.source
    assert len({one.family for one in found}) < 12  # a legend can hold them


def test_digitised_points_say_so() -> None:
    assert all("digitised" in one.source for one in of("cifar10", "macs", "Shift attention").values())
    assert of("cifar10", "macs", "Shift attention")


@pytest.mark.parametrize("key", ["bits", "memory", "latency", "course_score"])
def test_no_other_cost_is_claimed(key: str) -> None:
    assert published("imagenet", key) == ()
