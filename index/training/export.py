"""Writes the encoder as a sentence-transformers folder, with its model card."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer

from index.training.train import Recipe

CARD = Path(__file__).with_name("card.md")


def save_encoder(
    folder: Path,
    tokenizer: Tokenizer,
    table: NDArray[np.float32],
    rarity: NDArray[np.float32],
    recipe: Recipe,
) -> None:
    """Save tokenizer, float16 rows and card, for `SentenceTransformer(folder)` and the NumPy reader alike.

    Beside them the rarity of each token, for matching a question with a passage token by token.
    """
    module = StaticEmbedding(tokenizer, embedding_weights=table.astype(np.float16))
    SentenceTransformer(modules=[module, Normalize()], device="cpu").save(
        str(folder), create_model_card=False
    )
    (folder / "model.safetensors").chmod(0o644)  # safetensors makes it readable by its owner only
    np.save(folder / "rarity.npy", rarity.astype(np.float16))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    card = Template(CARD.read_text(encoding="utf-8")).substitute(asdict(recipe))
    (folder / "README.md").write_text(card, encoding="utf-8")
