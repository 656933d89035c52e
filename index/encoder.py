"""Two roads from text to unit vectors: the bundled static encoder, and any sentence-transformers model.

The bundled one is a ``StaticEmbedding`` folder: one row a token, a text is the mean of its rows. It is
read with ``tokenizers`` and NumPy; ``SentenceTransformer(folder)`` gives the same vectors, but importing
that library takes seconds, and a question must not.
"""

from __future__ import annotations

import json
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.records import Encoder, PlanqaError, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BUNDLED = "bundled"
BUNDLED_FOLDER = Path(__file__).parent / "bundled"
_WEIGHTS, _TOKENIZER, _RARITY = "model.safetensors", "tokenizer.json", "rarity.npy"


def unit_rows(vectors: np.ndarray[Any, Any]) -> Vectors:
    """Scale each row to length 1, as float32; a zero row stays zero."""
    rows = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)


class StaticEncoder:
    """Static token embeddings, read without torch.

    Raises:
        PlanqaError: the folder does not hold a ``StaticEmbedding`` model.
    """

    def __init__(self, folder: Path = BUNDLED_FOLDER, name: str = BUNDLED) -> None:
        """Open the model in ``folder``; nothing is read before it is needed."""
        for file in (_WEIGHTS, _TOKENIZER, _RARITY):
            if not (folder / file).is_file():
                raise PlanqaError(f"向量模型不完整：“{folder}”里没有 {file}。请重新安装 planqa。")
        self.folder = folder
        self.name = name

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of tokenizer, rarities and weights, 16 hexadecimal digits."""
        digest = sha256((self.folder / _TOKENIZER).read_bytes() + (self.folder / _RARITY).read_bytes())
        with (self.folder / _WEIGHTS).open("rb") as weights:
            while block := weights.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()[:16]

    @cached_property
    def _rows(self) -> np.ndarray[Any, Any]:
        """``(vocabulary, dim)`` float16, mapped from the file: a question touches a few rows only."""
        path = self.folder / _WEIGHTS
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
        entry = header["embedding.weight"]
        if entry["dtype"] not in {"F16", "F32"}:
            raise PlanqaError(
                f"向量模型“{self.folder}”的权重类型 {entry['dtype']} 不受支持（要 F16 或 F32）。"
            )
        dtype = np.float16 if entry["dtype"] == "F16" else np.float32
        offset = 8 + length + entry["data_offsets"][0]
        return np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=tuple(entry["shape"]))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / _TOKENIZER))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._rows.shape[1])

    def encode(self, texts: list[str]) -> Vectors:
        """Return the mean of each text's token rows, ``(n, dim)`` float32, scaled to length 1."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, ids in enumerate(self.tokens(texts)):
            if ids:
                vectors[row] = self._rows[ids].mean(axis=0, dtype=np.float32)
        return unit_rows(vectors)

    def tokens(self, texts: list[str]) -> list[list[int]]:
        """Return the token ids of each text."""
        return [e.ids for e in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def pieces(self, text: str) -> list[tuple[int, str]]:
        """Return the tokens of ``text`` in order: id and the stretch of text that it stands for."""
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return [
            (number, text[start:end]) for number, (start, end) in zip(found.ids, found.offsets, strict=True)
        ]

    def token_vectors(self, ids: NDArray[np.int64]) -> Vectors:
        """Return the tokens' own vectors, ``(len(ids), dim)``; each is worked out once."""
        units, done = self._unit_rows
        missing = ids[~done[ids]]
        if len(missing):
            units[missing] = unit_rows(self._rows[missing])
            done[missing] = True
        return units[ids]

    @cached_property
    def _unit_rows(self) -> tuple[Vectors, NDArray[np.bool_]]:
        # Pages that are never written take no memory.
        return np.zeros(self._rows.shape, np.float32), np.zeros(len(self._rows), np.bool_)

    @cached_property
    def token_rarity(self) -> NDArray[np.float16]:
        """``(vocabulary,)``: IDF of each token over the texts of the training."""
        found: NDArray[np.float16] = np.load(self.folder / _RARITY)
        return found

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return the vectors of ``texts``."""
        return self.encode(texts)

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return the vectors of questions; the bundled model treats them like any text."""
        return self.encode(texts)


class SentenceTransformerEncoder:
    """Any sentence-transformers model, from the hub, its cache or a folder.

    The library is imported and the model loaded when first needed. Whether the network may be asked is
    the library's own rule (``HF_HUB_OFFLINE=1`` forbids it).
    """

    def __init__(self, name: str, batch_size: int = 32) -> None:
        """Remember the name or path of a model; ``batch_size`` is in texts."""
        self.name = name
        self.batch_size = batch_size

    @cached_property
    def _model(self) -> SentenceTransformer:
        try:
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(self.name, device="cpu")
        except (OSError, ValueError) as error:
            raise PlanqaError(
                f"装不上向量模型“{self.name}”：{str(error).splitlines()[0]} "
                "请检查名称或路径；离线时请先把模型下载到本地，再给出它的文件夹。"
            ) from error

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the model's parameters and prompts, 16 hexadecimal digits."""
        digest = sha256(json.dumps(self._model.prompts, sort_keys=True).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().float().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return the vectors of ``texts``, with the model's document prompt where it has one."""
        return unit_rows(np.asarray(self._model.encode_document(texts, batch_size=self.batch_size)))

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return the vectors of questions, with the model's query prompt where it has one."""
        return unit_rows(np.asarray(self._model.encode_query(texts, batch_size=self.batch_size)))


def load_encoder(name: str = BUNDLED) -> Encoder:
    """Return the bundled encoder, or the sentence-transformers model called ``name``."""
    return StaticEncoder() if name == BUNDLED else SentenceTransformerEncoder(name)
