"""FAISS finds what brute force finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.encoder import unit_rows
from index.vectors import VectorIndex

RANDOM = np.random.default_rng(7)
VECTORS = unit_rows(RANDOM.normal(size=(500, 32)))
QUERIES = unit_rows(RANDOM.normal(size=(20, 32)))


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_the_nearest_are_those_of_brute_force(query: np.ndarray) -> None:
    rows, cosines = VectorIndex.build(VECTORS).search(query, 10)
    expected = VECTORS @ query
    assert rows.tolist() == np.argsort(-expected)[:10].tolist()
    np.testing.assert_allclose(cosines, np.sort(expected)[::-1][:10], rtol=1e-5)


def test_a_search_among_some_finds_the_nearest_of_them() -> None:
    among = np.arange(500) % 7 == 3
    rows, _ = VectorIndex.build(VECTORS).search(QUERIES[0], 10, among)
    expected = np.where(among, VECTORS @ QUERIES[0], -2)
    assert rows.tolist() == np.argsort(-expected)[:10].tolist()


def test_more_can_be_asked_for_than_there_are() -> None:
    index = VectorIndex.build(VECTORS[:3])
    assert len(index.search(QUERIES[0], 10)[0]) == 3
    assert len(index.search(QUERIES[0], 10, np.zeros(3, dtype=np.bool_))[0]) == 0


def test_a_saved_index_gives_the_same_answers(tmp_path: Path) -> None:
    VectorIndex.build(VECTORS).save(tmp_path / "v.faiss")
    opened = VectorIndex.open(tmp_path / "v.faiss")
    rows, cosines = opened.search(QUERIES[1], 5)
    expected_rows, expected = VectorIndex.build(VECTORS).search(QUERIES[1], 5)
    assert rows.tolist() == expected_rows.tolist()
    assert cosines.tolist() == expected.tolist()
    np.testing.assert_array_equal(opened.vectors(rows), VECTORS[rows])
