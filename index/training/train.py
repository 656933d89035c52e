"""The two stages of training, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from index.training.batches import DocumentTexts, PairBatch, document_batches
from index.training.material import Material
from index.training.model import TrainableEmbedding
from index.training.objective import contrast_candidates, contrast_pairs, same_off_diagonal, twins
from index.training.texts import Indices

WARMUP = 0.05


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of a training; the defaults are those of the bundled encoder."""

    vocabulary: int = 48_000
    dimensions: int = 384
    general_epochs: int = 1
    plain_epochs: int = 3
    general_rate: float = 3e-3
    plain_rate: float = 2e-3
    general_temperature: float = 0.05
    plain_temperature: float = 0.08
    dropout: float = 0.1
    pairs_together: int = 1024
    questions_together: int = 192
    general_share: float = 0.1
    twin_cosine: float = 0.9

    @property
    def epochs(self) -> int:
        """Epochs of both stages."""
        return self.general_epochs + self.plain_epochs


class Training:
    """An embedding on its way through the recipe."""

    def __init__(self, model: TrainableEmbedding, material: Material, recipe: Recipe, seed: int) -> None:
        """Make the optimisers: a sparse one for the words, as a batch holds few, a dense one for the rest."""
        self.model = model
        self.material = material
        self.recipe = recipe
        self.seed = seed
        self._temperature = recipe.general_temperature
        self._optimisers: tuple[torch.optim.Optimizer, ...] = (
            torch.optim.SparseAdam(list(model.words.parameters())),
            torch.optim.Adam([model.parts.weight, model.log_weight]),
        )

    def epoch(self, number: int) -> float:
        """Train one epoch and return its mean loss; its order depends on the seed and its number only."""
        random = np.random.default_rng((self.seed, number))
        torch.manual_seed(int(random.integers(2**31)))
        plain = number >= self.recipe.general_epochs
        self._temperature = self.recipe.plain_temperature if plain else self.recipe.general_temperature
        batches = self._plain_batches(random) if plain else self._general_batches(random)
        losses = []
        steps = tqdm(
            random.permutation(len(batches)), desc=f"{number + 1}/{self.recipe.epochs}", disable=None
        )
        for step, place in enumerate(steps):
            self._set_rate(number + step / len(batches))
            losses.append(self._step(batches[place]))
        return float(np.mean(losses))

    def state(self) -> dict[str, Any]:
        """Return what `load_state` needs to go on after an epoch."""
        return {
            "model": self.model.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self._optimisers],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        self.model.load_state_dict(state["model"])
        for optimiser, saved in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)

    def _general_batches(self, random: np.random.Generator) -> list[PairBatch | DocumentTexts]:
        size = self.recipe.pairs_together
        return [batch for source in self.material.general for batch in source.batches(size, random)]

    def _plain_batches(self, random: np.random.Generator) -> list[PairBatch | DocumentTexts]:
        """Questions, plain wordings, and a share of the general pairs against forgetting."""
        batches: list[PairBatch | DocumentTexts] = []
        batches += document_batches(self.material.documents, self.recipe.questions_together, random)
        for source in self.material.plain:
            batches += source.batches(self.recipe.pairs_together, random)
        general = self._general_batches(random)
        kept = random.permutation(len(general))[: int(self.recipe.general_share * len(general))]
        return batches + [general[place] for place in kept]

    def _step(self, batch: PairBatch | DocumentTexts) -> float:
        for optimiser in self._optimisers:
            optimiser.zero_grad()
        loss = self._pair_loss(batch) if isinstance(batch, PairBatch) else self._document_loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimiser in self._optimisers:
            optimiser.step()
        return loss.item()

    def _pair_loss(self, batch: PairBatch) -> torch.Tensor:
        same = same_off_diagonal(torch.from_numpy(batch.left), torch.from_numpy(batch.right))
        left = self._encode(batch.left, self.recipe.dropout)
        right = self._encode(batch.right, self.recipe.dropout)
        return contrast_pairs(left, right, same, self._temperature)

    def _document_loss(self, batch: DocumentTexts) -> torch.Tensor:
        """Find the passage among all passages, the sentence among all sentences, the clause among clauses."""
        recipe = self.recipe
        queries = self._encode(batch.questions, recipe.dropout)
        passages, sentences = self._encode(batch.passages), self._encode(batch.sentences)
        clauses = self._encode(batch.question_clauses, recipe.dropout)
        passage = torch.from_numpy(batch.question_passages)
        sentence = torch.from_numpy(batch.question_sentences)
        beside = torch.from_numpy(batch.sentence_passages) == passage[:, None]
        same = same_off_diagonal(torch.from_numpy(batch.questions), torch.from_numpy(batch.question_clauses))
        alike = twins(passages, passage, recipe.twin_cosine)
        by_passage = contrast_candidates(queries, passages, passage, alike, self._temperature)
        alike = twins(sentences, sentence, recipe.twin_cosine) | beside
        by_sentence = contrast_candidates(queries, sentences, sentence, alike, self._temperature)
        return by_passage + by_sentence + 0.5 * contrast_pairs(queries, clauses, same, self._temperature)

    def _encode(self, numbers: Indices, dropout: float = 0.0) -> torch.Tensor:
        encoded: torch.Tensor = self.model(*self.material.tokens.take(numbers), dropout)
        return encoded

    def _set_rate(self, epochs_done: float) -> None:
        """Raise the rate over the first steps of a stage, then lower it to zero, in straight lines."""
        recipe = self.recipe
        if epochs_done < recipe.general_epochs:
            top, done = recipe.general_rate, epochs_done / recipe.general_epochs
        else:
            top, done = recipe.plain_rate, (epochs_done - recipe.general_epochs) / recipe.plain_epochs
        rate = top * min(1.0, 0.05 + done / WARMUP) * (1 - done)
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
