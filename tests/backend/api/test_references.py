"""`/references`."""

import time

from starlette.testclient import TestClient

from paretoscope.costs.references import TABLES


def test_one_table_with_what_is_recomputed(client: TestClient) -> None:
    (table,) = client.get("references", params={"table": "mobilenet_v1_width"}).json()["tables"]
    assert table["key"] == "mobilenet_v1_width"
    assert table["place"] == "Table 6"
    assert table["source"]["year"] == 2017
    assert [column["key"] for column in table["columns"]] == ["top1", "macs", "params"]
    full = table["rows"][0]
    assert full["label"] == "1.0 MobileNet-224"
    assert full["published"] == {"top1": 0.706, "macs": 569e6, "params": 4.2e6}
    assert full["recomputed"] == {"macs": 568_740_352, "params": 4_231_976}
    found = client.post("whatif", json=full["variant"]).json()
    assert found["cost"]["macs"] == full["recomputed"]["macs"]


def test_a_network_that_is_not_built_here_is_only_published(client: TestClient) -> None:
    (table,) = client.get("references", params={"table": "mobilenet_v1_popular"}).json()["tables"]
    google = next(row for row in table["rows"] if row["label"] == "GoogleNet")
    assert (google["recomputed"], google["variant"]) == (None, None)


def test_several_tables_in_the_order_asked_for(client: TestClient) -> None:
    keys = ["vmamba", "squeezenet_compression"]
    answer = client.get("references", params={"table": [*keys, keys[0]]}).json()
    assert [table["key"] for table in answer["tables"]] == keys


def test_all_tables_then_at_once(client: TestClient) -> None:
    first = client.get("references").json()
    assert [table["key"] for table in first["tables"]] == [table.key for table in TABLES]
    start = time.perf_counter()
    assert client.get("references").json() == first
    assert time.perf_counter() - start < 0.5


def test_every_variant_can_be_asked_about(client: TestClient) -> None:
    rows = [row for table in client.get("references").json()["tables"] for row in table["rows"]]
    variants = [row["variant"] for row in rows if row["variant"] is not None]
    items = client.post("whatif", json=variants, params={"layers": "false"}).json()["items"]
    recomputed = [row["recomputed"] for row in rows if row["variant"] is not None]
    assert [{key: item["cost"][key] for key in ("macs", "params")} for item in items] == recomputed


def test_an_unknown_table(client: TestClient) -> None:
    answer = client.get("references", params={"table": "nope"})
    assert answer.status_code == 422
    assert "mobilenet_v1_width" in answer.json()["error"]["message"]
