"""The page's colours, sizes and fonts, as a Gradio theme; the layout is ``look.css``."""

from __future__ import annotations

import gradio as gr

_SANS = (
    "-apple-system",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "system-ui",
    "sans-serif",
)
"""Fonts that a reader's own system brings: nothing is fetched."""

_LIGHT = {
    "paper": "#f6f5f1",
    "sheet": "#ffffff",
    "ink": "#1e2a31",
    "pale": "#56636b",
    "line": "#dcdbd4",
    "accent": "#1d5c6b",
    "accent_strong": "#154653",
    "button": "#1d5c6b",
    "button_strong": "#154653",
    "tint": "#e9f0f1",
}
_DARK = {
    "paper": "#14181a",
    "sheet": "#1c2225",
    "ink": "#e6e8e4",
    "pale": "#a3aeb2",
    "line": "#343d41",
    "accent": "#86c5d0",
    "accent_strong": "#a9d8e0",
    "button": "#2a7180",
    "button_strong": "#347f8f",
    "tint": "#26373d",
}


def theme() -> gr.themes.Base:
    """Return the theme: ink on paper, one quiet accent, light and dark."""
    made = gr.themes.Base(
        primary_hue=gr.themes.colors.cyan,
        neutral_hue=gr.themes.colors.stone,
        text_size=gr.themes.sizes.text_lg,
        radius_size=gr.themes.sizes.radius_md,
        font=_SANS,
        font_mono=("ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace"),
    )
    roles = {
        "body_background_fill": "paper",
        "background_fill_primary": "sheet",
        "background_fill_secondary": "paper",
        "block_background_fill": "sheet",
        "body_text_color": "ink",
        "body_text_color_subdued": "pale",
        "block_title_text_color": "pale",
        "block_label_text_color": "pale",
        "border_color_primary": "line",
        "block_border_color": "line",
        "input_background_fill": "sheet",
        "input_border_color": "line",
        "input_border_color_focus": "accent",
        "input_placeholder_color": "pale",
        "color_accent_soft": "tint",
        "border_color_accent": "accent",
        "link_text_color": "accent",
        "link_text_color_hover": "accent_strong",
        "link_text_color_active": "accent_strong",
        "link_text_color_visited": "accent",
        "button_primary_background_fill": "button",
        "button_primary_background_fill_hover": "button_strong",
        "button_secondary_background_fill": "sheet",
        "button_secondary_background_fill_hover": "tint",
        "button_secondary_border_color": "line",
        "button_secondary_text_color": "ink",
    }
    colours = {name: _LIGHT[role] for name, role in roles.items()}
    colours |= {f"{name}_dark": _DARK[role] for name, role in roles.items()}
    return made.set(
        **colours,
        color_accent="*link_text_color",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        block_shadow="none",
        block_shadow_dark="none",
        button_primary_shadow="none",
        input_shadow="none",
    )
