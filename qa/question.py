"""What a person typed → what is searched."""

from __future__ import annotations

import re
import unicodedata

from index.records import PlanqaError
from index.repair import simplify_text

LONGEST = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff\ufffd]+")


def search_text(question: str) -> str:
    """Return ``question`` in simplified characters and NFKC, without control characters.

    Raises:
        PlanqaError: nothing is left to search for, or there is too much.
    """
    text = unicodedata.normalize("NFKC", _CONTROL.sub(" ", question)).strip()
    if not re.search(r"[^\W_]", text):
        raise PlanqaError("问题是空的；请输入想问的内容。")
    if len(text) > LONGEST:
        raise PlanqaError(f"问题有 {len(text)} 个字，太长了；请缩短到 {LONGEST} 字以内。")
    return simplify_text(text)
