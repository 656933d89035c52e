"""The training data: one function for each source, and the split by document."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from index.sentences import split_sentences

FILES = (
    "plain/questions.jsonl",
    "plain/passages.jsonl.gz",
    "plain/terms.tsv",
    "plain/wordings.tsv",
    "plain/lexicon.tsv",
    "train/question_passage.jsonl.gz",
    "train/title_body.jsonl.gz",
    "train/sentence_pairs.jsonl.gz",
    "train/thesaurus.jsonl.gz",
    "train/formal_paragraphs.jsonl.gz",
    "train/news_paragraphs.jsonl.gz",
)
HELD_OUT_PERCENT = 15
TEST_DOCUMENTS = (
    "江苏省政府工作报告2026",
    "河南省政府工作报告2026",
    "甘肃省政府工作报告2026",
    "city_gwr: 济宁市政府工作报告",
    "city_gwr: 荆州市政府工作报告",
    "city_gwr: 南宁市政府工作报告",
    "city_gwr: 宜宾市政府工作报告",
    "city_gwr: 台州市政府工作报告",
    "hebei_gov: 河北省制造业高质量发展“十四五”规划",
    "policies_shandong: Several Policies and Measures for Promoting the Development of Advanced "
    "Manufacturing and Digital Economy in Jinan",
)
NOISY_SENTENCE_PAIRS = ("simclue_pos",)
TRUE_PAIR_LABEL = {"stsb_zh": 4.0, "chinese_sts": 4.0, "sohu": 5.0}
PASSAGE_CHARACTERS = 400
ARTICLE_PERCENT = 30
AROUND_CHARACTERS = 150
SHORTEST_PASSAGE = 20
OWN_LEXICON = Path(__file__).parents[2] / "qa" / "lexicon"
OWN_QUESTIONS = tuple(Path(__file__).parent / name for name in ("questions.tsv", "law_questions.tsv"))
LAW_CONSULTATIONS = ("equals_test", "lawbench_3-2", "lawbench_3-8")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same, or of which the second answers the first."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Question:
    """One plain question with its passage and the clause that answers it."""

    text: str
    group: str
    passage: str
    evidence_start: int
    evidence_end: int


@dataclass(frozen=True, slots=True)
class Document:
    """The paragraphs of one public document, id → text, in their order."""

    group: str
    passages: dict[str, str]


def sizes(data: Path) -> dict[str, int]:
    """Return the size of each file in bytes: what tells two versions of the data apart."""
    return {name: (data / name).stat().st_size for name in FILES}


def is_held_out(group: str) -> bool:
    """Tell whether a document is kept for choosing settings, by a fixed hash of its name, or for testing."""
    number = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big")
    return number % 100 < HELD_OUT_PERCENT or is_test(group)


def is_law(group: str) -> bool:
    """Tell whether a document is a law, not a plan, policy or report."""
    return group.startswith("laws")


def is_test(group: str) -> bool:
    """Tell whether a document is kept for testing: no training of any kind sees its questions."""
    return group in TEST_DOCUMENTS


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Cut a text into the sentences that the index will have; a blank text is one sentence."""
    return [(span.start, span.end) for span in split_sentences(text)] or [(0, len(text))]


def shared_questions(data: Path) -> list[Question]:
    """Read the plain questions on public documents that `data` holds."""
    return [
        Question(row["question"], row["group"], row["passage"], row["evidence_start"], row["evidence_end"])
        for row in _rows(data / "plain/questions.jsonl")
    ]


def questions(data: Path) -> list[Question]:
    """Read all plain questions on public documents: the shared ones, then the project's own."""
    places = {
        digest(text): (document.group, key)
        for document in documents(data).values()
        for key, text in document.passages.items()
    }
    ours = [
        Question(row.text, *places[row.paragraph], row.start, row.end)
        for row in own_questions()
        if row.paragraph in places
    ]
    return shared_questions(data) + ours


def shared_documents(data: Path) -> dict[str, Document]:
    """Read the paragraphs behind the shared questions, with their neighbours."""
    found: dict[str, Document] = {}
    for row in _rows(data / "plain/passages.jsonl.gz"):
        document = found.setdefault(row["group"], Document(row["group"], {}))
        document.passages[row["id"]] = row["text"]
    return found


