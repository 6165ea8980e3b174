"""Published tables against what the same networks cost here."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from paretoscope.architectures import ARCHITECTURES
from paretoscope.costs.counters import counted
from paretoscope.costs.counting import Part
from paretoscope.costs.estimate import estimate
from paretoscope.costs.quantities import Cost
from paretoscope.costs.references import (
    COLUMNS,
    TABLES,
    Reference,
    Table,
    agrees,
    mobilenet_v2,
    overlay,
    published,
    recomputed,
    transformers,
)
from paretoscope.costs.references.base import accuracy
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.variants import Variant

ROWS = [row for table in TABLES for row in table.rows]
GROUPS = sorted({row.table for row in ROWS if row.variant is not None})
ELSEWHERE = {"stanford_dogs"}
FAR = {("mobilenet_v1_small", "SqueezeNet"), ("mobilenet_v2_imagenet", "MobileNetV2 (1.4)")}


def rows_of(key: str) -> Iterator[tuple[Reference, Cost]]:
    for row in ROWS:
        found = recomputed(row) if row.table == key else None
        if found is not None:
            yield row, found


def parts_of(row: Reference) -> list[Part]:
    variant = Variant.model_validate(row.variant)
    return [layer.original for layer in estimate(variant, BUILT_IN[variant.dataset]).layers]


@pytest.mark.parametrize("key", GROUPS)
def test_what_is_recomputed_agrees_or_the_note_says_why(key: str) -> None:
    for row, found in rows_of(key):
        for column in {"macs", "params"} & set(row.published):
            here = getattr(found, column)
            if row.note is None:
                assert agrees(row.published[column], here), (row.label, column)
            elif (key, row.label) not in FAR:
                assert here == pytest.approx(float(row.published[column]), rel=0.15), (row.label, column)


def test_rounding() -> None:
    assert agrees(Decimal("569e6"), 568_740_352)
    assert not agrees(Decimal("290e6"), 290_675_200)
    assert agrees(Decimal("4.2e6"), 4_231_976)
    assert not agrees(Decimal("4.24e6"), 4_231_976)
    assert agrees(Decimal(14728266), 14_728_266)
    assert not agrees(Decimal(14728266), 14_728_267)


def test_accuracies_from_errors_keep_their_digits() -> None:
    assert (accuracy("22.2"), accuracy("0.80"), accuracy("6.43")) == ("77.8", "99.20", "93.57")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_a_table_is_whole(table: Table) -> None:
    assert table.source.url.startswith("https://")
    assert table.place
    assert set(table.columns) <= set(COLUMNS)
    for row in table.rows:
        assert row.published
        assert row.dataset in BUILT_IN or row.dataset in ELSEWHERE
        assert all(0.3 < value < 1 for name, value in row.published.items() if name in ("top1", "top5"))
        assert all(value > 0 for value in row.published.values())
        if row.variant is not None:
            Variant.model_validate(row.variant)
        if table.status != "read in the source":
            assert row.note


def test_keys_are_unique() -> None:
    assert len({table.key for table in TABLES}) == len(TABLES)


def test_the_sixteen_models() -> None:
    """FACTS: exact MACs of the formula, in millions, for each width at 224, 192, 160 and 128 pixels."""
    exact = [568.7, 418.1, 290.7, 186.4, 325.4, 239.3, 166.4, 106.8, 149.5, 110.0, 76.5, 49.2, 41.0, 30.2, 21.1, 13.6]
    params = [4_231_976] * 4 + [2_585_560] * 4 + [1_331_592] * 4 + [470_072] * 4
    found = [cost for _, cost in rows_of("mobilenet_v1_checkpoints")]
    assert [round(cost.macs / 1e6, 1) for cost in found] == exact
    assert [cost.params for cost in found] == params


def test_tensorflow_leaves_out_batch_norm_and_cuts_digits() -> None:
    """What the notes of the MobileNetV2 checkpoints claim."""
    for row, found in rows_of(mobilenet_v2.GRID.key):
        norms = sum(part.params for part in parts_of(row) if part.type == "batch_norm")
        assert agrees(row.published["params"], found.params - norms), row.label
        assert found.macs // 1_000_000 == row.published["macs"] / 1_000_000, row.label


@pytest.mark.parametrize("table", transformers.TABLES, ids=lambda table: table.key)
def test_what_fvcore_adds_explains_mobilevit_and_vmamba(table: Table) -> None:
    """Their counters see attention's products and scans, and normalisation on top."""
    for row, found in rows_of(table.key):
        explained = counted(parts_of(row)).fvcore + found.attention_macs + found.scan_macs
        assert agrees(row.published["macs"], explained), row.label


def test_the_cardinality_table() -> None:
    """Exact parameters, and MACs in G, of FACTS for C = 1, 2, 4, 8, 32."""
    found = [cost for _, cost in rows_of("resnext_cardinality")]
    assert [cost.params for cost in found] == [25_557_032, 25_425_000, 25_292_968, 25_603_016, 25_028_904]
    assert [round(cost.macs / 1e9, 3) for cost in found] == [4.089, 4.125, 4.160, 4.267, 4.230]


@pytest.mark.parametrize("dataset", ["imagenet", "cifar10", "cifar100"])
def test_the_overlay_has_an_accuracy_and_a_cost_for_each_point(dataset: str) -> None:
    rows = overlay(dataset)
    assert rows
    assert len({(row.label, row.top1) for row in rows}) == len(rows)
    for row in rows:
        assert row.dataset == dataset
        assert row.top1 is not None
        assert row.variant is not None or {"macs", "params"} & set(row.published)


def test_a_compressed_network_is_not_drawn_at_the_cost_of_the_plain_one() -> None:
    assert not [row for row in overlay("imagenet") if row.table.startswith("deep_compression")]


def test_rows_of_an_architecture() -> None:
    assert {row.table for row in published("resnet20")} >= {"resnet_cifar10", "sal_cifar10"}
    names = {kind.model_fields["name"].default for kind in ARCHITECTURES}
    recomputing = {row.variant["architecture"]["name"] for row in ROWS if row.variant is not None}
    assert recomputing <= names
    assert all(published(name) for name in recomputing)
