"""A person's way through the page, in a real browser against the real server, worker and broker."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visitor
from tests.e2e.house import wait_for

WIDE = {"viewport": {"width": 1440, "height": 1000}}
NARROW = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def cost(page: Page, key: str) -> Locator:
    return page.get_by_test_id(f"cost-{key}").locator("data")


def add_step(page: Page, kind: str) -> Locator:
    """Add a step of a kind and return its card."""
    more = page.get_by_test_id("add-step")
    if more.count():
        more.click()
    page.locator(f'[data-add="{kind}"]').click()
    return page.get_by_test_id("step").last


def test_choose_cost_train_see_click_reload(visitor: Visitor) -> None:
    """The main job: choose, see the cost change, train, see the point land, click it, reload: the same view."""
    page = visitor.page
    visitor.go()
    expect(cost(page, "macs")).to_have_attribute("value", "843744")
    expect(page.get_by_test_id("tradeoff-chart").locator(".point").first).to_be_visible()

    add_step(page, "depthwise_separable")
    expect(cost(page, "macs")).not_to_have_attribute("value", "843744")
    asked = variant_of_the_page(visitor)
    assert asked["cost"]["macs"] == int(cost(page, "macs").get_attribute("value") or 0)

    page.get_by_test_id("train").click()
    run = wait_for(lambda: find_run(visitor, asked["fingerprint"]), "the run", 20)
    assert visitor.house.wait_until_over(run["id"])["state"] == "succeeded"

    page.get_by_test_id("toggle-table").click()
    row = page.get_by_test_id("tradeoff-table").locator(f'[data-run="{run["id"]}"]')
    expect(row).to_be_visible()
    row.click()
    expect(page.get_by_test_id("run-panel")).to_contain_text(run["label"])

    seen = page.url
    macs = cost(page, "macs").get_attribute("value")
    page.reload()
    expect(page.get_by_test_id("run-panel")).to_contain_text(run["label"])
    expect(cost(page, "macs")).to_have_attribute("value", str(macs))
    expect(page.get_by_test_id("step")).to_have_count(1)
    assert page.url == seen


def variant_of_the_page(visitor: Visitor) -> dict[str, Any]:
    """What the API says of the variant that the page shows: the plain network with one depthwise step."""
    variant = {
        "dataset": "digits",
        "architecture": {"name": "tinyconv"},
        "steps": [{"kind": "depthwise_separable"}],
    }
    answer: dict[str, Any] = visitor.house.call("POST", "whatif", variant)
    return answer


def find_run(visitor: Visitor, fingerprint: str) -> dict[str, Any] | None:
    runs: list[dict[str, Any]] = visitor.house.get("runs?limit=100")["items"]
    return next((run for run in runs if run["fingerprint"] == fingerprint), None)


def test_a_point_of_the_chart_can_be_clicked(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go()
    chart = page.get_by_test_id("tradeoff-chart")
    point = chart.locator(".scatterlayer .trace .point").first
    expect(point).to_be_visible()
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_test_id("run-panel")).to_contain_text("TinyConv")
    assert "run=" in page.url


def test_a_problem_is_told_at_its_step_with_a_way_out(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go()
    expect(cost(page, "macs")).to_have_attribute("value", "843744")
    card = add_step(page, "grouped")
    expect(card).to_contain_text("conv1")
    expect(page.get_by_test_id("train")).to_be_disabled()
    card.get_by_role("button", name=re.compile("exclude conv1", re.IGNORECASE)).click()
    expect(cost(page, "macs")).to_have_attribute("value", "429024")
    expect(page.get_by_test_id("train")).to_have_text("Already trained")  # it is one of the quickstart's


def test_back_and_forward_walk_through_the_views(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go()
    expect(cost(page, "macs")).to_have_attribute("value", "843744")
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_test_id("runs-table")).to_be_visible()
    page.go_back()
    expect(page.get_by_test_id("tradeoff-chart")).to_be_visible()
    page.go_forward()
    expect(page.get_by_test_id("runs-table")).to_be_visible()


def test_a_damaged_address_still_opens(visitor: Visitor) -> None:
    visitor.go("/?view=nope&study=none&steps=%00(((&arch=zzz&x=price&data=../etc")
    expect(visitor.page.get_by_test_id("tradeoff-chart")).to_be_visible()
    expect(cost(visitor.page, "macs")).to_have_attribute("value", re.compile(r"\d+"))


def test_a_run_is_watched_and_cancelled(visitor: Visitor) -> None:
    """A long run appears in Runs with live progress; cancelling it there stops it."""
    page = visitor.page
    variant = {"dataset": "digits", "architecture": {"name": "tinyconv"}, "recipe": {"epochs": 900}, "seed": 3}
    visitor.go("/?view=runs")
    expect(page.get_by_test_id("runs-table")).to_be_visible()
    run = visitor.house.call("POST", "runs", {"variant": variant})
    row = page.locator(f'[data-testid="run-row"][data-run="{run["id"]}"]')
    expect(row).to_contain_text(re.compile("running", re.IGNORECASE))
    row.get_by_role("button").or_(row.get_by_role("link")).first.click()
    panel = page.get_by_test_id("run-panel")
    panel.get_by_role("button", name=re.compile("cancel", re.IGNORECASE)).click()
    confirm = panel.get_by_role("button", name=re.compile("^(yes|cancel (it|the run))", re.IGNORECASE))
    if confirm.count():
        confirm.first.click()
    assert visitor.house.wait_until_over(run["id"])["state"] == "cancelled"
    expect(row).to_contain_text(re.compile("cancelled", re.IGNORECASE))


@pytest.mark.parametrize("visitor", [WIDE, {**WIDE, "color_scheme": "dark"}, NARROW], indirect=True)
@pytest.mark.parametrize("view", ["explore", "runs"])
def test_it_is_accessible_and_fits(visitor: Visitor, view: str) -> None:
    """axe finds nothing, and nothing is wider than the window."""
    page = visitor.page
    visitor.go(f"/?view={view}")
    settled = cost(page, "macs") if view == "explore" else page.get_by_test_id("run-row").first
    expect(settled).to_be_visible()
    if view == "explore":
        expect(page.get_by_test_id("tradeoff-chart").locator(".point").first).to_be_attached()
    found = Axe().run(page).response["violations"]
    assert [(issue["id"], [node["html"][:200] for node in issue["nodes"]]) for issue in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
