"""Passages that say the same: shown once, the others under 另见."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHARED = 0.8
_LETTERS = re.compile(r"[^\u3400-\u9fffA-Za-z0-9]+")
_TELLING = re.compile(r"\d[\d.,]*|[一二三四五六七八九十百千万亿]+|[不未无非]")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text's character pairs, without punctuation and spaces, and its figures and negations in order."""

    pairs: frozenset[str]
    telling: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Wording:
        """Take them from ``text``."""
        plain = _LETTERS.sub("", text)
        found = frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset({plain})
        return cls(found, tuple(_TELLING.findall(text)))

    def same(self, other: Wording) -> bool:
        """Tell whether two texts share four fifths of all their pairs (Jaccard), and every figure and 不."""
        least, most = sorted((len(self.pairs), len(other.pairs)))
        return (
            self.telling == other.telling
            and least >= _SHARED * most
            and len(self.pairs & other.pairs) >= _SHARED * len(self.pairs | other.pairs)
        )
