"""The web page: a chat that answers with citations, and beside it the panel of their sources."""

from __future__ import annotations

import html
import json
from typing import Any, get_args

import gradio as gr

from qa.answer import Answer
from qa.assistant import Assistant
from qa.comparison import try_compare
from qa.follow_up import follow_up
from qa.pages.browser import ON_LOAD
from qa.pages.message import as_message, escape, unescape
from qa.pages.sources import columns, documents_list, sources, welcome
from qa.understanding import Step

TITLE = "规划问答"
CLAIM = "用大白话问政府规划，答案是可核对的原文段落。只引用，不编写。"
EXAMPLES = (
    "城际铁路什么时候通车？",
    "充电桩会建在哪些道路上？",
    "城市供水管网要怎么改造？",
    "养老产业要怎么发展？",
    "济南的高校会到莱芜办学吗？",
    "外省看病怎么直接结算？",
    "失业保险能跨省转移吗？",
    "和长三角怎样共建研发基地？",
)

Messages = list[dict[str, Any]]
Dropped = dict[int, list[Step]]
"""Number of a question in the chat, from 1 → the steps of reading it that were taken back."""


def build_page(assistant: Assistant) -> gr.Blocks:
    """Return the page; its API has one endpoint, ``/ask``."""
    index = assistant.index
    assistant.try_ask(EXAMPLES[0])  # the first question opens the dictionaries: not while somebody waits

    def ask(question: str | dict[str, Any]) -> dict[str, Any]:
        """Answer a question: verdict, confidence and citations; ``error`` says what is wrong with it.

        A follow-up is asked as {"question": …, "earlier": the questions before it, oldest first}.
        """
        said = question if isinstance(question, dict) else {"question": question}
        text, earlier = said.get("question"), said.get("earlier")
        before = [typed for typed in earlier if isinstance(typed, str)] if isinstance(earlier, list) else []
        answer = assistant.try_ask(text if isinstance(text, str) else "", earlier=before).to_json()
        # A lone surrogate in what was typed must not break the response.
        plain: dict[str, Any] = json.loads(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
        return plain

    def answer(history: Messages, dropped: Dropped, turn: int) -> Answer | None:
        """Answer the ``turn``-th question of the chat again, without the steps that were taken back."""
        asked = _questions(history)[:turn]
        if not 0 < turn <= len(asked):
            return None
        return assistant.try_ask(asked[-1], earlier=asked[:-1], without=taken_back(asked, dropped))

    def taken_back(asked: list[str], dropped: Dropped) -> list[Step]:
        """Return the steps not to take for the last of ``asked``: its own, and those it goes on from."""
        own = dropped.get(len(asked), [])
        if "follow_up" in own or not follow_up(asked[-1], asked[:-1], index.terms.words):
            return own
        return own + [step for step in taken_back(asked[:-1], dropped) if step not in (*own, "follow_up")]

    def panel_of(found: Answer, turn: int) -> str:
        return sources(found, turn, compared=len(index.documents) > 1)

    def say(question: str, history: Messages, dropped: Dropped) -> tuple[Any, Any, Any, str]:
        earlier = _questions(history)
        without = taken_back([*earlier, question or ""], dropped)
        found = assistant.try_ask(question or "", earlier=earlier, without=without)
        if found.error:
            return gr.skip(), gr.skip(), gr.skip(), _hint(found.error)
        turn = len(earlier) + 1
        added = [
            {"role": "user", "content": escape(question)},
            {"role": "assistant", "content": as_message(found, turn)},
        ]
        return [*history, *added], panel_of(found, turn), "", ""

    def say_example(chosen: gr.SelectData, history: Messages, dropped: Dropped) -> tuple[Any, Any, Any, str]:
        return say(chosen.value["text"], history, dropped)

    def cite(history: Messages, dropped: Dropped, event: gr.EventData) -> Any:  # noqa: ANN401 - or "no change"
        found = answer(history, dropped, event.turn)
        return panel_of(found, event.turn) if found else gr.skip()

    def drop(history: Messages, dropped: Dropped, event: gr.EventData) -> tuple[Any, Any, Any]:
        """Take a step of reading a question back: its message and the panel are made anew."""
        turn = int(event.turn)
        if event.step not in get_args(Step) or event.step in dropped.get(turn, []):
            return gr.skip(), gr.skip(), gr.skip()
        dropped = {**dropped, turn: [*dropped.get(turn, []), event.step]}
        found = answer(history, dropped, turn)
        if found is None or found.error:
            return gr.skip(), gr.skip(), gr.skip()
        places = [n for n, message in enumerate(history) if message["role"] == "assistant"]
        history = [*history]
        history[places[turn - 1]] = {"role": "assistant", "content": as_message(found, turn)}
        return history, panel_of(found, turn), dropped

    def compare(history: Messages, dropped: Dropped, event: gr.EventData) -> Any:  # noqa: ANN401 - or "no change"
        asked = _questions(history)[: event.turn]
        if not asked:
            return gr.skip()
        without = taken_back(asked, dropped)
        compared = try_compare(assistant, asked[-1], earlier=asked[:-1], without=without)
        return columns(compared, event.turn)

    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        with gr.Column(elem_id="page"):
            with gr.Row(elem_id="top"):
                gr.HTML(_header(assistant), elem_id="header")
                new = gr.Button("新对话", elem_id="new", scale=0, min_width=88)
            with gr.Row(elem_id="desk", equal_height=False):
                with gr.Column(elem_id="conversation", min_width=320):
                    chat = gr.Chatbot(
                        label="对话",
                        show_label=False,
                        elem_id="chat",
                        height="auto",
                        placeholder="## 想知道规划里怎么说？\n直接问，或者先试试这些：",
                        examples=[{"text": example} for example in EXAMPLES],
                        buttons=["copy"],
                        feedback_options=None,
                        latex_delimiters=[],
                        allow_tags=False,
                        autoscroll=False,
                        group_consecutive_messages=False,
                    )
                    with gr.Row(elem_id="asking"):
                        question = gr.Textbox(
                            label="问题",
                            show_label=False,
                            container=False,
                            placeholder="例如：农村公路怎么改造？",
                            max_lines=5,
                            elem_id="question",
                        )
                        send = gr.Button("发送", variant="primary", elem_id="send", scale=0, min_width=88)
                    hint = gr.HTML("", elem_id="hint")
                with gr.Column(elem_id="sources", min_width=320):
                    panel = gr.HTML(welcome(index), elem_id="panel", js_on_load=ON_LOAD)

        dropped = gr.State({})
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        after = [chat, panel, question, hint]
        gr.on([question.submit, send.click], say, [question, chat, dropped], after, **quiet)
        chat.example_select(say_example, [chat, dropped], after, **quiet)
        panel.cite(cite, [chat, dropped], [panel], **quiet)
        panel.drop(drop, [chat, dropped], [chat, panel, dropped], **quiet)
        panel.compare(compare, [chat, dropped], [panel], **quiet)
        new.click(lambda: ([], welcome(index), "", "", {}), None, [*after, dropped], **quiet)
        gr.api(ask, api_name="ask", api_description=ask.__doc__)
    return page


def _questions(history: Messages) -> list[str]:
    """Return what the person typed, oldest first."""
    said = [message["content"] for message in history if message["role"] == "user"]
    texts = [content if isinstance(content, str) else content[0]["text"] for content in said]
    return [unescape(text) for text in texts]


def _header(assistant: Assistant) -> str:
    index = assistant.index
    count = f"{len(index.documents)} 份规划，{len(index)} 段"
    return (
        f'<div class="masthead"><h1>{TITLE}</h1><p>{CLAIM}</p></div>'
        f'<details class="loaded"><summary>已收入 {count}</summary>{documents_list(index)}</details>'
    )


def _hint(message: str) -> str:
    return f'<p role="status">{html.escape(message)}</p>'
