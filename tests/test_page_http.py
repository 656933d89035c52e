"""The page as programs meet it: its API, what it delivers, the command that starts it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from page_server import ROOT, WAY_TO_JINAN, Recorder, free_port, opener

from index.records import PlanqaError
from qa.assistant import Assistant
from qa.pages.server import check_port

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


def test_a_follow_up_over_http_brings_the_questions_before_it(server: str) -> None:
    found = call(server, [{"question": "多少钱", "earlier": [WAY_TO_JINAN]}])
    assert found["question"] == "多少钱"
    assert found["searched"] == "莱芜到济南的城际铁路多少钱"
    assert found["follow_up"]["chip"].startswith("接着问：莱芜到济南的城际铁路")
    alone = call(server, [{"question": "多少钱"}])
    assert (alone["searched"], alone["follow_up"]) == ("多少钱", None)


@pytest.mark.parametrize(
    "data", [[""], [" \u200b\x00"], [None], [5], [["铁路"]], [{}], [{"question": 5, "earlier": 5}]]
)
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
