"""The page as a conversation: steps of reading taken back, more asked for, plans compared, texts copied."""

from __future__ import annotations

import pytest
from page_server import BOTH_STEPS, WAY_TO_JINAN, OpenTab, link
from playwright.sync_api import expect

from qa.answer import Answer
from qa.assistant import Assistant
from qa.citing import markdown, plain, reference

pytestmark = pytest.mark.browser

HOW_MUCH = "多少钱"
CHARGING = "冲电桩建在哪？"
ABROAD = "山东方案里外省看病怎么直接结算？"
ONE_PLAN_ONLY = "章丘大葱"


def passages(answer: Answer) -> list[str]:
    return [citation.passage.text for citation in answer.citations]


def test_a_follow_up_shows_its_chip_and_can_be_asked_alone(open_tab: OpenTab, assistant: Assistant) -> None:
    tab = open_tab()
    tab.ask(WAY_TO_JINAN)
    tab.ask(HOW_MUCH)
    panel = tab.page.locator("#panel")
    for place in (tab.message(2), panel):
        expect(place).to_contain_text("接着问：莱芜到济南的城际铁路 · 多少钱")
    tab.expect_cited(passages(assistant.ask(HOW_MUCH, earlier=[WAY_TO_JINAN])))
    tab.shoot("follow-up")
    link(tab.message(2), "drop").click()
    expect(link(panel, "drop")).to_have_count(0)
    expect(link(tab.message(2), "drop")).to_have_count(0)
    tab.expect_cited(passages(assistant.ask(HOW_MUCH)))
    assert tab.page.locator("#chat .user-row").all_inner_texts() == [WAY_TO_JINAN, HOW_MUCH]


def test_a_corrected_word_can_be_set_back(open_tab: OpenTab, assistant: Assistant) -> None:
    tab = open_tab()
    tab.ask(CHARGING)
    expect(tab.message(1)).to_contain_text("按“充电桩”查找")
    tab.page.locator("#panel").get_by_role("link", name="改回“冲电桩”").click()
    expect(tab.message(1)).not_to_contain_text("充电桩”查找")
    expect(tab.page.locator("#panel .chip")).to_have_count(0)
    tab.expect_cited(passages(assistant.ask(CHARGING, without=["spelling"])))


def test_a_scope_chip_can_be_released(open_tab: OpenTab, assistant: Assistant) -> None:
    tab = open_tab()
    tab.ask(ABROAD)
    expect(tab.page.locator("#panel .chip")).to_contain_text("只查“山东方案”")
    titles = tab.page.locator("#panel article .document")
    assert {title[:5] for title in titles.all_text_contents()} == {"《山东印发"}
    link(tab.page.locator("#panel"), "drop").click()
    expect(tab.page.locator("#panel .chip")).to_have_count(0)
    assert {title[:5] for title in titles.all_text_contents()} == {"《山东印发", "《济莱协作"}
    tab.expect_cited(passages(assistant.ask(ABROAD, without=["document"])))


