"""What was measured of a finished run, in its panel, beside another run's and on the chart."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

A_TIME = re.compile(r"^[\d.]+\s(µs|ms)$")


def test_a_run_tells_its_latency_and_its_scores(visitor: Visitor) -> None:
    page = visitor.page
    first, second = visitor.house.get("runs?state=succeeded&limit=2")["items"]
    visitor.go(f"/?view=runs&run={first['id']}&compare={first['id']}&compare={second['id']}")
    panel = page.get_by_test_id("run-panel").locator("visible=true")
    expect(panel.get_by_test_id("run-latency")).to_have_text(A_TIME)
    expect(panel).to_contain_text(f"80 % of {first['metrics']['latency']['n']} passes")
    expect(panel).to_contain_text(first["metrics"]["latency"]["device"])
    costs = panel.get_by_test_id("run-costs")
    expect(costs).to_contain_text("Peak memory")
    expect(costs).to_contain_text(f"{first['scores']['course_score']:.4g}")
    expect(costs).not_to_contain_text("Attention MACs")  # it has none
    table = page.get_by_test_id("compare")
    for title in ("Latency", "Course score", "MicroNet 2019", "Peak memory"):
        expect(table.get_by_role("rowheader", name=title, exact=True)).to_be_visible()


def test_the_latency_is_an_axis_of_the_chart(visitor: Visitor) -> None:
    study = visitor.house.get("studies")["items"][0]
    visitor.go(f"/?study={study['id']}&x=latency")
    chart = visitor.page.get_by_test_id("tradeoff-chart")
    expect(chart).to_contain_text("Measured latency (ms)")
    expect(chart.locator(".point").nth(study["counts"]["succeeded"] - 1)).to_be_visible()
