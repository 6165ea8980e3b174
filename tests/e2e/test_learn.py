"""The lecture, live: playground, kernels, slips and tables in a real browser."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visitor

WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 1000}}
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
ZOOMED: dict[str, Any] = {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}


def way(page: Page, kind: str) -> Locator:
    return page.get_by_test_id("ways").locator(f'[data-way="{kind}"]')


def costs(page: Page, kind: str) -> tuple[str | None, str | None]:
    values = way(page, kind).locator("data")
    expect(values).to_have_count(2)
    return values.nth(0).get_attribute("value"), values.nth(1).get_attribute("value")


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"]')


def test_it_opens_on_the_lecture_s_example(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go()
    page.get_by_role("link", name="Learn").click()
    assert costs(page, "standard") == ("86400", "3456")
    assert costs(page, "depthwise_separable") == ("10275", "411")
    chosen = way(page, "depthwise_separable")
    expect(chosen).to_contain_text("5·5·3·3·3 + 5·5·3·128 = 675 + 9\u202f600 = 10\u202f275")
    expect(chosen).to_contain_text("1/128 + 1/9 = 0.118923611")
    expect(way(page, "standard")).to_contain_text("5·5·3·3·3·128 = 86\u202f400")
    expect(way(page, "grouped")).to_contain_text("do not divide")
    expect(page.get_by_test_id("caption")).to_contain_text("Each of them took 9 products, once for all 128")
    assert "learn." not in page.url  # nothing differs from the example


def test_numbers_change_what_is_shown_and_the_link_keeps_them(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?view=learn")
    expect(way(page, "standard").locator("data").first).to_have_attribute("value", "86400")
    way(page, "grouped").get_by_role("button", name="Make the channels fit").click()
    expect(field(page, "in_channels")).to_have_value("4")
    expect(way(page, "grouped").locator("data").first).to_have_attribute("value", str(5 * 5 * 9 * 4 * 128 // 2))
    field(page, "rank").fill("2")
    expect(way(page, "spatially_separable").locator("data").nth(1)).to_have_attribute("value", str(2 * 3 * (4 + 128)))
    way(page, "shift").get_by_role("button").click()
    expect(page.get_by_test_id("caption")).to_contain_text("only moved here")
    expect(page).to_have_url(re.compile(r"learn\.conv=\(in_channels:4,rank:2\)&learn\.way=shift"))
    page.reload()
    expect(field(page, "in_channels")).to_have_value("4")
    expect(way(page, "shift")).to_have_class(re.compile("chosen"))
    assert costs(page, "shift") == (str(5 * 5 * 4 * 128), str(4 * 128))


def test_what_is_not_possible_is_told_at_its_field(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?view=learn")
    expect(way(page, "standard").locator("data").first).to_have_attribute("value", "86400")
    field(page, "kernel.0").fill("9")
    expect(page.locator(".conv-form .problem")).to_contain_text("does not fit into a 7×7 input")
    expect(field(page, "kernel.0")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="same").click()
    expect(page.locator(".conv-form .problem")).to_have_count(0)
    expect(way(page, "standard").locator("data").first).to_have_attribute("value", str(7 * 7 * 9 * 3 * 3 * 128))


def test_the_output_is_walked_with_keys_and_pointer(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?view=learn&learn.way=standard")
    stage = page.get_by_test_id("stage")
    expect(stage).to_have_attribute("data-cell", "0,2,2")
    stage.focus()
    for key in ("ArrowRight", "ArrowDown", "PageDown"):
        page.keyboard.press(key)
    expect(stage).to_have_attribute("data-cell", "1,3,3")
    expect(page.get_by_test_id("caption")).to_contain_text("Row 4, column 4 of output channel 2: a 3×3 window")
    for _ in range(3):
        page.keyboard.press("ArrowRight")  # no further than the edge
    expect(stage).to_have_attribute("data-cell", "1,3,4")
    page.keyboard.press("Home")
    expect(stage).to_have_attribute("data-cell", "1,0,0")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("play")).to_have_text("Pause")
    expect(stage).to_have_attribute("data-cell", re.compile(r"1,0,[1-4]"))
    page.keyboard.press("Space")
    expect(page.get_by_test_id("play")).to_have_text("Play")

    plane = page.locator(".conv-plane").last.bounding_box()
    assert plane is not None
    page.mouse.move(plane["x"] + plane["width"] * 0.1, plane["y"] + plane["height"] * 0.9)
    expect(stage).to_have_attribute("data-cell", "127,4,0")
    expect(page).to_have_url(re.compile("learn.cell=127,4,0"))


def test_sobel_splits_and_a_diagonal_does_not(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?view=learn&learn=kernels")
    verdict, ranks = page.get_by_test_id("verdict"), page.get_by_test_id("ranks").locator("[data-rank]")
    expect(verdict).to_contain_text("can be divided")
    expect(verdict).to_contain_text("6 numbers instead of 9")
    expect(page.get_by_text("√12 = 3.4641")).to_be_visible()
    expect(ranks).to_have_count(1)
    page.get_by_role("button", name="Diagonal").click()
    expect(verdict).to_contain_text("Not all kernels can be divided")
    expect(ranks).to_have_count(3)
    expect(ranks.first).to_contain_text("81.6")  # √(2/3) of it is missed
    expect(page).to_have_url(re.compile("learn.kernel=1,0,0/0,1,0/0,0,1"))


def test_a_kernel_is_typed_and_painted(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?view=learn&learn.kernel=0,0,0/0,0,0/0,0,0")
    verdict, cells = page.get_by_test_id("verdict"), page.get_by_test_id("kernel").get_by_role("textbox")
    expect(verdict).to_contain_text("nothing to divide")
    cells.first.focus()
    page.keyboard.type("1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("-2,5")
    expect(page).to_have_url(re.compile(r"learn.kernel=1,0,0/0,-2\.5,0/0,0,0"))
    expect(verdict).to_contain_text("a sum of 2 products")

    page.get_by_role("button", name="−2", exact=True).click()
    boxes = [cells.nth(place).bounding_box() for place in (6, 7, 8)]
    for place, box in enumerate(boxes):
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
        if place == 0:
            page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/-2,-2,-2$"))
    expect(verdict).to_contain_text("a sum of 3 products")
    page.get_by_role("button", name="5×5").click()
    expect(cells).to_have_count(25)


def test_the_slips_lead_to_where_one_sees_it(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?view=learn&learn=slips")
    slips = page.get_by_test_id("slips").locator("[data-slip]")
    expect(slips).to_have_count(7)
    page.get_by_role("button", name="Both counts, side by side").click()
    expect(way(page, "spatially_separable_each")).to_have_class(re.compile("chosen"))
    expect(page.locator("#learn-convolution-title")).to_be_in_viewport()
    page.get_by_role("link", name="SqueezeNet's layers").click()
    expect(page.get_by_test_id("cost-params").locator("data")).to_have_attribute("value", "1248424")
    page.go_back()
    expect(slips.first).to_be_attached()


def test_published_tables_stand_beside_ours(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?view=learn&learn=tables")
    table = page.locator('[data-table="mobilenet_v1_width"]')
    row = table.get_by_role("row").filter(has_text="0.75 MobileNet-224")
    expect(row).to_contain_text("325\u00a0M")
    expect(row).to_contain_text("2\u202f585\u202f560")
    assert page.locator(".published-table").count() >= 10
    row.get_by_role("link").click()
    expect(page.get_by_test_id("cost-params").locator("data")).to_have_attribute("value", "2585560")
    assert "view=explore" in page.url or "view=" not in page.url


def test_a_damaged_link_still_opens(visitor: Visitor) -> None:
    visitor.go("/?view=learn&learn=x&learn.conv=((&learn.way=%00&learn.cell=1,a&learn.kernel=1,2/3")
    expect(way(visitor.page, "standard").locator("data").first).to_have_attribute("value", "86400")
    expect(visitor.page.get_by_test_id("verdict")).to_contain_text("can be divided")


def test_a_link_may_ask_for_what_cannot_be(visitor: Visitor) -> None:
    visitor.go("/?view=learn&learn.conv=(height:0,depth:3)")
    expect(visitor.page.locator(".conv-form .problem").first).to_contain_text("Input height")


@pytest.mark.parametrize("visitor", [WIDE, {**WIDE, "color_scheme": "dark"}, NARROW, ZOOMED], indirect=True)
def test_it_is_accessible_and_fits(visitor: Visitor) -> None:
    """axe finds nothing, and nothing is wider than the window."""
    page = visitor.page
    visitor.go("/?view=learn&learn=tables")
    expect(page.locator(".published-table").first).to_be_visible()
    expect(way(page, "standard").locator("data").first).to_have_attribute("value", "86400")
    found = Axe().run(page).response["violations"]
    assert [(issue["id"], [node["html"][:200] for node in issue["nodes"]]) for issue in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
