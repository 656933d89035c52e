"""The page in a browser: asking, answers, cards and what does not break it."""

from __future__ import annotations

import re

import pytest
from page_server import WAY_TO_JINAN, OpenTab

from qa.assistant import Assistant
from qa.pages.ask import EXAMPLES, TITLE

HOSTILE = "<img src=x onerror=\"document.title='broken'\"> ![x](http://example.invalid/x.png) $$x$$ {{value}}"


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
    card.locator("summary").filter(has_text="原文").click()
    passage = assistant.ask(question).citations[0].passage
    assert card.locator(".verbatim").text_content() == passage.source_text
    facts = card.locator("dl").first.inner_text()
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
