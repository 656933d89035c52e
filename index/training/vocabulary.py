"""The vocabulary: words counted with jieba, cut at query time by a native unigram model."""

from __future__ import annotations

import logging
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, repeat
from pathlib import Path
from unicodedata import normalize

import jieba
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from index.training import data

UNKNOWN = "[UNK]"
PLAIN_WEIGHT = 10
OFFICIAL_WEIGHT = 2
OFFICIAL_EVERY = 4
GENERAL_EVERY = 4
LONGEST_WORD = 8
LONGEST_TERM = 3
KEPT = r"[^\p{Han}\p{Latin}\p{Greek}\p{Nd}%]+"

_WORD = re.compile(r"[\u3400-\u9fff]+|[a-z0-9%]*[a-z][a-z0-9%]*|[0-9]+%?|%")


def build_tokenizer(words: Counter[str], size: int) -> Tokenizer:
    """Make a unigram tokenizer from the most frequent words and every character.

    Scores are log frequencies, so the cut is the likeliest one, as in jieba; what is not in the vocabulary
    becomes one unknown token, whose embedding is zero, and never takes its neighbours with it. Punctuation
    is dropped.
    """
    characters = sorted({character for word in words for character in word} | _common_characters())
    chosen = dict.fromkeys(characters, 0)
    for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        if len(chosen) >= size - 1:
            break
        chosen[word] = 0
    total = words.total()
    scored = [(word, round(math.log(max(words[word], 0.5) / total), 3)) for word in chosen]
    tokenizer = Tokenizer(models.Unigram([(UNKNOWN, -100.0), *scored], unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(KEPT), "removed")
    return tokenizer


def count_words(source: Path) -> Counter[str]:
    """Count the words of all training texts, plain ones weighing most."""
    known = sorted(word for word in data.short_terms(source) if 1 < len(word) <= LONGEST_TERM)
    counts: Counter[str] = Counter()
    for texts, weight, every in (
        (data.plain_texts(source), PLAIN_WEIGHT, 1),
        (data.official_texts(source), OFFICIAL_WEIGHT, OFFICIAL_EVERY),
        (data.general_texts(source), 1, GENERAL_EVERY),
    ):
        # jieba's guesses at new words are good in edited text and poor in plain speech (能签, 娃补)
        for word, count in _count(islice(texts, 0, None, every), known, guess=weight != PLAIN_WEIGHT).items():
            counts[word] += weight * count
    return counts


def _count(texts: Iterable[str], known: list[str], guess: bool) -> Counter[str]:
    """Count in two processes; the sum does not depend on their order."""
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(max_workers=2, initializer=_learn, initargs=(known,)) as workers:
        for part in workers.map(_count_batch, _batches(texts), repeat(guess)):
            total.update(part)
    return total


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, 20_000)):
        yield batch


def _learn(known: list[str]) -> None:
    """Add official and plain terms to this process's dictionary."""
    jieba.setLogLevel(logging.WARNING)
    for word in known:
        jieba.add_word(word)


def _count_batch(texts: list[str], guess: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        for run in _WORD.findall(normalize("NFKC", text).lower()):
            counts.update(word for word in jieba.cut(run, HMM=guess) if len(word) <= LONGEST_WORD)
    return counts


def _common_characters() -> set[str]:
    """List the 6,763 characters of GB 2312, the letters and the digits: none of them may be unknown."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return set("".join(row.decode("gb2312", "ignore") for row in rows)) | set(
        "abcdefghijklmnopqrstuvwxyz0123456789%"
    )
