"""Explore in a real browser: instant numbers, steps for single layers, undo, pins, the gallery, the drawing."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visitor

WIDE = {"viewport": {"width": 1440, "height": 1000}}
NARROW = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}

PLAIN_TINY = 843_744
PLAIN_RESNET20 = 40_551_040

# In which frame an answer comes and in which the number on the card changes: the same one, so the next paint shows it.
WATCH = """
window.seen = [];
let frame = 0;
const tick = () => { frame += 1; requestAnimationFrame(tick); };
requestAnimationFrame(tick);
const ask = window.fetch;
window.fetch = async (...request) => {
  const response = await ask(...request);
  if (String(request[0]).includes("/whatif")) {
    const read = response.json.bind(response);
    response.json = async () => { const body = await read(); window.answered = frame; return body; };
  }
  return response;
};
addEventListener("DOMContentLoaded", () => new MutationObserver((changes) => {
  const hit = changes.some(({ target }) => target.closest?.("[data-testid=cost-macs]"));
  if (hit) window.seen.push(frame - window.answered);
}).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["value"] }));
"""

# Every what-if takes a while, and it is counted how many are under way at once.
SLOW = """
window.most = 0;
window.asked = 0;
let now = 0;
const ask = window.fetch;
window.fetch = async (...request) => {
  if (!String(request[0]).includes("/whatif")) return ask(...request);
  now += 1;
  window.asked += 1;
  window.most = Math.max(window.most, now);
  await new Promise((done) => setTimeout(done, 60));
  try { return await ask(...request); } finally { now -= 1; }
};
"""


def cost(page: Page, key: str) -> Locator:
    return page.get_by_test_id(f"cost-{key}").locator("data")


def whatif(visitor: Visitor, **variant: Any) -> dict[str, Any]:
    """What the API says of a variant: of ResNet-20 on CIFAR-10 unless told otherwise."""
    body = {"dataset": "cifar10", "architecture": {"name": "resnet20"}} | variant
    answer: dict[str, Any] = visitor.house.call("POST", "whatif", body)
    return answer


def open_resnet20(visitor: Visitor, query: str = "") -> Page:
    visitor.go(f"/?data=cifar10&arch=resnet20{query}")
    expect(visitor.page.get_by_test_id("network").locator("[data-bar]")).to_have_count(20)
    return visitor.page


def row(page: Page, name: str) -> Locator:
    return page.locator(f'tr[data-layer="{name}"]')


def changed_rows(page: Page) -> list[str]:
    rows = page.locator("tr.layer.changed")
    names: list[str] = rows.evaluate_all("rows => rows.map((row) => row.dataset.layer)")
    return names


def test_a_slider_moves_the_number_in_the_frame_of_the_answer(visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script(WATCH)
    visitor.go("/?arch=tinyconv")
    expect(cost(page, "macs")).to_have_attribute("value", str(PLAIN_TINY))
    page.evaluate("window.seen.length = 0")
    slider = page.get_by_role("slider", name="Width")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    width = float(page.get_by_label("Width", exact=True).last.input_value())
    assert width < 1
    wanted = whatif(visitor, dataset="digits", architecture={"name": "tinyconv", "width": width})
    expect(cost(page, "macs")).to_have_attribute("value", str(wanted["cost"]["macs"]))
    assert set(page.evaluate("window.seen")) == {0}


def test_questions_go_one_by_one_and_the_last_answer_stays(visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script(SLOW)
    visitor.go("/?arch=tinyconv")
    expect(cost(page, "macs")).to_have_attribute("value", str(PLAIN_TINY))
    page.evaluate("window.asked = 0")
    page.get_by_role("slider", name="Width").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    width = float(page.get_by_label("Width", exact=True).last.input_value())
    wanted = whatif(visitor, dataset="digits", architecture={"name": "tinyconv", "width": width})
    expect(cost(page, "macs")).to_have_attribute("value", str(wanted["cost"]["macs"]))
    assert page.evaluate("window.most") == 1
    assert page.evaluate("window.asked") < 10


def test_two_layers_get_a_step_of_their_own(visitor: Visitor) -> None:
    """One is selected by the space bar, one by the pointer; only these two change, in the table and in the drawing."""
    page = open_resnet20(visitor)
    page.get_by_label("Select layer1.0.conv1").press("Space")
    page.get_by_label("Select layer2.1.conv2").click()
    page.get_by_test_id("apply").click()
    page.locator('[data-apply="grouped"]').click()
    wanted = whatif(visitor, steps=[{"kind": "grouped", "layers": {"include": ["layer1.0.conv1", "layer2.1.conv2"]}}])
    expect(cost(page, "macs")).to_have_attribute("value", str(wanted["cost"]["macs"]))
    expect(row(page, "layer1.0.conv1")).to_have_class(re.compile("changed"))
    assert changed_rows(page) == ["layer1.0.conv1", "layer2.1.conv2"]
    expect(page.locator(".bar-layer.changed")).to_have_count(2)
    expect(page.get_by_test_id("step")).to_contain_text("Acts on 2 of 20 layers")
    page.reload()
    expect(row(page, "layer2.1.conv2")).to_have_class(re.compile("changed.*picked"))


def test_what_a_selected_layer_cannot_take_is_left_out(visitor: Visitor) -> None:
    """The linear layer cannot be grouped at all; the first convolution not in two, as its three inputs say."""
    page = open_resnet20(visitor)
    page.get_by_label("Select conv1").click()
    page.get_by_label("Select fc").click()
    page.get_by_label("Select layer1.0.conv1").click()
    page.get_by_test_id("apply").click()
    choice = page.locator('[data-apply="grouped"]')
    expect(choice).to_contain_text("2 of 3")
    choice.click()
    step = page.get_by_test_id("step")
    step.get_by_role("button", name="Exclude conv1").click()
    wanted = whatif(visitor, steps=[{"kind": "grouped", "layers": {"include": ["layer1.0.conv1"]}}])
    expect(cost(page, "macs")).to_have_attribute("value", str(wanted["cost"]["macs"]))


def test_a_step_is_narrowed_and_widened_by_the_selection(visitor: Visitor) -> None:
    page = open_resnet20(visitor, "&step=grouped(layers:(exclude:!(conv1)))&pick=!(layer1.0.conv1)")
    expect(page.locator("tr.layer.changed")).to_have_count(18)
    page.get_by_test_id("use-selection").click()
    expect(page.locator("tr.layer.changed")).to_have_count(1)
    page.get_by_label("Select layer1.2.conv2").click(modifiers=["Shift"])
    page.get_by_test_id("apply").click()
    page.get_by_role("button", name="These too: step 1").click()
    expect(page.locator("tr.layer.changed")).to_have_count(6)
    page.get_by_test_id("select-none").click()
    page.get_by_label("Select layer1.1.conv1").click()
    page.get_by_test_id("apply").click()
    page.get_by_role("button", name="Not these: step 1").click()
    expect(page.locator("tr.layer.changed")).to_have_count(5)


def test_a_drag_is_one_entry_of_undo(visitor: Visitor) -> None:
    page = open_resnet20(visitor)
    expect(page.get_by_test_id("undo")).to_have_attribute("aria-disabled", "true")
    slider = page.get_by_role("slider", name="Width")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.52, middle)
    page.mouse.down()
    for share in (0.45, 0.4, 0.35, 0.3):
        page.mouse.move(box["x"] + box["width"] * share, middle)
    page.mouse.up()
    width = float(page.get_by_label("Width", exact=True).last.input_value())
    assert width < 1
    thin = whatif(visitor, architecture={"name": "resnet20", "width": width})["cost"]["macs"]
    expect(cost(page, "macs")).to_have_attribute("value", str(thin))
    page.get_by_label("Shortcut", exact=True).select_option("B")
    expect(cost(page, "macs")).not_to_have_attribute("value", str(thin))
    page.get_by_test_id("undo").click()
    expect(cost(page, "macs")).to_have_attribute("value", str(thin))
    page.keyboard.press("Control+z")
    expect(cost(page, "macs")).to_have_attribute("value", str(PLAIN_RESNET20))
    expect(page.get_by_test_id("undo")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+Shift+z")
    expect(cost(page, "macs")).to_have_attribute("value", str(thin))
    page.keyboard.press("Control+y")
    expect(page.get_by_label("Shortcut", exact=True)).to_have_value("1")
    expect(page.get_by_test_id("redo")).to_have_attribute("aria-disabled", "true")


def test_undo_leaves_text_fields_to_the_browser(visitor: Visitor) -> None:
    page = open_resnet20(visitor)
    page.get_by_label("Classes").fill("20")
    wider = whatif(visitor, architecture={"name": "resnet20", "num_classes": 20})
    expect(cost(page, "params")).to_have_attribute("value", str(wider["cost"]["params"]))
    page.get_by_label("Classes").press("Control+z")
    expect(page.get_by_test_id("undo")).to_have_attribute("aria-disabled", "false")
    page.get_by_test_id("undo").click()
    expect(cost(page, "macs")).to_have_attribute("value", str(PLAIN_RESNET20))


def test_a_pinned_variant_is_compared_with(visitor: Visitor) -> None:
    page = open_resnet20(visitor)
    page.get_by_test_id("pin").click()
    expect(page.get_by_test_id("pin-line")).to_contain_text("ResNet-20")
    expect(page.get_by_test_id("pinned-macs")).to_contain_text("no change")
    page.get_by_role("slider", name="Width").press("ArrowLeft")
    expect(page.get_by_test_id("pinned-macs")).to_contain_text("−")
    expect(page.get_by_test_id("pinned-macs")).to_contain_text("pinned 40.6")
    thin = cost(page, "macs").get_attribute("value")
    expect(page).to_have_url(re.compile("width"))
    page.reload()
    expect(page.get_by_test_id("pinned-macs")).to_contain_text("pinned 40.6")
    page.get_by_test_id("swap").click()
    expect(cost(page, "macs")).to_have_attribute("value", str(PLAIN_RESNET20))
    expect(page.get_by_test_id("pinned-macs")).to_contain_text("+")
    page.get_by_test_id("swap").click()
    expect(cost(page, "macs")).to_have_attribute("value", str(thin))
    page.get_by_test_id("unpin").click()
    expect(page.get_by_test_id("pin-line")).to_be_hidden()
    expect(page.get_by_test_id("pinned-macs")).to_be_hidden()
    assert "pin=" not in page.url


def test_a_network_is_chosen_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?data=imagenet&arch=resnet20")
    opener = page.get_by_test_id("architecture")
    expect(opener).to_contain_text("ResNet-20")
    opener.focus()
    page.keyboard.press("Enter")
    gallery = page.get_by_test_id("gallery")
    expect(gallery.get_by_test_id("gallery-search")).to_be_focused()
    page.keyboard.type("inverted 2018")
    expect(gallery.locator(".gallery-card:visible")).to_have_count(1)
    expect(gallery.locator(".gallery-accuracy:visible")).to_contain_text("top-1 on ImageNet")
    page.keyboard.press("Escape")
    expect(gallery).to_have_count(0)
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(gallery.locator(".gallery-pick").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("squeezenet 1.1")
    expect(gallery.locator(".gallery-card:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(gallery).to_have_count(0)
    expect(opener).to_be_focused()
    expect(opener).to_contain_text("SqueezeNet 1.1")
    wanted = whatif(visitor, dataset="imagenet", architecture={"name": "squeezenet1_1"})
    expect(cost(page, "params")).to_have_attribute("value", str(wanted["cost"]["params"]))


def test_a_click_on_the_drawing_selects_the_layer(visitor: Visitor) -> None:
    page = open_resnet20(visitor)
    bar = page.get_by_test_id("network").get_by_role("option", name=re.compile(r"^layer3\.2\.conv2:"))
    bar.click()
    expect(bar).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Select layer3.2.conv2")).to_be_checked()
    expect(page.locator(".tip")).to_contain_text("2.36")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    expect(page.get_by_label("Select layer3.2.conv1")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()
    page.get_by_role("button", name="Parameters", exact=True).click()
    expect(page).to_have_url(re.compile("size=params"))
    expect(bar).to_contain_text("")
    expect(page.get_by_role("option", name=re.compile(r"^fc: 650 Parameters"))).to_be_attached()


def test_all_costs_are_those_of_the_server(visitor: Visitor) -> None:
    page = open_resnet20(visitor, "&step=grouped(layers:(exclude:!(conv1)))")
    expect(page.get_by_test_id("cost-memory")).to_be_hidden()
    page.get_by_test_id("more-costs").click()
    wanted = whatif(visitor, steps=[{"kind": "grouped", "layers": {"exclude": ["conv1"]}}])
    for key in ("memory", "excluded"):
        expect(cost(page, key)).to_have_attribute("value", str(wanted["cost"][key]))
    for key, value in wanted["scores"].items():
        assert float(cost(page, key).get_attribute("value") or 0) == pytest.approx(value)
    expect(page.get_by_test_id("cost-attention_macs")).to_be_hidden()  # there are none
    page.get_by_test_id("device").select_option("raspberry_pi_4")
    expect(page).to_have_url(re.compile("device=raspberry_pi_4"))
    assert float(cost(page, "bound").get_attribute("value") or 0) == pytest.approx(wanted["bounds"]["raspberry_pi_4"])
    page.get_by_text("What other counters would print").click()
    printed = page.locator('[data-counter="fvcore"] td').first
    assert re.sub(r"\D", "", printed.get_attribute("title") or "") == str(wanted["counters"]["fvcore"])


def test_published_results_lie_over_the_chart(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go()
    chart = page.get_by_test_id("tradeoff-chart")
    expect(chart.locator(".point").first).to_be_attached()
    points = chart.locator(".point")
    runs = points.count()
    page.get_by_test_id("references").select_option("imagenet")
    expect(page.get_by_test_id("reference-note")).to_contain_text("published results on ImageNet")
    expect(page).to_have_url(re.compile("refs=imagenet"))
    assert points.count() > runs
    page.get_by_test_id("toggle-table").click()
    published = page.get_by_test_id("tradeoff-table").locator("tr.published")
    expect(published.filter(has_text="MobileNet").first).to_contain_text("slim/nets/mobilenet")


@pytest.mark.parametrize("axis", ["memory", "course_score", "latency"])
def test_any_cost_can_be_the_axis(visitor: Visitor, axis: str) -> None:
    page = visitor.page
    visitor.go()
    chart = page.get_by_test_id("tradeoff-chart")
    expect(chart.locator(".point").first).to_be_attached()
    page.get_by_test_id("axis").select_option(axis)
    expect(chart).to_contain_text(
        {"memory": "Peak memory", "course_score": "90 % needed", "latency": "latency (ms)"}[axis]
    )
    expect(chart).to_contain_text("this variant")  # the quickstart's baseline: it was trained, so its latency is known
    page.reload()
    expect(page.get_by_test_id("axis")).to_have_value(axis)


def test_the_table_says_what_a_layer_costs_and_why(visitor: Visitor) -> None:
    page = open_resnet20(visitor, "&step=spatial_separable(layers:(include:!(layer1.0.conv1)))")
    page.get_by_role("button", name="layer1.0.conv1, details").click()
    detail = page.locator("tr.detail")
    expect(detail).to_contain_text("32·32·3·3·16·16")
    expect(detail).to_contain_text("5 × 5 pixels")
    expect(page.locator("tr.part")).to_have_count(2)
    page.get_by_test_id("columns").click()
    page.get_by_role("checkbox", name="Excluded").check()
    expect(page.get_by_role("columnheader", name="Excluded")).to_be_visible()
    expect(page).to_have_url(re.compile("cols="))


def test_escape_closes_the_run_panel(visitor: Visitor) -> None:
    page = visitor.page
    run = visitor.house.get("runs?limit=1&state=succeeded")["items"][0]["id"]
    visitor.go(f"/?run={run}")
    expect(page.get_by_test_id("run-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("run-panel")).to_be_hidden()


@pytest.mark.parametrize("visitor", [WIDE, {**WIDE, "color_scheme": "dark"}, NARROW], indirect=True)
@pytest.mark.parametrize("opened", ["panels", "gallery"])
def test_all_of_it_is_accessible_and_fits(visitor: Visitor, opened: str) -> None:
    page = open_resnet20(
        visitor,
        "&more=1&refs=cifar10&pick=!(layer1.0.conv1,fc)&step=grouped(layers:(include:!(layer1)))"
        "&pin=(data:cifar10,arch:(name:resnet20),steps:!())",
    )
    expect(page.get_by_test_id("pinned-macs")).to_contain_text("pinned")
    page.get_by_role("button", name="layer1.0.conv1, details").click()
    page.get_by_text("What other counters would print").click()
    if opened == "gallery":
        page.get_by_test_id("architecture").click()
        expect(page.locator(".gallery-accuracy").first).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(issue["id"], [node["html"][:200] for node in issue["nodes"]]) for issue in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
