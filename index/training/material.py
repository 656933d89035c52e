"""All training texts, cut into tokens, in the order and the groups that training reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.training import data
from index.training.batches import DocumentTexts, PairSource, document_sources
from index.training.texts import TextPool, TokenIds

GENERAL = (
    data.question_passages,
    data.title_bodies,
    data.sentence_pairs,
    data.thesaurus,
    data.adjacent_sentences,
)
PLAIN = (data.terms, data.wordings, data.lexicon, data.law_consultations)


@dataclass(frozen=True, slots=True)
class Material:
    """Tokens of every text, general pairs, plain pairs, and questions inside their documents."""

    tokens: TokenIds
    general: Sequence[PairSource]
    plain: Sequence[PairSource]
    documents: Sequence[DocumentTexts]

    def token_frequencies(self, vocabulary: int) -> NDArray[np.float64]:
        """Share of each token among all tokens: (vocabulary,)."""
        counts = np.bincount(self.tokens.flat, minlength=vocabulary)
        return np.asarray(counts / counts.sum())

    def token_rarity(self, vocabulary: int) -> NDArray[np.float32]:
        """IDF of each token over all texts, ln(1 + (N − df + 0.5) / (df + 0.5)): (vocabulary,)."""
        count = len(self.tokens.offsets) - 1
        texts = np.repeat(np.arange(count), np.diff(self.tokens.offsets))
        held = np.unique(texts * vocabulary + self.tokens.flat) % vocabulary
        frequency = np.bincount(held, minlength=vocabulary)
        return np.log1p((count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)


def gather(source: Path, tokenizer: Tokenizer, hold_out: bool) -> Material:
    """Read every source; questions on test documents are left out, with `hold_out` the other held-out too."""
    pool = TextPool()
    general = [PairSource.of(pairs(source), pool) for pairs in GENERAL]
    plain = [PairSource.of(pairs(source), pool) for pairs in PLAIN]
    kept_back = data.is_held_out if hold_out else data.is_test
    asked = [one for one in data.questions(source) if not kept_back(one.group)]
    documents = document_sources(asked, data.documents(source), pool)
    return Material(pool.token_ids(tokenizer), general, plain, documents)
