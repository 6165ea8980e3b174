"""Random but valid variants for property tests."""

from typing import Any

from hypothesis import strategies as st

from paretoscope.datasets.spec import DatasetSpec
from paretoscope.variants import Variant

NETWORKS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "tinyconv"}, "conv1", "fc"),
    ({"name": "lenet5"}, "conv1", "fc3"),
    ({"name": "resnet20"}, "conv1", "fc"),
    ({"name": "resnet20", "shortcut": "B"}, "conv1", "fc"),
    ({"name": "resnext29_8x64d", "cardinality": 2, "group_width": 8}, "conv1", "fc"),
    ({"name": "mobilenet_v2", "form": "cifar"}, "features.0.0", "classifier"),
    ({"name": "mobilevit_xxs"}, "conv1.0", "fc"),
    ({"name": "vmamba_t"}, "conv1", "head"),
]
"""Plain, unpadded, residual, grouped, depthwise, attending and scanning networks, with their first and last layer."""


def specs() -> st.SearchStrategy[DatasetSpec]:
    """Data sets of every kind of picture the networks take."""
    return st.builds(
        DatasetSpec,
        name=st.just("some"),
        title=st.just("Some"),
        summary=st.just(""),
        channels=st.sampled_from([1, 3]),
        resolution=st.integers(8, 40),
        num_classes=st.integers(2, 20),
        classes=st.none(),
        flip=st.booleans(),
        shift=st.integers(0, 4),
    )


def steps(first_layer: str, last_layer: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Up to two structural steps on different layers, and perhaps weight sharing on all that results."""
    not_the_first = {"exclude": [first_layer]}
    first = st.sampled_from(
        [
            {"kind": "spatial_separable", "rank": {"rule": "ratio", "value": 0.3}},
            {"kind": "spatial_separable", "rank": {"rule": "fixed", "value": 2}},
            {"kind": "depthwise_separable"},
            {"kind": "depthwise_separable", "terms": 3},
            {"kind": "grouped", "groups": 2, "layers": not_the_first},
        ]
    )
    then = st.sampled_from(
        [
            {"kind": "share_weights", "clusters": 8, "layers": not_the_first},
            {"kind": "share_weights", "clusters": 2, "layers": {"include": ["*conv*"]}},
            {"kind": "share_weights", "clusters": 3, "layers": {"include": [last_layer]}},
        ]
    )
    return st.builds(lambda a, b: [*a, *b], st.lists(first, max_size=1), st.lists(then, max_size=1))


@st.composite
def variants(draw: st.DrawFn) -> Variant:
    """Variants whose parts go together, of every kind of network."""
    network, first_layer, last_layer = draw(st.sampled_from(NETWORKS))
    width = draw(st.sampled_from([0.5, 1.0, 2.0]))
    chosen = draw(steps(first_layer, last_layer))
    return Variant.model_validate({"dataset": "some", "architecture": {**network, "width": width}, "steps": chosen})
