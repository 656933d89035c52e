"""Terms are jieba's, and BM25 is what bm25s says it is."""

from __future__ import annotations

from pathlib import Path

import bm25s
import jieba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.opened import Index
from index.records import Document
from index.terms import Bm25, TermTokenizer, write_dictionary


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> TermTokenizer:
    path = tmp_path_factory.mktemp("terms") / "dictionary.marisa"
    write_dictionary(path)
    return TermTokenizer(path)


def test_words_are_the_ones_that_jieba_cuts(tokenizer: TermTokenizer, plan: Document) -> None:
    jieba.setLogLevel(60)
    for passage in plan.passages[:20]:
        text = "".join(c for c in passage.text if "\u4e00" <= c <= "\u9fff")
        assert tokenizer.words(text) == list(jieba.cut_for_search(text, HMM=False))


def test_terms_are_words_characters_and_bigrams(tokenizer: TermTokenizer) -> None:
    assert tokenizer.terms("S317线,地铁") == ["s317", "线", "地铁", "地", "铁", "地铁"]


terms = st.lists(st.sampled_from("水电路学农林医教"), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(st.lists(terms, min_size=2, max_size=8), terms)
def test_scores_are_those_of_bm25s(texts: list[list[str]], query: list[str]) -> None:
    ours = Bm25.build(texts).score(query)
    theirs = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    theirs.index(texts, show_progress=False)
    known = [term for term in query if any(term in text for text in texts)]
    expected = theirs.get_scores(known) if known else np.zeros(len(texts))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


def test_scores_on_the_seeds_are_those_of_bm25s(seeds_index: Index) -> None:
    texts = [seeds_index.terms.terms(seeds_index.passage(n).text) for n in range(len(seeds_index))]
    theirs = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    theirs.index(texts, show_progress=False)
    for question in ("城际铁路什么时候通车", "章丘大葱", "S317"):
        query = [t for t in seeds_index.terms.terms(question) if t in seeds_index.body.vocabulary]
        np.testing.assert_allclose(seeds_index.body.score(query), theirs.get_scores(query), rtol=1e-4)


def test_a_term_that_no_passage_holds_adds_nothing_and_is_as_rare_as_can_be() -> None:
    index = Bm25.build([["水", "电"], ["电"]])
    assert index.score(["火星"]).tolist() == [0.0, 0.0]
    assert index.inverse_frequency("火星") > index.inverse_frequency("水") > index.inverse_frequency("电")
    assert index.containing("电").tolist() == [0, 1]
    assert index.containing("火星").tolist() == []


def test_an_index_without_a_term_can_be_built_and_asked(tmp_path: Path) -> None:
    Bm25.build([[], []]).save(tmp_path, "body")
    assert Bm25.open(tmp_path, "body", 2).score(["水"]).tolist() == [0.0, 0.0]
