"""Shared by the tests of the page: one server, a browser, and tabs that remember whom they called."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:  # the other tests need no browser
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "screenshots"
WAY_TO_JINAN = "莱芜到济南的城际铁路什么时候通车？"
BOTH_STEPS = "山东方案里冲电桩建在哪？"  # a filter and a correction
CHROMIUM = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


# ---- one server for all


@dataclass
class Recorder:
    """A proxy that lets nothing through: whoever calls out of the machine shows up here."""

    socket: socket.socket

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def calls(self) -> int:
        self.socket.settimeout(0.2)
        count = 0
        while True:
            try:
                self.socket.accept()[0].close()
            except TimeoutError:
                return count
            count += 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def recorder() -> Iterator[Recorder]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Recorder(listening)


@pytest.fixture(scope="session")
def server(
    seeds_directory: Path, recorder: Recorder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The real app in its own process, all its ways out leading to the recorder."""
    port = free_port()
    log = tmp_path_factory.mktemp("page") / "log.txt"
    ways_out = {name: recorder.address for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}
    ways_out |= {name.lower(): address for name, address in ways_out.items()}
    environment = {**os.environ, **ways_out, "PLANQA_INDEX": str(seeds_directory)}
    for exception in ("NO_PROXY", "no_proxy"):
        environment.pop(exception, None)
    command = [sys.executable, "app.py", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not answers(address):
            said = log.read_text(encoding="utf-8")
            assert process.poll() is None, f"the server ended:\n{said}"
            assert time.monotonic() < deadline, f"the server is not there after a minute:\n{said}"
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(address: str) -> bool:
    try:
        return bool(opener.open(address, timeout=5).status == 200)
    except OSError:
        return False


# ---- one browser for the module, one page a test


@dataclass
class Tab:
    """A page that remembers what it asked for and what went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        turns = self.page.locator("#chat .bot-row").count()
        self.page.get_by_label("问题").fill(question)
        self.page.keyboard.press("Enter")
        self.page.locator("#chat .bot-row").nth(turns).wait_for()
        self.page.locator(f"[id^='citation-{turns + 1}-']").first.wait_for()

    def message(self, turn: int) -> Locator:
        return self.page.locator("#chat .bot-row").nth(turn - 1)

    def cited(self) -> list[str]:
        """Return the passages of all cards, also the folded ones."""
        return self.page.locator("#panel article > .text").all_text_contents()

    def expect_cited(self, passages: list[str]) -> None:
        """Wait until the cards hold ``passages``: the panel follows the message."""
        for _ in range(50):
            if self.cited() == passages:
                return
            self.page.wait_for_timeout(100)
        assert self.cited() == passages

    def clipboard(self) -> str:
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def shoot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(500)  # scrolling is smooth
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def outward(self) -> list[str]:
        return [url for url in self.requests if not leads_here(url)]


def link(place: Locator, kind: str) -> Locator:
    """Return the links that take a step back (drop), compare, or lead to a citation."""
    return place.locator(f"a[href*='#{kind}-']")


def leads_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.hostname in ("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        missing = "Chromium is missing: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield started
        started.close()


OpenTab = Callable[..., Tab]


@pytest.fixture
def open_tab(browser: Browser, server: str) -> Iterator[OpenTab]:
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def open_one(width: int = 1280, height: int = 800, **options: object) -> Tab:
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, locale="zh-CN", **options)  # type: ignore[arg-type]
        contexts.append(context)
        tab = Tab(context.new_page())
        tabs.append(tab)
        context.on("request", lambda request: tab.requests.append(request.url))
        tab.page.on("websocket", lambda channel: tab.requests.append(channel.url.replace("ws", "http", 1)))
        tab.page.on("pageerror", lambda error: tab.faults.append(str(error)))
        tab.page.on("console", lambda said: tab.faults.extend([said.text] if said.type == "error" else []))
        tab.page.goto(server)
        tab.page.get_by_label("问题").wait_for()
        return tab

    yield open_one
    for context in contexts:
        context.close()
    for tab in tabs:
        assert tab.requests
        assert tab.outward() == []
        assert tab.faults == []
