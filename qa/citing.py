"""A citation as people quote it: a reference, an address with its quotation, a Markdown blockquote.

Whatever is quoted stands in the passage's text byte for byte: quotation marks inside it stay as they are.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from index.opened import heading_number
from index.records import Span

if TYPE_CHECKING:  # an answer's JSON holds what is written here
    from qa.answer import Citation

OMISSION = "……"

_WEB_ADDRESS = re.compile(r"(?:https?://|ftp://|www\.)\S+", re.I)
_BETWEEN_NAMES = re.compile(r"\s*[、，,；;]\s*(?![^（(]*[）)])|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_NAMED = 3  # of more, the standard names the first three
_LINE = re.compile(r"\S(?:[^\r\n]*\S)?")
_WORDS = re.compile(r"[^\W_](?:.*[^\W_])?", re.S)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def reference(citation: Citation, accessed: date | None = None) -> str:
    """Return the GB/T 7714—2015 reference of the document, with the quoted place for 引文页码.

    What the metadata does not say is left out, also where the standard would write 出版地不详; the region
    stands for the place of publication, a source that is no web address for the publisher. ``accessed``
    is part of an online document's reference only.
    """
    metadata = citation.document.metadata
    source, day = (metadata.source or "").strip(), metadata.date or ""
    online = bool(_WEB_ADDRESS.fullmatch(source))
    title = f"[{metadata.title}]" if metadata.title_descriptive else metadata.title
    published = _join(": ", (metadata.region or "").strip(), "" if online else source)
    published = _join(": ", _join(", ", published, day[:4]), position(citation))
    if online:
        published += f"({day})" if len(day) > 4 else ""
        published += f"[{accessed.isoformat()}]" if accessed else ""
    titled = f"{title}[{'EB/OL' if online else 'Z'}]"
    said = _join(". ", _responsible(metadata.issuer or ""), titled, published, source if online else "")
    return said if online else f"{said}."  # a full stop would become part of the web address


def plain(citation: Citation) -> str:
    """Return where the citation stands and “what it says”: its evidence, or without any the whole passage."""
    return f"{address(citation)}：“{quotation(citation)}”"


def markdown(citation: Citation) -> str:
    """Return the whole passage as a blockquote, its evidence in bold, and below it where it stands."""
    text = citation.passage.text
    spans = quoted(citation) if citation.evidence else ()
    lines = (_emphasised(text, line.start(), line.end(), spans) for line in _LINE.finditer(text))
    return "\n>\n".join(f"> {line}" for line in lines) + f"\n\n——{_escape(address(citation))}"


def address(citation: Citation) -> str:
    """Return 《title》 and position."""
    return f"《{citation.document.metadata.title}》{position(citation)}"


def position(citation: Citation) -> str:
    """Return the place in the document as a plan numbers it: 第三章第一节“铁路”，第4段.

    A numbered heading is its number, another one stands in “ ”; the paragraphs are those inside the
    deepest numbered heading, or of the document where there is none.
    """
    headings = "".join(heading_number(step) or f"“{step}”" for step in citation.passage.heading_path)
    return _join("，", headings, f"第{citation.ordinal}段")


def quotation(citation: Citation) -> str:
    """Return what is quoted, with …… where something is left out."""
    text = citation.passage.text
    return OMISSION.join(text[span.start : span.end] for span in quoted(citation))


def quoted(citation: Citation) -> tuple[Span, ...]:
    """Return what is quoted, in the order of the text; stretches with nothing left out between are one."""
    text = citation.passage.text
    found: list[Span] = []
    for span in sorted(citation.evidence, key=lambda span: span.start):
        if found and not text[found[-1].end : span.start].strip():
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found) or (Span(0, len(text)),)


def _join(mark: str, *parts: str) -> str:
    return mark.join(part for part in parts if part)


def _responsible(issuer: str) -> str:
    names = [name for name in _BETWEEN_NAMES.split(issuer.strip()) if name]
    return ", ".join(names if len(names) <= _NAMED else [*names[:_NAMED], "等"])


def _escape(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", text)


def _emphasised(text: str, start: int, end: int, spans: tuple[Span, ...]) -> str:
    """Return ``text[start:end]`` as Markdown that shows it as it is, ``spans`` in bold.

    Bold begins and ends at a letter or digit: CommonMark takes ``**`` between 。 and a character that
    follows for two asterisks.
    """
    pieces = []
    for span in spans:
        if words := _WORDS.search(text, max(span.start, start), min(span.end, end)):
            pieces += [_escape(text[start : words.start()]), f"**{_escape(words[0])}**"]
            start = words.end()
    return "".join((*pieces, _escape(text[start:end])))
