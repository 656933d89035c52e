"""The state of a training on disk, written after every epoch."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from index.training.train import Recipe, Training

FILE = "checkpoint.pt"


class DifferentTrainingError(Exception):
    """The work folder holds the state of a training with other settings or data."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a training depends on: a checkpoint is only good for the same."""

    recipe: Recipe
    seed: int
    hold_out: bool
    data_sizes: dict[str, int]


class Checkpoint:
    """One file in a work folder; a crash leaves the old one or the new one, whole."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Make the folder if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self.settings = asdict(settings)

    def restore(self, training: Training) -> int:
        """Load the saved state, if there is one, and return the number of epochs already done."""
        if not self.path.exists():
            return 0
        state = torch.load(self.path, weights_only=True)
        if state["settings"] != self.settings:
            raise DifferentTrainingError(
                f"{self.path} 是另一次训练（设置或数据不同）的断点。请用 --work 另指一个文件夹，或先删除它。"
            )
        training.load_state(state["training"])
        return int(state["epochs"])

    def save(self, training: Training, epochs: int) -> None:
        """Write beside the old state, then switch by one rename."""
        waiting = self.path.with_suffix(".new")
        torch.save({"settings": self.settings, "epochs": epochs, "training": training.state()}, waiting)
        os.replace(waiting, self.path)
