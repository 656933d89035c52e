"""Trains the bundled encoder: `python -m index.training --data ../shared/data`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from index.training import data
from index.training.checkpoint import Checkpoint, DifferentTrainingError, Settings
from index.training.evaluate import evaluate
from index.training.export import save_encoder
from index.training.material import gather
from index.training.model import TrainableEmbedding, vocabulary_of
from index.training.train import Recipe, Training
from index.training.vocabulary import build_tokenizer, count_words

BUNDLED = Path(__file__).resolve().parents[1] / "bundled"

_log = logging.getLogger("index.training")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, measure when documents were held out, and write the folder; 0 is done, 2 wrong input."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    if missing := [name for name in data.FILES if not (options.data / name).is_file()]:
        sys.stderr.write(
            f"训练数据不全：{options.data} 下缺少 {'、'.join(missing)}。"
            "请用 --data 指向含有 plain/ 和 train/ 的文件夹。\n"
        )
        return 2
    if options.hold_out and options.output == BUNDLED:
        sys.stderr.write(
            "--hold-out 训练的是测量用的模型，不应覆盖 index/bundled：请用 --output 另指一个文件夹。\n"
        )
        return 2
    try:
        _train(options.data, options.output, options.hold_out, options.seed, options.work)
    except DifferentTrainingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _train(source: Path, output: Path, hold_out: bool, seed: int, work: Path) -> None:
    recipe = Recipe()
    torch.set_num_threads(1)  # the order of sums, so the last digits, would change with the number
    checkpoint = Checkpoint(work, Settings(recipe, seed, hold_out, data.sizes(source)))
    _log.info("数词，定词表……")
    tokenizer = build_tokenizer(count_words(source), recipe.vocabulary)
    _log.info("读训练数据，切词……")
    material = gather(source, tokenizer, hold_out)
    vocabulary = vocabulary_of(tokenizer)
    torch.manual_seed(seed)
    model = TrainableEmbedding(vocabulary, material.token_frequencies(len(vocabulary)), recipe.dimensions)
    training = Training(model, material, recipe, seed)
    for epoch in range(checkpoint.restore(training), recipe.epochs):
        loss = training.epoch(epoch)
        checkpoint.save(training, epoch + 1)
        _log.info("第 %d 轮，共 %d 轮：损失 %.3f", epoch + 1, recipe.epochs, loss)
    if hold_out:
        held = [question for question in data.questions(source) if data.is_held_out(question.group)]
        report = evaluate(held, data.documents(source), tokenizer, model.table())
        sys.stdout.write(json.dumps(asdict(report), ensure_ascii=False) + "\n")
    save_encoder(output, tokenizer, model.table(), material.token_rarity(len(vocabulary)), recipe)
    _log.info("已写入 %s", output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m index.training", description="训练随包附带的静态词向量模型。"
    )
    parser.add_argument("--data", type=Path, required=True, help="训练数据文件夹，含 plain/ 和 train/")
    parser.add_argument("--output", type=Path, default=BUNDLED, help="模型写到哪里（默认 index/bundled）")
    parser.add_argument("--hold-out", action="store_true", help="留出约 15%% 的文档不训练，最后在其上测量")
    parser.add_argument("--seed", type=int, default=0, help="随机种子（默认 0）")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "planqa-training",
        help="断点存放处，中断后同样的命令从上一轮接着训练（默认在系统临时目录）",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
