"""The page without a mouse, read aloud, in poor light and on a phone."""

from __future__ import annotations

import re

import pytest
from page_server import BOTH_STEPS, OpenTab, Tab, link
from playwright.sync_api import expect

from qa.assistant import Assistant

pytestmark = pytest.mark.browser

CONTRAST = """(seen) => {
  const channels = (colour) => {
    const context = document.createElement('canvas').getContext('2d');
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  };
  const luminance = (colour) => [...channels(colour)].slice(0, 3)
    .map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  let below = seen;
  while (channels(getComputedStyle(below).backgroundColor)[3] < 255) below = below.parentElement;
  const two = [getComputedStyle(seen).color, getComputedStyle(below).backgroundColor].map(luminance);
  return (Math.max(...two) + 0.05) / (Math.min(...two) + 0.05);
}"""


def tab_to(tab: Tab, selector: str, key: str = "Tab") -> None:
    """Press ``key`` until something that fits ``selector`` has the focus."""
    for _ in range(40):
        tab.page.keyboard.press(key)
        if tab.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{key} does not lead to {selector}")


def test_everything_is_done_by_keyboard(open_tab: OpenTab, assistant: Assistant) -> None:
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.ask(BOTH_STEPS)
    press = tab.page.keyboard.press
    tab_to(tab, "#panel a[href='#drop-1-document']")
    press("Enter")
    expect(tab.page.locator("#sources-title")).to_be_focused()
    tab_to(tab, "#chat a[href='#drop-1-spelling']", "Shift+Tab")
    press("Enter")
    expect(tab.message(1)).to_be_focused()
    found = assistant.ask(BOTH_STEPS, without=["document", "spelling"])
    tab.expect_cited([citation.passage.text for citation in found.citations])
    tab_to(tab, "#chat a[href='#citation-1-1']")
    press("Enter")
    expect(tab.page.locator("#citation-1-1")).to_be_focused()
    tab_to(tab, "#panel a[href='#compare-1']", "Shift+Tab")
    press("Enter")
    expect(tab.page.locator("#panel .plan")).not_to_have_count(0)
    expect(tab.page.locator("#sources-title")).to_be_focused()
    tab_to(tab, "#panel a[href='#citation-1-0']")
    press("Enter")
    expect(tab.page.locator("#citation-1-1")).to_be_visible()
    expect(tab.page.locator("#sources-title")).to_be_focused()
    tab_to(tab, "#citation-1-1 details + details > summary")
    press("Enter")
    tab_to(tab, "#citation-1-1 .copy")
    press("Enter")
    expect(tab.page.locator("#said")).to_have_text("已复制带出处的引文")
    assert tab.clipboard() == tab.page.locator("#citation-1-1 .copied").first.text_content()


def test_links_and_buttons_say_what_they_do(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.ask(BOTH_STEPS)
    for place in (tab.message(1), tab.page.locator("#panel")):
        names = ["改回“冲电桩”（按“充电桩”查找）", "不限（只查“山东方案”）"]
        expect(link(place, "drop")).to_have_count(len(names))
        for entry, name in zip(link(place, "drop").all(), names, strict=True):
            expect(entry).to_have_attribute("aria-label", name)  # a moment after it is shown
    expect(tab.page.get_by_role("list", name="按这样的理解查找").get_by_role("listitem")).to_have_count(2)
    assert tab.page.get_by_role("log", name="对话").count() == 1
    spoken = tab.page.locator("#chat, #panel").evaluate_all(
        "all => all.flatMap(e => [...e.querySelectorAll('[aria-label]')]).filter(e => e.offsetParent)"
        ".map(e => e.ariaLabel)"
    )
    assert spoken
    assert [name for name in spoken if not re.search("[\u4e00-\u9fff]", name)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_new_can_be_read_against_its_ground(open_tab: OpenTab, scheme: str) -> None:
    tab = open_tab(1400, 1000, color_scheme=scheme)
    tab.ask(BOTH_STEPS)
    tab.page.locator("#citation-1-1 summary").filter(has_text="引用").click()
    tab.shoot(f"steps-{scheme}")
    seen = tab.page.locator(
        "#chat :is(em, a, strong), #panel :is(.chip, .chip a, .ways a, .note, .path), "
        "#citation-1-1 :is(summary, dt, dd, .copy)"
    ).filter(visible=True)
    assert seen.count() > 25
    assert min(place.evaluate(CONTRAST) for place in seen.all()) >= 4.5
    tab.page.locator("#panel a[href='#compare-1']").click()
    tab.page.locator("#panel .plan").first.wait_for()
    columns = tab.page.locator("#panel .plan :is(h3, .path, .verdict, .text, mark)")
    assert min(place.evaluate(CONTRAST) for place in columns.all()) >= 4.5


def test_on_a_phone_steps_texts_and_columns_fit_and_can_be_touched(open_tab: OpenTab) -> None:
    tab = open_tab(390, 844, has_touch=True, is_mobile=True)
    width = "document.documentElement.scrollWidth"
    tab.ask(BOTH_STEPS)
    tab.page.locator("#citation-1-1 summary").filter(has_text="引用").click()
    targets = tab.page.locator("a[href*='#drop-'], a[href*='#compare-'], .copy").filter(visible=True)
    expect(targets).to_have_count(8)
    assert min(box["height"] for target in targets.all() if (box := target.bounding_box())) >= 44
    assert tab.page.evaluate(width) <= 390
    tab.page.locator("#panel a[href='#compare-1']").click()
    tab.page.locator("#panel .plan").first.wait_for()
    expect(tab.page.locator("#sources-title")).to_be_in_viewport()
    assert tab.page.evaluate(width) <= 390
    tab.shoot("phone-comparison")