def test_of_two_steps_one_can_be_taken_back(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask(BOTH_STEPS)
    expect(link(tab.message(1), "drop")).to_have_count(2)
    tab.message(1).get_by_role("link", name="不限").click()
    expect(link(tab.message(1), "drop")).to_have_text(["改回“冲电桩”"])
    expect(link(tab.page.locator("#panel"), "drop")).to_have_text(["改回“冲电桩”"])


def test_the_steps_of_an_older_answer_stay_taken_back(open_tab: OpenTab, assistant: Assistant) -> None:
    tab = open_tab()
    tab.ask(ABROAD)
    tab.ask(WAY_TO_JINAN)
    link(tab.message(1), "drop").click()
    expect(tab.page.locator("#panel .asked")).to_contain_text(ABROAD)
    expect(tab.message(1)).to_be_in_viewport()  # and not the last question
    tab.ask("农村公路怎么改造？")
    expect(tab.page.locator("#citation-1-1")).to_have_count(0)
    tab.message(1).get_by_role("link", name="[2]").click()
    expect(tab.page.locator("#citation-1-2")).to_be_focused()
    tab.expect_cited(passages(assistant.ask(ABROAD, without=["document"])))
    expect(tab.page.locator("#panel .chip")).to_have_count(0)


def test_a_year_that_no_plan_has_says_what_there_is_and_can_be_released(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.get_by_label("问题").fill("2019年那份规划怎么说铁路")
    tab.page.keyboard.press("Enter")
    expect(tab.message(1)).to_contain_text("没有可查的规划")
    expect(tab.page.locator("#panel .note")).to_contain_text("现有：《济莱协作区规划")
    link(tab.message(1), "drop").click()
    expect(tab.page.locator("#citation-1-1")).to_be_visible()
    expect(tab.message(1)).not_to_contain_text("没有可查的规划")


def test_more_goes_on_with_other_passages(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask(WAY_TO_JINAN)
    first = tab.cited()
    tab.ask("还有别的吗")
    numbers = [f"[{n}]" for n in range(11, 21)]
    for _ in range(50):  # the panel follows the message
        if tab.page.locator("#panel article .number").all_text_contents() == numbers:
            break
        tab.page.wait_for_timeout(100)
    assert tab.page.locator("#panel article .number").all_text_contents() == numbers
    assert not set(first) & set(tab.cited())
    tab.shoot("more")
    tab.message(1).get_by_role("link", name="[1]").click()
    expect(tab.page.locator("#citation-1-1")).to_be_focused()
    tab.message(2).get_by_role("link", name="[12]").click()
    expect(tab.page.locator("#citation-2-12")).to_be_focused()


# ---- comparison and copying


def test_a_comparison_has_a_column_for_each_plan_and_a_way_back(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask(ONE_PLAN_ONLY)
    before = tab.cited()
    link(tab.page.locator("#panel"), "compare").click()
    plan = tab.page.get_by_role("region", name="济莱协作区规划")
    report = tab.page.get_by_role("region", name="山东印发行动方案")
    expect(plan).to_contain_text("2016-08-26")
    expect(plan.locator("mark").first).to_contain_text("章丘大葱")
    expect(report).to_contain_text("该规划未提及")
    expect(report.locator(".text")).to_have_count(0)
    expect(tab.page.locator("#panel .plan")).to_have_count(2)
    expect(tab.page.locator("#sources-title")).to_be_focused()
    tab.shoot("comparison")
    tab.page.get_by_role("link", name="回到引文").click()
    expect(tab.page.locator("#panel .plan")).to_have_count(0)
    expect(tab.page.locator("#sources-title")).to_be_focused()
    tab.expect_cited(before)


def test_a_comparison_does_not_take_a_step_that_was_taken_back(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask(ABROAD)
    link(tab.page.locator("#panel"), "drop").click()
    expect(tab.page.locator("#panel .chip")).to_have_count(0)
    link(tab.page.locator("#panel"), "compare").click()
    expect(tab.page.locator("#sources-title")).to_be_focused()
    expect(tab.page.locator("#panel .plan")).to_have_count(2)


def test_a_copied_reference_is_the_exact_text(open_tab: OpenTab, assistant: Assistant) -> None:
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.ask(WAY_TO_JINAN)
    card = tab.page.locator("#citation-1-2")
    card.locator("summary").filter(has_text="引用").click()
    citation = assistant.ask(WAY_TO_JINAN).citations[1]
    texts = {
        "带出处的引文": plain(citation),
        "GB/T 7714": reference(citation),
        "Markdown": markdown(citation),
    }
    for name, text in texts.items():
        card.get_by_role("button", name=f"复制{name}").click()
        expect(tab.page.locator("#said")).to_have_text(f"已复制{name}")
        assert tab.clipboard() == text
    tab.shoot("references")
    expect(card.locator(".copy")).to_have_text(["复制"] * 3)


def test_where_there_is_no_clipboard_the_text_is_selected(open_tab: OpenTab, assistant: Assistant) -> None:
    tab = open_tab()
    tab.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.ask(WAY_TO_JINAN)
    card = tab.page.locator("#citation-1-1")
    card.locator("summary").filter(has_text="引用").click()
    card.get_by_role("button", name="复制GB/T 7714").click()
    expect(tab.page.get_by_role("status").filter(has_text="Ctrl+C")).to_have_count(1)
    assert tab.page.evaluate("getSelection().toString()") == reference(
        assistant.ask(WAY_TO_JINAN).citations[0]
    )


def test_a_copied_answer_tells_the_step_but_not_the_way_back(open_tab: OpenTab) -> None:
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.ask(ABROAD)
    tab.page.locator("#chat .message-buttons-left button").click()
    tab.page.wait_for_timeout(200)
    assert tab.clipboard().startswith("只查“山东方案”\n\n规划中")
    assert "不限" not in tab.clipboard()
