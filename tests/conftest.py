"""Shared fixtures: an encoder that can be worked out by hand, and the seeds read and indexed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.encoder import StaticEncoder, unit_rows
from index.opened import Index
from index.reading import find_sources, read_sources
from index.records import Document, Metadata, Passage, Vectors
from index.seeds import SEEDS
from qa.assistant import Assistant

pytest_plugins = ["page_server"]


class CountingEncoder:
    """Counts four characters: a text's vector is (水, 电, 路, 学), scaled to length 1."""

    name = "counting"
    fingerprint = "counting-1"
    dimensions = 4

    def encode_passages(self, texts: list[str]) -> Vectors:
        counts = [[text.count(character) for character in "水电路学"] for text in texts]
        return unit_rows(np.array(counts, dtype=np.float32).reshape(-1, 4))

    encode_queries = encode_passages


def small_document(name: str, *texts: str) -> Document:
    passages = tuple(
        Passage(f"{name}#{number}", name, ("第一章 总则",), text, 0, len(text), text)
        for number, text in enumerate(texts)
    )
    return Document(name, f"{name}.txt", "0" * 64, "utf-8", Metadata(name), "\n".join(texts), passages)


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    found, failures = read_sources(find_sources([SEEDS]))
    assert not failures
    return found


@pytest.fixture(scope="session")
def plan(documents: list[Document]) -> Document:
    """The 2016 plan."""
    return next(d for d in documents if d.file.startswith("000_"))


@pytest.fixture(scope="session")
def report(documents: list[Document]) -> Document:
    """The 2025 news report of an action plan, in traditional characters."""
    return next(d for d in documents if d.file.startswith("003_"))


@pytest.fixture(scope="session")
def seeds_directory(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("seeds-index")
    build_index(documents, StaticEncoder(), directory)
    return directory


@pytest.fixture(scope="session")
def seeds_index(seeds_directory: Path) -> Index:
    return Index(seeds_directory)


@pytest.fixture(scope="session")
def assistant(seeds_index: Index) -> Assistant:
    return Assistant(seeds_index)
