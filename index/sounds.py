"""How the words of an index sound: pronunciation → words.

Pronunciations are pinyin without tones, folded so that syllables that speakers confuse are one: zh/z,
ch/c, sh/s, n/l, r/l, hu/f, ang/an, eng/en, ing/in. Those of the single characters are stored too, so
that hearing a typed word needs no pinyin library.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from math import log
from pathlib import Path
from typing import NamedTuple

import marisa_trie

from index.terms import TermTokenizer

LONGEST = 6
"""Characters of the longest word that is stored."""

_RUNS = re.compile(r"[\u4e00-\u9fff]+")
_DICTIONARY_TOTAL = 60_101_967  # sum of jieba's frequencies
_TOTAL = "<total>"  # the key of the number of words in the index
_RECURRING = 3  # times that a run must stand in the index to be a word of it
_COHESION = 50.0  # times more often than its pieces would meet by chance
_LOOSE = frozenset("的了和与及或等在是为对把被从到向于以将让使由因而但并且则若其之所也都又还就才很更最已")
"""Characters that stand beside everything: no run begins or ends with them."""
_FOLDS = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"^[nr](?=[aeiouv])"), "l"),
    (re.compile(r"^hong$"), "feng"),
    (re.compile(r"^hui$"), "fei"),
    (re.compile(r"^hu(?=.)"), "f"),
    (re.compile(r"^hu$"), "fu"),
    (re.compile(r"(?<=[aei])ng$"), "n"),
)


@cache
def fold(syllable: str) -> str:
    """Return what ``syllable`` (toneless pinyin) and those that are confused with it are filed under."""
    for pattern, replacement in _FOLDS:
        syllable = pattern.sub(replacement, syllable)
    return syllable


def write_sounds(path: Path, texts: Iterable[str], terms: TermTokenizer) -> None:
    """Write how the words of ``texts`` sound as a trie that opens without being read."""
    from pypinyin import lazy_pinyin  # a fifth of a second, for builders only

    words, total = _count_words(texts, terms)
    items = dict(_characters())
    records: list[tuple[str, tuple[int]]] = [(_TOTAL, (total,))]
    for word, count in words.items():
        syllables = lazy_pinyin(word, v_to_u=False)
        if len(syllables) == len(word):
            records.append((_key(map(fold, syllables)) + "\t" + word, (count,)))
            for character, syllable in zip(word, syllables, strict=True):
                items.setdefault(character + syllable, len(items))  # 厦 of 厦门 is rare elsewhere
    records += ((key, (order,)) for key, order in items.items())
    marisa_trie.RecordTrie("<I", records).save(str(path))


def _key(syllables: Iterable[str]) -> str:
    return "".join(f"{syllable} " for syllable in syllables)


def _count_words(texts: Iterable[str], terms: TermTokenizer) -> tuple[dict[str, int], int]:
    """Count jieba's words of 2 to ``LONGEST`` characters, and runs of them that are words of the index.

    Runs are what jieba's dictionary lacks: 济莱, 充电桩, 雪野湖. One that stands only inside a longer
    one is left out.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    characters: Counter[str] = Counter()
    total = 0
    for text in dict.fromkeys(texts):
        for run in _RUNS.findall(text):
            pieces = _pieces(run, terms.words(run))
            total += len(pieces)
            characters.update(run)
            counts.update(_runs(pieces))
    words: dict[str, int] = {}
    inside: Counter[tuple[str, ...]] = Counter()
    for run_of in sorted(counts, key=len, reverse=True):
        count = counts[run_of]
        if len(run_of) > 1:
            if not (_recurs(run_of, counts, total) or _is_bound(run_of, count, characters)):
                continue
            if inside[run_of] >= count:
                continue
            for part in (run_of[1:], run_of[:-1]):
                inside[part] = max(inside[part], count)
        word = "".join(run_of)
        if len(word) > 1:
            words[word] = words.get(word, 0) + count
    return words, total


