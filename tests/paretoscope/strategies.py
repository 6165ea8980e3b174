"""Random but valid variants for property tests."""

from typing import Any

from hypothesis import strategies as st

from paretoscope.datasets.spec import DatasetSpec
from paretoscope.variants import Variant

NETWORKS = [{"name": "tinyconv"}, {"name": "resnet20"}, {"name": "resnet20", "shortcut": "B"}]
NOT_THE_FIRST = {"exclude": ["conv1"]}


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


def steps() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Up to two structural steps on different layers, and perhaps weight sharing on all that results."""
    first = st.sampled_from(
        [
            {"kind": "spatial_separable", "rank": {"rule": "ratio", "value": 0.3}},
            {"kind": "spatial_separable", "rank": {"rule": "fixed", "value": 2}},
            {"kind": "depthwise_separable"},
            {"kind": "depthwise_separable", "terms": 3},
            {"kind": "grouped", "groups": 4, "layers": NOT_THE_FIRST},
        ]
    )
    then = st.sampled_from(
        [
            {"kind": "share_weights", "clusters": 8, "layers": NOT_THE_FIRST},
            {"kind": "share_weights", "clusters": 2, "layers": {"include": ["*conv*"]}},
            {"kind": "share_weights", "clusters": 3, "layers": {"include": ["fc"]}},
        ]
    )
    return st.builds(lambda a, b: [*a, *b], st.lists(first, max_size=1), st.lists(then, max_size=1))


def variants() -> st.SearchStrategy[Variant]:
    """Valid variants of every architecture."""
    return st.builds(
        lambda network, width, chosen: Variant.model_validate(
            {"dataset": "some", "architecture": {**network, "width": width}, "steps": chosen}
        ),
        st.sampled_from(NETWORKS),
        st.sampled_from([0.5, 1.0, 2.0]),
        steps(),
    )
