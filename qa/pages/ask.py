"""The web page: a chat that answers with citations, and beside it the panel of their sources."""

from __future__ import annotations

import html
import json
from typing import Any

import gradio as gr

from qa.assistant import Assistant
from qa.pages.message import as_message, escape, unescape
from qa.pages.sources import documents_list, sources, welcome

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

# Runs once in the browser. A citation of an older answer is not in the panel: it is asked for again.
_BROWSER = """
document.documentElement.lang = 'zh-CN';
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
let wanted = null;
const reach = (name) => {
  const card = document.getElementById(name);
  if (!card) return false;
  for (let up = card.parentElement; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
  card.scrollIntoView({block: 'start', behavior: calm() ? 'auto' : 'smooth'});
  card.focus({preventScroll: true});
  return true;
};
document.addEventListener('click', (event) => {
  const loaded = document.querySelector('.loaded');
  if (loaded && !loaded.contains(event.target)) loaded.open = false;
  const link = event.target.closest && event.target.closest('a[href*="#citation-"]');
  if (!link) return;
  event.preventDefault();
  const name = link.hash.slice(1);
  if (reach(name)) return;
  wanted = name;
  trigger('cite', {turn: Number(name.split('-')[1])});
});
// Gradio reads messages out, and copies them, as Markdown with all its marks.
const speak = () => {
  for (const said of document.querySelectorAll('#chat [data-testid="bot"]'))
    said.removeAttribute('aria-label');
  for (const button of document.querySelectorAll('#chat .message-buttons button'))
    button.title = button.ariaLabel = '复制这条回答';
};
document.addEventListener('click', (event) => {
  const buttons = event.target.closest && event.target.closest('#chat .message-buttons');
  if (buttons && navigator.clipboard)
    navigator.clipboard.writeText(buttons.previousElementSibling.innerText.trim());
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') document.querySelector('.loaded').open = false;
});
watch('value', () => setTimeout(() => {
  speak();
  if (wanted) reach(wanted);
  else {
    element.closest('#sources').scrollTop = 0;
    const asked = [...document.querySelectorAll('#chat .user-row')].pop();
    if (asked) asked.scrollIntoView({block: 'start', behavior: calm() ? 'auto' : 'smooth'});
  }
  wanted = null;
}, 60));
"""


def build_page(assistant: Assistant) -> gr.Blocks:
    """Return the page; its API has one endpoint, ``/ask``."""
    index = assistant.index
    assistant.try_ask(EXAMPLES[0])  # the first question opens the dictionaries: not while somebody waits

    def ask(question: str) -> dict[str, Any]:
        """Answer a question: verdict, confidence and citations; ``error`` says what is wrong with it."""
        answer = assistant.try_ask(question if isinstance(question, str) else "").to_json()
        # A lone surrogate in what was typed must not break the response.
        plain: dict[str, Any] = json.loads(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
        return plain

    def say(question: str, history: Messages) -> tuple[Any, Any, Any, str]:
        answer = assistant.try_ask(question or "")
        if answer.error:
            return gr.skip(), gr.skip(), gr.skip(), _hint(answer.error)
        turn = len(_questions(history)) + 1
        added = [
            {"role": "user", "content": escape(question)},
            {"role": "assistant", "content": as_message(answer, turn)},
        ]
        return [*history, *added], sources(answer, turn), "", ""

    def say_example(chosen: gr.SelectData, history: Messages) -> tuple[Any, Any, Any, str]:
        return say(chosen.value["text"], history)

    def cite(history: Messages, event: gr.EventData) -> Any:  # noqa: ANN401 - markup, or Gradio's "no change"
        asked = dict(enumerate(_questions(history), 1)).get(event.turn)
        return sources(assistant.try_ask(asked), event.turn) if asked else gr.skip()

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
                    panel = gr.HTML(welcome(index), elem_id="panel", js_on_load=_BROWSER)

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        after = [chat, panel, question, hint]
        gr.on([question.submit, send.click], say, [question, chat], after, **quiet)
        chat.example_select(say_example, [chat], after, **quiet)
        panel.cite(cite, [chat], [panel], **quiet)
        new.click(lambda: ([], welcome(index), "", ""), None, after, **quiet)
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
