"""Explore stays calm: nothing jumps while it loads, nothing is rewritten that did not change, nothing is cut off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""

# In which layer's row, or bar, and in which column something is written.
WATCH = """() => {
  window.written = [];
  const watcher = new MutationObserver((changes) => {
    for (const { target } of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const row = element.closest("tr")?.dataset.layer ?? element.closest("[data-bar]")?.getAttribute("aria-label");
      window.written.push([row ?? "", element.closest("[data-col]")?.dataset.col ?? ""]);
    }
  });
  for (const part of document.querySelectorAll(".layers, [data-testid=network]"))
    watcher.observe(part, { subtree: true, childList: true, attributes: true, characterData: true });
}"""

MISSING = (
    "[...document.querySelectorAll('.layer-panel .table-scroll')].map((box) => box.scrollWidth - box.clientWidth)[0]"
)


def wait_for_layers(page: Page) -> None:
    expect(page.locator("tr.layer").first).to_be_visible()


def test_the_chart_takes_the_place_of_what_stood_for_it(visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script(SHIFTS)
    visitor.go()
    expect(page.get_by_test_id("tradeoff-chart").locator(".point").first).to_be_attached()
    wait_for_layers(page)
    assert page.evaluate("window.shift") < 0.1  # what web.dev calls good


def test_a_chart_drawn_behind_its_table_has_the_width_of_the_page(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?as=table")
    expect(page.get_by_test_id("tradeoff-table").locator("tbody tr").first).to_be_visible()
    chart = page.get_by_test_id("tradeoff-chart")
    expect(chart).to_be_hidden()
    page.get_by_test_id("toggle-table").click()
    expect(chart.locator(".point").first).to_be_visible()
    page.wait_for_function(
        "document.querySelector('.plot svg').clientWidth === document.querySelector('.plot').clientWidth"
    )


def test_rows_that_did_not_change_are_not_rewritten(visitor: Visitor) -> None:
    """A rank of one layer changes its row; the rows beside it only where a share or what the layer is fed differs."""
    page = visitor.page
    step = "spatial_separable(layers:(include:!(conv2)),rank:(rule:ratio,value:0.5))"
    visitor.go(f"/?data=digits&arch=tinyconv&step={step}")
    wait_for_layers(page)
    expect(page.locator("tr.changed")).to_have_count(1)
    page.evaluate(WATCH)
    with page.expect_response(re.compile("/whatif")):
        page.get_by_label("Seed").fill("7")  # costs nothing
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")
    assert page.evaluate("window.written") == []
    macs = page.locator('tr[data-layer="conv2"] [data-col="macs"]')
    before = macs.text_content() or ""
    page.locator(".step").get_by_role("slider").first.press("ArrowLeft")
    expect(macs).not_to_have_text(before)
    assert {row for row, column in page.evaluate("window.written") if column not in ("", "share")} == {"conv2"}


@pytest.mark.parametrize("width", [1440, 1280, 1024, 600, 390])
def test_the_table_shows_as_many_columns_as_fit(visitor: Visitor, width: int) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    visitor.go("/?data=imagenet&arch=mobilevit_s&step=grouped(layers:(include:!(conv2*)))")
    wait_for_layers(page)
    page.wait_for_function(f"{MISSING} <= 0")
    for title in ("Layer", "MACs", "Share"):
        expect(page.get_by_role("columnheader", name=title, exact=True)).to_be_visible()
    page.set_viewport_size({"width": 1900, "height": 900})
    expect(page.locator('.layers th[data-col="shape"]')).to_be_visible()


def test_names_of_another_network_can_be_left_out(visitor: Visitor) -> None:
    """After a change of the network, a step may name layers that the new one does not have."""
    page = visitor.page
    visitor.go("/?data=imagenet&arch=squeezenet1_1&step=grouped(layers:(include:!(layer1.0.conv2,features.3.squeeze)))")
    page.get_by_role("button", name="Leave this name out").click()
    expect(page.locator(".problem")).to_have_count(0)
    expect(page.get_by_test_id("step")).to_contain_text("Acts on 1 of 26 layers: features.3.squeeze")
    expect(page.locator(".step-head")).to_be_focused()


def test_a_remedy_leaves_the_focus_in_its_field(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?data=digits&arch=tinyconv")
    wait_for_layers(page)
    page.get_by_label("Classes").fill("1")
    page.get_by_role("button", name="Use 2").press("Enter")
    expect(page.get_by_label("Classes")).to_have_value("2")
    expect(page.get_by_label("Classes")).to_be_focused()


def test_escape_closes_the_list_of_steps(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?data=digits&arch=tinyconv&step=share_weights")
    page.get_by_test_id("add-step").press("Enter")
    expect(page.get_by_role("button", name="Close the list")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("add-step")).to_be_focused()


def test_the_playground_says_where_a_number_is_wrong(visitor: Visitor) -> None:
    """A kernel's number is named by its place, and the channels have the focus that the button took with it."""
    page = visitor.page
    visitor.go("/?view=learn")
    page.get_by_role("button", name="Make the channels fit").press("Enter")
    expect(page.get_by_label("Input channels Din")).to_be_focused()
    expect(page.get_by_role("button", name="Make the channels fit")).to_have_count(0)
    cell = page.get_by_label("Row 2, column 3", exact=True)
    cell.fill("1e300")
    expect(page.locator(".problem")).to_contain_text("Row 2, column 3: ")
