"""What was typed, in its conversation → what is searched, and where; each step can be seen and taken back."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from index.opened import DocumentEntry, Index
from qa.follow_up import Carried, follow_up
from qa.lexicon import Lexicon
from qa.names import named
from qa.question import search_text
from qa.scope import Chip, read_scope
from qa.spelling import Correction, correct

_INSIDE = re.compile(r"(?:里[面头边]?|[中上内的])+$")

Step = Literal["follow_up", "spelling", "document", "region", "year"]
"""What can be taken back: what was carried over, corrections, and the filters read from the question."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; None leaves that side open."""

    document: str | None = None
    region: str | None = None
    year: int | None = None

    def keep(self, entry: DocumentEntry) -> bool:
        """Tell whether a document passes: by id, file or part of its title; part of its region; year."""
        metadata = entry.metadata
        wanted = self.document
        return (
            (wanted is None or wanted in (entry.id, entry.file) or wanted in metadata.title)
            and (self.region is None or self.region in (metadata.region or ""))
            and (self.year is None or (metadata.date or "")[:4] == str(self.year))
        )

    def sides(self) -> tuple[Step, ...]:
        """Return the sides that are narrowed."""
        sides: dict[Step, object] = {"document": self.document, "region": self.region, "year": self.year}
        return tuple(side for side, value in sides.items() if value is not None)

    def with_chips(self, chips: Sequence[Chip]) -> Filters:
        """Return these filters, the open sides narrowed by ``chips``."""
        said = {chip.kind: chip.value for chip in chips}
        year = said.get("year")
        return Filters(
            self.document or said.get("document"),
            self.region or said.get("region"),
            self.year or (int(year) if year else None),
        )


@dataclass(frozen=True, slots=True)
class Understood:
    """``text`` is searched for; the rest says how it came of what was typed."""

    text: str
    carried: Carried | None = None
    corrections: tuple[Correction, ...] = ()
    chips: tuple[Chip, ...] = ()

    def steps(self) -> tuple[tuple[Step, str, str], ...]:
        """Return the steps taken: name, what was done and how it is taken back, both in Chinese."""
        found: list[tuple[Step, str, str]] = []
        if self.carried:
            found.append(("follow_up", self.carried.chip, "不接着问"))
        if self.corrections:
            meant = "、".join(f"“{correction.meant}”" for correction in self.corrections)
            typed = "、".join(f"“{correction.typed}”" for correction in self.corrections)
            found.append(("spelling", f"按{meant}查找", f"改回{typed}"))
        for chip in self.chips:
            found.append((chip.kind, f"只查“{_INSIDE.sub('', chip.said)}”", "不限"))
        return tuple(found)


def understand(
    question: str,
    earlier: Sequence[str],
    index: Index,
    lexicon: Lexicon,
    without: Collection[Step] = (),
) -> Understood:
    """Read a question, after those ``earlier`` in its conversation (as typed, oldest first).

    Steps in ``without`` are not taken.

    Raises:
        PlanqaError: there is nothing to search for.
    """
    text = search_text(question)
    carried = None if "follow_up" in without else follow_up(question, earlier, index.terms.words)
    text = carried.text if carried else text
    meant = frozenset((*named(text), *(expansion.plain for expansion in lexicon.expand(text))))
    corrected, corrections = (text, ()) if "spelling" in without else correct(text, index, meant)
    chips, rest = read_scope(corrected, index.documents)
    kept = tuple(chip for chip in chips if chip.kind not in without)
    return Understood(rest if kept == chips else corrected, carried, corrections, kept)
