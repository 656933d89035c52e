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
PLAIN = (data.terms, data.wordings, data.lexicon)


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


def gather(source: Path, tokenizer: Tokenizer, hold_out: bool) -> Material:
    """Read every source; questions on held-out documents are left out when `hold_out` is set."""
    pool = TextPool()
    general = [PairSource.of(pairs(source), pool) for pairs in GENERAL]
    plain = [PairSource.of(pairs(source), pool) for pairs in PLAIN]
    asked = [one for one in data.questions(source) if not (hold_out and data.is_held_out(one.group))]
    documents = document_sources(asked, data.documents(source), pool)
    return Material(pool.token_ids(tokenizer), general, plain, documents)
