from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from index.records import PlanqaError
from qa.assistant import Assistant
from qa.pages.ask import EXAMPLES, TITLE
from qa.pages.server import check_port

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "screenshots"
WAY_TO_JINAN = "莱芜到济南的城际铁路什么时候通车？"
CHROMIUM = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "<img src=x onerror=\"document.title='broken'\"> ![x](http://example.invalid/x.png) $$x$$ {{value}}"


# ---- one server for the module


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


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Recorder(listening)


@pytest.fixture(scope="module")
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
        self.page.locator(f"#citation-{turns + 1}-1").wait_for()

    def shoot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(500)  # scrolling is smooth
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def outward(self) -> list[str]:
        return [url for url in self.requests if not leads_here(url)]


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


# ---- the page in a browser


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_typed_question_shows_its_citation_and_its_evidence(open_tab: OpenTab, scheme: str) -> None:
    tab = open_tab(color_scheme=scheme)
    tab.ask(WAY_TO_JINAN)
    message = tab.page.locator("#chat .bot-row").inner_text()
    assert message.startswith("规划中有")
    first = message[message.index("[1]") : message.index("[2]")]
    assert "争取2020年实现通车运营" in first
    assert re.search(r"第三章.+ › 第一节.+ › 铁路", first)
    card = tab.page.locator("#panel article").first
    assert card.locator("header").inner_text().startswith("[1]")
    assert "铁路" in card.locator("header").inner_text()
    assert "2016-08-26" in card.locator("header").inner_text()
    assert "争取2020年实现通车运营" in card.locator("mark").inner_text()
    assert tab.page.get_by_label("问题").input_value() == ""
    assert tab.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert tab.page.title() == TITLE
    tab.shoot(f"answered-{scheme}")


@pytest.mark.browser
def test_the_first_page_says_which_plans_can_be_asked(open_tab: OpenTab) -> None:
    tab = open_tab()
    panel = tab.page.locator("#panel").inner_text()
    for title, date, count in (
        ("济莱协作区规划", "2016-08-26", "63 段"),
        ("山东印发行动方案深度对接京津冀和长三角", "2025-02-19", "23 段"),
    ):
        assert re.search(f"{title}.*\n.*{date}.*{count}", panel)
    assert tab.page.locator("footer").count() == 0
    assert "Gradio" not in tab.page.locator("body").inner_text()
    tab.shoot("start")