def _runs(pieces: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Return the runs of one, two and three pieces, those of three if they are short: they are many."""
    for size, longest in enumerate((LONGEST, LONGEST, 5), 1):
        for run in zip(*(pieces[start:] for start in range(size)), strict=False):
            if sum(map(len, run)) <= longest:
                yield run


def _pieces(run: str, words: Sequence[str]) -> list[str]:
    """Return the words that make up ``run`` end to end: search mode lists those inside one before it."""
    pieces: list[str] = []
    end = len(run)
    for word in reversed(words):
        if run.endswith(word, 0, end):
            pieces.append(word)
            end -= len(word)
    return pieces[::-1]


def _recurs(run: tuple[str, ...], counts: Counter[tuple[str, ...]], total: int) -> bool:
    """Tell whether ``run`` keeps recurring, far more often than by chance wherever it is parted."""
    if counts[run] < _RECURRING or run[0][0] in _LOOSE or run[-1][-1] in _LOOSE:
        return False
    together = counts[run] * total
    return all(together >= _COHESION * counts[run[:cut]] * counts[run[cut:]] for cut in range(1, len(run)))


def _is_bound(run: tuple[str, ...], count: int, characters: Counter[str]) -> bool:
    """Tell whether a character of ``run`` mostly stands there: 桩 in 充电桩.

    One before a longer piece does not count: it rather belongs to what stands before it.
    """
    if not _LOOSE.isdisjoint((run[0][0], run[-1][-1])) or (len(run) == 2 and len(run[1]) > 1):
        return False
    return any(len(piece) == 1 and 2 * count >= characters[piece] for piece in run)


@cache
def _characters() -> tuple[tuple[str, int], ...]:
    """Return character + pronunciation with its order, once a process: the usual one, then others in use.

    Dictionaries give pronunciations that no word has (无 mó, 霾 lí): those that a tenth of pypinyin's
    phrases have are kept.
    """
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    @cache
    def toneless(syllable: str) -> str:
        return str(to_normal(syllable, v_to_u=False))

    spoken: dict[str, Counter[str]] = {}
    for phrase, syllables in PHRASES_DICT.items():
        for character, syllable in zip(phrase, syllables, strict=False):
            spoken.setdefault(character, Counter())[toneless(syllable[0])] += 1
    found: list[str] = []
    for code, listed in PINYIN_DICT.items():
        character = chr(code)
        if not _RUNS.fullmatch(character):
            continue
        usual, *others = dict.fromkeys(toneless(syllable) for syllable in listed.split(","))
        phrases = spoken.get(character, Counter())
        found.append(character + usual)
        found += (character + r for r in others if phrases[r] > max(2.0, phrases.total() / 10))
    return tuple((key, order) for order, key in enumerate(found))


class Heard(NamedTuple):
    """A word of the index, and the natural logarithm of its share of all words."""

    word: str
    log_share: float


class Sounds:
    """The words of an index by their sound."""

    def __init__(self, path: Path) -> None:
        """Map what ``write_sounds`` wrote, and the dictionary that lies beside it."""
        self._trie = marisa_trie.RecordTrie("<I").mmap(str(path))
        self._dictionary = marisa_trie.RecordTrie("<I").mmap(str(path.with_name("dictionary.marisa")))
        self._total = int(self._trie[_TOTAL][0][0])
        self._readings: dict[str, tuple[str, ...]] = {}

    def readings(self, character: str) -> tuple[str, ...]:
        """Return the pronunciations of a character, the usual one first; none of what is no character."""
        known = self._readings.get(character)
        if known is None:
            found = self._trie.items(character) if _RUNS.fullmatch(character) else []
            found.sort(key=lambda item: item[1])
            known = self._readings[character] = tuple(key[1:] for key, _ in found)
        return known

    def like(self, word: str) -> tuple[str, ...]:
        """Return the words of the index that sound like ``word``, it among them; the most frequent first."""
        heard = self.hear([set(map(fold, self.readings(c))) for c in word], least=len(word))
        return tuple(h.word for h in sorted(heard, key=lambda h: (-h.log_share, h.word)))

    def hear(self, syllables: Sequence[Collection[str]], least: int = 2) -> Iterator[Heard]:
        """Find the words that begin with one of ``syllables[0]``, go on with one of ``syllables[1]`` …

        Syllables are folded; words have ``least`` characters or more, as far as ``syllables`` go.
        """
        if len(syllables) < 2:
            return
        keys = [f"{first} " for first in syllables[0]]
        for length, choices in enumerate(syllables[1:], 2):
            longer = [f"{key}{choice} " for key in keys for choice in choices]
            keys = [key for key in longer if next(self._trie.iterkeys(key), None) is not None]
            if length >= least:
                for key in keys:
                    yield from self._words(key + "\t")

    def _words(self, key: str) -> Iterator[Heard]:
        for found, (count,) in self._trie.items(key):
            word = found[len(key) :]
            share = self._frequency(word) / _DICTIONARY_TOTAL + count / self._total
            yield Heard(word, log(share / 2))

    def is_word(self, word: str) -> bool:
        """Tell whether jieba's dictionary has ``word``."""
        return word in self._dictionary

    def words_at(self, text: str, start: int) -> list[tuple[int, float]]:
        """Return where the dictionary's words that begin at ``start`` end, with their log shares.

        The single character is always among them.
        """
        words = dict.fromkeys([text[start], *self._dictionary.prefixes(text[start : start + 16])])
        return [(start + len(w), log((self._frequency(w) or 1) / _DICTIONARY_TOTAL)) for w in words]

    def _frequency(self, word: str) -> int:
        found = self._dictionary.get(word)
        return int(found[0][0]) if found else 0
