"""Text → terms (jieba words, characters, bigrams), and BM25 over them.

BM25 is Lucene's variant (Kamphuis et al. 2020, doi:10.1007/978-3-030-45442-5_4), scored eagerly: what
a term gives to a passage is worked out when the index is built (Lù 2024, arXiv:2407.03618).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import marisa_trie
import numpy as np
from numpy.typing import NDArray

TOKENIZER = "jieba-search+characters+bigrams/1"
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_CJK_START = "\u3400"
_TOTAL = "<total>"  # the key of the sum of all frequencies; no run of _RUNS can be it


def write_dictionary(path: Path) -> None:
    """Write jieba's words and their frequencies as a trie that opens without being read.

    jieba's own start takes most of a second; the trie is mapped into memory.
    """
    _dictionary().save(str(path))


@cache
def _dictionary() -> marisa_trie.RecordTrie:
    """Read jieba's dictionary, once a process: the tries of all its builds are the same."""
    words: list[tuple[str, tuple[int]]] = []
    total = 0
    with (files("jieba") / "dict.txt").open("rb") as lines:
        for line in lines:
            word, frequency = line.decode("utf-8").split(" ")[:2]
            words.append((word, (int(frequency),)))
            total += int(frequency)
    words.append((_TOTAL, (total,)))
    return marisa_trie.RecordTrie("<I", words)


class _Frequencies:
    """jieba's ``FREQ`` table over a trie: words with their frequency, their beginnings with 0."""

    def __init__(self, trie: marisa_trie.RecordTrie) -> None:
        self._trie = trie

    def __contains__(self, fragment: str) -> bool:
        return bool(self._trie.has_keys_with_prefix(fragment))

    def get(self, word: str, default: int | None = None) -> int | None:
        found = self._trie.get(word)
        return int(found[0][0]) if found else default

    def __getitem__(self, word: str) -> int:
        return self.get(word) or 0


class TermTokenizer:
    """Text → terms, with the dictionary that an index carries."""

    def __init__(self, dictionary: Path) -> None:
        """Map the trie that ``write_dictionary`` wrote; it stays open when its file is gone."""
        self._trie = marisa_trie.RecordTrie("<I").mmap(str(dictionary))

    @cached_property
    def _jieba(self) -> Any:  # noqa: ANN401  (jieba has no types)
        import jieba

        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ = _Frequencies(self._trie)
        tokenizer.total = self._trie[_TOTAL][0][0]
        tokenizer.initialized = True
        return tokenizer

    def words(self, text: str) -> list[str]:
        """Return jieba's search-mode words and runs of letters and digits, in lower case."""
        found: list[str] = []
        for run in _RUNS.findall(text.lower()):
            found += self._jieba.cut_for_search(run, HMM=False) if run[0] >= _CJK_START else [run]
        return found

    def terms(self, text: str) -> list[str]:
        """Return the words of ``text``, its Chinese characters and their bigrams."""
        found: list[str] = []
        for run in _RUNS.findall(text.lower()):
            if run[0] < _CJK_START:
                found.append(run)
                continue
            found += (word for word in self._jieba.cut_for_search(run, HMM=False) if len(word) > 1)
            found += run
            found += (run[i : i + 2] for i in range(len(run) - 1))
        return found


@dataclass(frozen=True, slots=True)
class Bm25:
    """An inverted index whose postings hold finished scores.

    ``starts`` ``(terms + 1,)`` int64 cuts ``passages`` int32 and ``scores`` float32 into one posting
    list a term; ``idf`` ``(terms,)`` float32. A term's number is its id in ``vocabulary``.
    """

    vocabulary: marisa_trie.Trie
    starts: NDArray[np.int64]
    passages: NDArray[np.int32]
    scores: NDArray[np.float32]
    idf: NDArray[np.float32]
    count: int

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]], k1: float = 1.5, b: float = 0.75) -> Bm25:
        """Index one list of terms a passage.

        score(t, p) = idf(t) · tf / (tf + k1 · (1 − b + b · length / mean length)),
        idf(t) = ln(1 + (N − df + 0.5) / (df + 0.5)).
        """
        counts = [Counter(terms) for terms in texts]
        vocabulary = marisa_trie.Trie(sorted(set().union(*counts))) if counts else marisa_trie.Trie()
        lengths = np.array([c.total() for c in counts], dtype=np.float64)
        triples = [
            (vocabulary[term], number, tf) for number, c in enumerate(counts) for term, tf in c.items()
        ]
        table = np.array(sorted(triples), dtype=np.int64).reshape(-1, 3)
        frequency = np.bincount(table[:, 0], minlength=len(vocabulary)).astype(np.float64)
        idf = np.log1p((len(counts) - frequency + 0.5) / (frequency + 0.5))
        mean = lengths.mean() if lengths.any() else 1.0
        tf = table[:, 2].astype(np.float64)
        scores = idf[table[:, 0]] * tf / (tf + k1 * (1 - b + b * lengths[table[:, 1]] / mean))
        return cls(
            vocabulary,
            np.concatenate(([0], np.cumsum(frequency))).astype(np.int64),
            table[:, 1].astype(np.int32),
            scores.astype(np.float32),
            idf.astype(np.float32),
            len(counts),
        )

    def score(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage, ``(passages,)``; a repeated term counts again."""
        total = np.zeros(self.count, dtype=np.float32)
        for term in terms:
            number = self.vocabulary.get(term)
            if number is not None:
                posting = slice(self.starts[number], self.starts[number + 1])
                total[self.passages[posting]] += self.scores[posting]
        return total

    def containing(self, term: str) -> NDArray[np.int32]:
        """Return the numbers of the passages that hold ``term``, ascending."""
        number = self.vocabulary.get(term)
        if number is None:
            return np.zeros(0, dtype=np.int32)
        return self.passages[self.starts[number] : self.starts[number + 1]]

    def inverse_frequency(self, term: str) -> float:
        """Return the term's IDF; a term that no passage holds is as rare as can be."""
        number = self.vocabulary.get(term)
        return float(np.log1p(2 * self.count + 1) if number is None else self.idf[number])

    def save(self, folder: Path, field: str) -> None:
        """Write the index as files ``{field}.*`` of ``folder``."""
        self.vocabulary.save(str(folder / f"{field}.marisa"))
        for name in _ARRAYS:
            np.save(folder / f"{field}.{name}.npy", getattr(self, name))

    @classmethod
    def open(cls, folder: Path, field: str, count: int) -> Bm25:
        """Open what ``save`` wrote, mapped into memory; ``count`` is the number of passages."""
        vocabulary = marisa_trie.Trie().mmap(str(folder / f"{field}.marisa"))
        arrays = {name: np.load(folder / f"{field}.{name}.npy", mmap_mode="r") for name in _ARRAYS}
        return cls(cast("marisa_trie.Trie", vocabulary), count=count, **arrays)


_ARRAYS = ("starts", "passages", "scores", "idf")