@pytest.mark.browser
def test_a_clicked_example_is_answered(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.get_by_role("button", name=EXAMPLES[2]).click()
    tab.page.locator("#citation-1-1").wait_for()
    assert tab.page.locator("#chat .user-row").inner_text() == EXAMPLES[2]
    assert "供水管网" in tab.page.locator("#panel mark").first.inner_text()


@pytest.mark.browser
def test_a_question_that_cannot_be_searched_gives_a_hint_and_nothing_is_lost(
    open_tab: OpenTab,
) -> None:
    tab = open_tab()
    tab.page.get_by_role("button", name="发送").click()
    hint = tab.page.get_by_role("status").filter(has_text="问题是空的")
    hint.wait_for()
    assert tab.page.locator("#chat .user-row").count() == 0
    tab.page.get_by_label("问题").fill("路" * 501)
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("status").filter(has_text="太长").wait_for()
    assert tab.page.get_by_label("问题").input_value() == "路" * 501
    tab.ask(WAY_TO_JINAN)
    assert tab.page.locator("#hint p").count() == 0


@pytest.mark.browser
def test_a_number_in_the_message_leads_to_its_card_also_from_an_older_answer(
    open_tab: OpenTab,
) -> None:
    tab = open_tab()
    tab.ask(WAY_TO_JINAN)
    tab.page.locator("#chat").get_by_role("link", name="[3]").click()
    tab.page.wait_for_function("document.activeElement.id === 'citation-1-3'")
    assert tab.page.locator("#citation-1-8").is_hidden()
    tab.page.locator("#panel .more > summary").click()
    assert tab.page.locator("#citation-1-8").is_visible()
    tab.ask("农村公路怎么改造？")
    assert tab.page.locator("#citation-1-1").count() == 0
    tab.page.locator("#chat").get_by_role("link", name="[1]").first.click()
    tab.page.wait_for_function("document.activeElement.id === 'citation-1-1'")
    assert WAY_TO_JINAN in tab.page.locator("#panel .asked").inner_text()


@pytest.mark.browser
def test_the_original_of_a_citation_can_be_opened(open_tab: OpenTab, assistant: Assistant) -> None:
    question = "外省看病怎么直接结算？"
    tab = open_tab()
    tab.ask(question)
    card = tab.page.locator("#citation-1-1")
    card.locator("summary").click()
    passage = assistant.ask(question).citations[0].passage
    assert card.locator(".verbatim").text_content() == passage.source_text
    facts = card.locator("dl").inner_text()
    assert f"{passage.source_start}–{passage.source_end}" in facts
    assert re.search(r"繁体转简体 \d+ 处", facts)
    tab.shoot("original")


@pytest.mark.browser
def test_what_the_plans_do_not_say_is_said_so(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask("红烧肉怎么做")
    assert tab.page.locator("#chat .bot-row").inner_text().startswith("规划中没有提到")
    assert "不是回答" in tab.page.locator("#chat .bot-row").inner_text()
    assert "不是回答" in tab.page.locator("#panel .note").inner_text()
    tab.shoot("none")


@pytest.mark.browser
def test_html_and_markdown_in_a_question_are_shown_as_text(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask(HOSTILE)
    tab.page.wait_for_timeout(300)
    assert tab.page.locator("#chat .user-row").inner_text() == HOSTILE
    assert tab.page.locator("#panel .asked").inner_text() == f"问：{HOSTILE}"
    assert tab.page.locator("#chat .message img, #panel img, #chat .message .katex").count() == 0
    assert tab.page.title() == TITLE


@pytest.mark.browser
def test_an_answer_is_copied_without_markup(open_tab: OpenTab) -> None:
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.ask(WAY_TO_JINAN)
    tab.page.locator("#chat .message-buttons-left button").click()
    tab.page.wait_for_timeout(200)
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("规划中有")
    assert "争取2020年实现通车运营" in copied
    assert not re.search(r"[\\*#]", copied)


@pytest.mark.browser
def test_a_new_conversation_clears_chat_and_panel(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask(WAY_TO_JINAN)
    tab.page.get_by_role("button", name="新对话").click()
    tab.page.get_by_role("button", name=EXAMPLES[0]).wait_for()
    assert tab.page.locator("#chat .message-row").count() == 0
    assert tab.page.locator("#panel article").count() == 0


@pytest.mark.browser
def test_on_a_phone_nothing_sticks_out_and_the_panel_stands_below_the_chat(
    open_tab: OpenTab,
) -> None:
    tab = open_tab(390, 844, has_touch=True, is_mobile=True)
    tab.shoot("phone-start")
    tab.ask(WAY_TO_JINAN)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    below = """() => document.querySelector('#sources').getBoundingClientRect().top
        >= document.querySelector('#conversation').getBoundingClientRect().bottom"""
    assert tab.page.evaluate(below)
    targets = tab.page.locator("#send, #new, #question textarea, summary").filter(visible=True)
    assert targets.count() > 6
    heights = [box["height"] for target in targets.all() if (box := target.bounding_box())]
    assert min(heights) >= 44
    tab.shoot("phone")


# ---- programs


def call(server: str, data: list[Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{server}/gradio_api/call/ask",
        json.dumps({"data": data}).encode(),
        {"Content-Type": "application/json"},
    )
    with opener.open(request, timeout=10) as response:
        event = json.load(response)["event_id"]
    with opener.open(f"{server}/gradio_api/call/ask/{event}", timeout=10) as response:
        lines = response.read().decode().splitlines()
    assert lines[0] == "event: complete"
    [found] = json.loads(lines[1].removeprefix("data: "))
    assert isinstance(found, dict)
    return found


def test_the_http_answer_is_that_of_the_command_line(server: str, assistant: Assistant) -> None:
    found = call(server, [WAY_TO_JINAN])
    expected = json.loads(json.dumps(assistant.ask(WAY_TO_JINAN).to_json()))
    assert found.pop("elapsed_ms") > 0
    del expected["elapsed_ms"]
    assert found == expected
    assert found["verdict"] == "answered"
    assert found["citations"][0]["heading_path"][-1] == "铁路"


@pytest.mark.parametrize("data", [[""], [" \u200b\x00"], [None], [5], [["铁路"]]])
def test_a_question_that_is_none_gives_an_error_object_over_http(server: str, data: list[Any]) -> None:
    found = call(server, data)
    assert "问题是空的" in found["error"]
    assert (found["verdict"], found["confidence"], found["citations"]) == ("none", 0, [])


def test_half_a_character_does_not_break_the_response(server: str) -> None:
    assert call(server, ["\ud800铁路"])["question"] == "?铁路"


def test_the_api_has_one_endpoint(server: str) -> None:
    with opener.open(f"{server}/gradio_api/info", timeout=10) as response:
        info = json.load(response)
    assert list(info["named_endpoints"]) == ["/ask"]
    assert info["unnamed_endpoints"] == {}


class Fetched(HTMLParser):
    """Collects what a browser fetches because a page says so."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {"link": "href", "script": "src", "img": "src", "iframe": "src"}
        self.addresses += [value or "" for name, value in attrs if name == names.get(tag)]


def test_the_delivered_page_names_no_other_machine(server: str) -> None:
    fetched = Fetched()
    fetched.feed(opener.open(server, timeout=10).read().decode())
    assert fetched.addresses
    assert [url for url in fetched.addresses if urlsplit(url).hostname] == []
    styles = opener.open(f"{server}/theme.css", timeout=10).read().decode()
    assert re.findall(r"url\((?!\"data:)", styles) == []
    assert "@import" not in styles


def test_the_server_calls_nobody(server: str, recorder: Recorder) -> None:
    call(server, [WAY_TO_JINAN])
    assert recorder.calls() == 0


# ---- the command


def test_a_taken_port_is_named_with_the_way_out(server: str) -> None:
    port = urlsplit(server).port
    assert port is not None
    command = [sys.executable, "app.py", "--port", str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 1
    assert f"端口 {port} 已被占用" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["203.0.113.9", "nowhere.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(PlanqaError, match=f"“{host}”不是这台机器的地址"):
        check_port(host, free_port())


def test_help_does_not_wait_for_gradio() -> None:
    code = "import sys, app; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