@cache
def documents(data: Path) -> dict[str, Document]:
    """Read the documents behind all plain questions, every paragraph of each."""
    found = shared_documents(data)
    asked = {row.paragraph for row in own_questions()}
    rows = [
        (f"{row['source']}: {row['document']}", row["paragraph"].strip())
        for row in _rows(data / "train/formal_paragraphs.jsonl.gz")
    ]
    groups = {group for group, text in rows if digest(text) in asked}
    for group, text in rows:
        if group in groups and len(text) >= SHORTEST_PASSAGE:
            document = found.setdefault(group, Document(group, {}))
            if text not in document.passages.values():
                document.passages[f"{group}#{digest(text)}"] = text
    return found


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A plain question written for this project; its paragraph is named by `digest`, not quoted."""

    paragraph: str
    start: int
    end: int
    text: str


def own_questions() -> list[OwnQuestion]:
    """Read the project's own questions: paragraph, evidence from and to, question, under a header."""
    lines = [line for path in OWN_QUESTIONS for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    cells = [line.split("\t") for line in lines]
    return [OwnQuestion(cell[0], int(cell[1]), int(cell[2]), cell[3]) for cell in cells]


def digest(paragraph: str) -> str:
    """Name a paragraph by its text: SHA-256, 16 hexadecimal digits."""
    return hashlib.sha256(paragraph.encode()).hexdigest()[:16]


def question_passages(data: Path) -> Iterator[Pair]:
    """Yield public question → passage pairs, and question → answering sentence where the answer is known."""
    for row in _rows(data / "train/question_passage.jsonl.gz"):
        passage = row["passage"].strip()
        yield Pair(row["question"], passage[:PASSAGE_CHARACTERS])
        answer = str(row["answer"][0]) if row["answer"] else ""
        start = passage.find(answer) if len(answer) > 1 else -1
        if start >= 0:
            sentence = next((s for s in sentence_spans(passage) if s[1] > start), (0, PASSAGE_CHARACTERS))
            yield Pair(row["question"], passage[slice(*sentence)])


def law_consultations(data: Path) -> Iterator[Pair]:
    """Yield what people ask about the law → the article that answers."""
    for row in _rows(data / "train/question_passage.jsonl.gz"):
        if row["source"] in LAW_CONSULTATIONS:
            question = row["question"].removeprefix("场景:")[:PASSAGE_CHARACTERS]
            yield Pair(question, row["passage"].removeprefix("回答:").strip()[:PASSAGE_CHARACTERS])


def title_bodies(data: Path) -> Iterator[Pair]:
    """Yield title → body pairs; of the law articles, which are many and alike, a fixed part."""
    for row in _rows(data / "train/title_body.jsonl.gz"):
        body = row["body"].strip()
        if (
            row["source"] != "laws_article"
            or hashlib.sha256(body.encode()).digest()[0] * 100 < 256 * ARTICLE_PERCENT
        ):
            yield Pair(row["title"], body[:PASSAGE_CHARACTERS])


def sentence_pairs(data: Path) -> Iterator[Pair]:
    """Yield paraphrases: label 1 or better of the two-way sets, 4 or 5 of those that grade likeness."""
    for row in _rows(data / "train/sentence_pairs.jsonl.gz"):
        least = next(
            (value for name, value in TRUE_PAIR_LABEL.items() if row["source"].startswith(name)), 1.0
        )
        if row["source"] not in NOISY_SENTENCE_PAIRS and row["label"] >= least:
            yield Pair(row["a"][:PASSAGE_CHARACTERS], row["b"][:PASSAGE_CHARACTERS])


def thesaurus(data: Path) -> Iterator[Pair]:
    """Yield neighbours in synonym groups, abbreviations and idiom definitions."""
    for row in _rows(data / "train/thesaurus.jsonl.gz"):
        if row["relation"] in ("syn", "abbr", "def"):
            words = row["words"]
            yield from (Pair(first, second) for first, second in zip(words, words[1:], strict=False))


def adjacent_sentences(data: Path) -> Iterator[Pair]:
    """Yield sentence → what stands around it (inverse cloze, Lee et al. 2019).

    Laws and news give one sentence a paragraph, other official texts two.
    """
    for name in ("formal_paragraphs", "news_paragraphs"):
        for number, row in enumerate(_rows(data / f"train/{name}.jsonl.gz")):
            text = row["paragraph"].strip()[: 2 * PASSAGE_CHARACTERS]
            spans = sentence_spans(text)
            places = {number % len(spans)}
            if not row["source"].startswith(("laws", "crud")):
                places.add((number + len(spans) // 2) % len(spans))
            if len(spans) > 1:
                for start, end in (spans[place] for place in sorted(places)):
                    around = (
                        text[max(0, start - AROUND_CHARACTERS) : start] + text[end : end + AROUND_CHARACTERS]
                    )
                    yield Pair(text[start:end], around)


def terms(data: Path) -> Iterator[Pair]:
    """Yield plain wording → official term."""
    for official, plain in _table(data / "plain/terms.tsv"):
        yield from (Pair(wording, official[0]) for wording in plain)


def wordings(data: Path) -> Iterator[Pair]:
    """Yield every plain wording → every official term or clause of its line."""
    for plain, official in _table(data / "plain/wordings.tsv"):
        yield from (Pair(left, right) for left in plain for right in official)


def lexicon(data: Path) -> Iterator[Pair]:
    """Yield plain word → each official term of its line: the shared lexicon, then the project's."""
    for path in (data / "plain/lexicon.tsv", *sorted(OWN_LEXICON.glob("*.tsv"))):
        for plain, official in _table(path):
            yield from (Pair(left, right) for left in plain for right in official)


def short_terms(data: Path) -> Iterator[str]:
    """Yield official terms and plain words that the dictionary should know."""
    for name in ("terms", "lexicon"):
        yield from (left[0] for left, _ in _table(data / f"plain/{name}.tsv"))


def plain_texts(data: Path) -> Iterator[str]:
    """Yield every text written in plain or official words by hand, for counting words."""
    for question in questions(data):
        yield question.text
    for name in ("terms", "wordings", "lexicon"):
        for left, right in _table(data / f"plain/{name}.tsv"):
            yield from left
            yield from right


def official_texts(data: Path) -> Iterator[str]:
    """Yield official paragraphs, for counting words."""
    for row in _rows(data / "plain/passages.jsonl.gz"):
        yield row["text"]
    for row in _rows(data / "train/formal_paragraphs.jsonl.gz"):
        yield row["paragraph"]


def general_texts(data: Path) -> Iterator[str]:
    """Yield news, public questions and paraphrases, for counting words."""
    for row in _rows(data / "train/news_paragraphs.jsonl.gz"):
        yield row["paragraph"][:PASSAGE_CHARACTERS]
    for source in (question_passages, sentence_pairs, thesaurus):
        for pair in source(data):
            yield pair.left
            yield pair.right


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read one JSON object a line, as a stream."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _table(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Read two columns a line, each a list separated by |."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            left, _, right = line.rstrip("\n").partition("\t")
            if left and right:
                yield _cells(left), _cells(right)


def _cells(column: str) -> list[str]:
    return [cell.strip() for cell in column.split("|") if cell.strip()]
