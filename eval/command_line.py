"""The command ``planqa eval``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from index.records import WorkFailed
from qa.command_line import HELP, index_option, open_index, say


@click.command("eval", context_settings=HELP)
@click.argument("dataset")
@index_option
@click.option(
    "--retriever",
    "names",
    type=click.Choice(["hybrid", "dense", "bm25"]),
    multiple=True,
    default=["hybrid"],
    show_default=True,
    help="检索方式，可以给几个。",
)
@click.option("--encoder", default="bundled", show_default=True, help="自带语料的问题集用哪个向量模型。")
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出。")
@click.option("--run", "run_file", type=click.Path(path_type=Path, dir_okay=False), help="写出 TREC run。")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="写出 HTML 报告。")
def evaluate(
    dataset: str,
    directory: Path | None,
    names: tuple[str, ...],
    encoder: str,
    as_json: bool,
    run_file: Path | None,
    report: Path | None,
) -> None:
    """跑一个问题集（自带的名称或 BEIR 格式的文件夹），输出检索指标。

    例：planqa eval seeds --retriever hybrid --retriever bm25
    """
    from eval.measures import judge, summarise, write_trec_run
    from eval.report import as_markdown, write_html
    from eval.runs import RETRIEVERS, corpus_index, make_run
    from eval.sets import check_against, read_set

    questions = read_set(dataset)
    if (run_file or report) and len(names) > 1:
        raise click.UsageError("--run 和 --report 一次只写一种检索方式；请只给一个 --retriever")
    if questions.corpus is None or directory is not None:
        index = open_index(directory)
    else:
        index = corpus_index(questions, encoder, say)
    check_against(questions, {index.passage(number).id for number in range(len(index))})
    tables = {}
    for name in names:
        run = make_run(questions, index, RETRIEVERS[name])
        values = judge(questions, run)
        tables[name] = summarise(questions, values)
        if missing := [query for query in questions.qrels if query not in run]:
            say(
                f"{len(missing)} 个问题无法检索，计 0 分：{'、'.join(missing[:5])}{'……' * (len(missing) > 5)}"
            )
        try:
            if run_file:
                write_trec_run(run, run_file, f"planqa-{name}")
            if report:
                write_html(report, questions, index, tables, run, values)
        except OSError as error:
            where = error.filename or run_file or report
            raise WorkFailed(f"写不了“{where}”（{error.strerror}）；请换一个路径。") from error
    if as_json:
        figures = {name: [asdict(row) for row in rows] for name, rows in tables.items()}
        click.echo(json.dumps({"dataset": questions.name, "retrievers": figures}, ensure_ascii=False))
    else:
        click.echo(as_markdown(tables))
