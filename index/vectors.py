"""Nearest vectors by cosine, through FAISS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.records import Vectors

if TYPE_CHECKING:
    import faiss


class VectorIndex:
    """Exact inner-product search over unit rows: higher is nearer, 1 is the same direction."""

    def __init__(self, index: faiss.Index) -> None:
        """Wrap a FAISS index of inner products."""
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        """Index ``vectors``, ``(n, dim)``; row numbers are what a search returns."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    def search(
        self, query: Vectors, top: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows nearest to ``query`` ``(dim,)`` and their cosines, best first.

        ``among`` ``(n,)`` leaves only the rows where it is true.
        """
        import faiss

        parameters = None
        if among is not None:
            rows = np.flatnonzero(among).astype(np.int64)
            top = min(top, len(rows))
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))  # type: ignore[call-arg]
        top = min(top, self._index.ntotal)
        if top == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        cosines, rows = self._index.search(query[None, :].astype(np.float32), top, params=parameters)
        found = rows[0] >= 0
        return rows[0][found], cosines[0][found]

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the stored vectors of ``rows``, ``(len(rows), dim)``."""
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the index to ``path``."""
        import faiss

        faiss.write_index(self._index, str(path))

    @classmethod
    def open(cls, path: Path) -> VectorIndex:
        """Open what ``save`` wrote, mapped into memory."""
        import faiss

        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
