"""A browser, and a product with its quickstart trained."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.browser import find
from tests.e2e.house import House, serving, wait_for

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A product with the quickstart, all of it trained."""
    with serving(tmp_path_factory.mktemp("house") / "data") as house:

        def trained() -> bool:
            counts = house.get("studies")["items"][0]["counts"]
            return bool(counts["succeeded"] == sum(counts.values()) > 0)

        wait_for(trained, "the quickstart", 180)
        yield house


class Visitor:
    """A page, and what went wrong while it was looked at."""

    def __init__(self, page: Page, house: House) -> None:
        self.page, self.house = page, house
        self.troubles: list[str] = []
        page.on("console", lambda message: self._note(message.type in ("error", "warning"), message.text))
        page.on("pageerror", lambda error: self._note(True, str(error)))
        page.on("request", lambda request: self._note(self._leaves(request.url), f"left the origin: {request.url}"))

    def _note(self, bad: bool, text: str) -> None:
        # A refused variant is an answer, which the browser still writes down as a failed resource.
        if bad and "422" not in text:
            self.troubles.append(text)

    def _leaves(self, url: str) -> bool:
        return not url.startswith((self.house.url, "data:", "blob:"))

    def go(self, address: str = "/") -> None:
        """Open an address of the product and wait until its costs are there."""
        self.page.goto(self.house.url + address)


@pytest.fixture
def visitor(browser: Browser, house: House, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A visitor with a clean browser; the test fails if the console complained or a request left the origin."""
    options: dict[str, Any] = getattr(request, "param", {"viewport": {"width": 1440, "height": 1000}})
    context = browser.new_context(**options)
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), house)
    yield visitor
    context.close()
    assert visitor.troubles == []


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """A folder for screenshots."""
    return tmp_path
