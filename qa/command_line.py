"""The command line: ``planqa ask | index | eval | serve``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.records import PlanqaError, WorkFailed

if TYPE_CHECKING:
    from index.build import Added
    from index.opened import Index
    from qa.assistant import Assistant
    from qa.lexicon import Lexicon
    from qa.understanding import Filters

HELP = {"help_option_names": ["-h", "--help"]}


class Commands(click.Group):
    """Commands that are imported when they are called: ``--help`` and ``ask`` stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command that the distribution offers."""
        return [entry.name for entry in distribution("planqa").entry_points.select(group="planqa.commands")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        found = distribution("planqa").entry_points.select(group="planqa.commands", name=cmd_name)
        for entry in found:
            command: click.Command = entry.load()
            return command
        return None


@click.command(cls=Commands, context_settings=HELP)
@click.version_option(package_name="planqa", message="%(package)s %(version)s")
def planqa() -> None:
    """规划问答：用大白话问政府规划，答案是可核对的原文段落。

    例：planqa ask "莱芜到济南的城际铁路什么时候通车？"
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; errors are said in Chinese on stderr (2: usage or input, 1: the work)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        code = planqa.main(arguments, prog_name="planqa", standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.Abort:
        click.echo("已中断。", err=True)
        code = 1
    except click.UsageError as error:
        click.echo(f"用法不对：{_in_chinese(error)}", err=True)
        command = error.ctx.command_path if error.ctx else "planqa"
        click.echo(f"请看：{command} --help", err=True)
        code = 2
    except PlanqaError as error:
        click.echo(str(error), err=True)
        code = 1 if isinstance(error, WorkFailed) else 2
    except BrokenPipeError:
        sys.stderr.close()
        code = 1
    except OSError as error:
        where = f"“{error.filename}”" if error.filename else "文件"
        click.echo(f"读写{where}时出错（{error.strerror or error}）。请检查权限和磁盘空间后重试。", err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _in_chinese(error: click.UsageError) -> str:
    parameter = getattr(error, "param", None)
    name = parameter.opts[0] if isinstance(parameter, click.Option) else getattr(parameter, "name", "")
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}"
    if isinstance(error, click.MissingParameter):
        return f"缺少 {name}"
    if isinstance(error, click.BadParameter):
        return f"{name} 的值不合适，应为 {_expected(parameter)}"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 缺少值"
    return error.message.replace("No such command", "没有命令").rstrip(".")


def _expected(parameter: click.Parameter | None) -> str:
    kind = parameter.type if parameter else None
    if isinstance(kind, click.IntRange):
        return f"{kind.min} 到 {kind.max} 的整数"
    if isinstance(kind, click.Choice):
        return " 或 ".join(str(choice) for choice in kind.choices)
    if isinstance(kind, click.Path):
        return "可用的路径"
    return "整数" if kind is click.INT else "合适的值"


def index_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--index DIR`` to a command."""
    return click.option(
        "--index",
        "directory",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="索引文件夹。默认：自带两份规划的索引，首次使用时自动建立。",
    )(command)


def lexicon_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--lexicon FILE`` to a command."""
    return click.option(
        "--lexicon",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="再加一份白话词表，每行“白话⇥公文词|公文词”。",
    )(command)


def open_lexicon(path: Path | None) -> Lexicon:
    """Read the lexicon that comes with the project, and the entries at ``path`` before its own."""
    from qa.lexicon import bundled_lexicon

    return bundled_lexicon().extend(path) if path else bundled_lexicon()


def open_index(directory: Path | None) -> Index:
    """Open the index at ``directory``, or the seeds' own."""
    from index.opened import Index
    from index.seeds import open_seeds

    return open_seeds(say) if directory is None else Index(directory)


def say(message: str) -> None:
    """Talk on stderr."""
    click.echo(message, err=True)


@click.command(context_settings=HELP)
@click.argument("question", required=False, metavar="[问题]")
@click.option("--json", "as_json", is_flag=True, help="从标准输入逐行读问题，每行输出一个 JSON 对象。")
@click.option(
    "--conversation",
    is_flag=True,
    help="与 --json 同用：各行是一段对话里先后的提问，后一问可以接着前一问；空行另起一段。",
)
@click.option("--compare", is_flag=True, help="逐份规划比较：每份一条引文，或“该规划未提及”。")
@click.option("--top-k", type=click.IntRange(1, 1000), default=10, show_default=True, help="最多几条引文。")
@click.option(
    "--document",
    "documents",
    multiple=True,
    help="只查这份文档（编号、文件名或标题的一部分）；与 --compare 同用时可以写几次。",
)
@click.option("--region", help="只查这个地区的文档。")
@click.option("--year", type=int, help="只查这一年的文档。")
@lexicon_option
@index_option
def ask(
    question: str | None,
    as_json: bool,
    conversation: bool,
    compare: bool,
    top_k: int,
    documents: tuple[str, ...],
    region: str | None,
    year: int | None,
    lexicon: Path | None,
    directory: Path | None,
) -> None:
    """问一个问题，得到带出处的原文段落。

    例：planqa ask "莱芜到济南的城际铁路什么时候通车？"
    """
    from qa.assistant import Assistant
    from qa.understanding import Filters

    if question is None and not as_json:
        raise click.UsageError(
            '缺少问题；例：planqa ask "城际铁路什么时候通车？"（或用 --json 从标准输入读）'
        )
    assistant = Assistant(open_index(directory), open_lexicon(lexicon))
    if compare:
        _compare(assistant, question, as_json, documents, Filters(None, region, year))
        return
    filters = Filters(documents[-1] if documents else None, region, year)
    assistant.among(filters)  # a filter that leaves nothing is the call's fault, not one question's
    if not as_json:
        from qa.printing import as_text

        click.echo(as_text(assistant.ask(question or "", top_k, filters)))
        return
    earlier: list[str] = []
    for line in [question] if question is not None else _lines():
        answer = assistant.try_ask(line, top_k, filters, earlier).to_json()
        if conversation:
            earlier = [*earlier, line] if line.strip() else []
        click.echo(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))


def _compare(
    assistant: Assistant, question: str | None, as_json: bool, documents: tuple[str, ...], filters: Filters
) -> None:
    from qa.comparison import choose, compare, try_compare
    from qa.printing import comparison_as_text

    if not as_json:
        click.echo(comparison_as_text(compare(assistant, question or "", documents, filters)))
        return
    choose(assistant, documents, filters)  # a name that fits nothing is the call's fault, not one question's
    for line in [question] if question is not None else _lines():
        compared = try_compare(assistant, line, documents, filters).to_json()
        click.echo(json.dumps(compared, ensure_ascii=False).encode("utf-8", "replace"))


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.rstrip(b"\r\n").decode("utf-8", "replace")


@click.command(context_settings=HELP)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@index_option
@click.option("--encoder", help="向量模型：名称或文件夹。默认：索引原来用的；新索引用 bundled（自带的）。")
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出总结。")
def index(paths: tuple[Path, ...], directory: Path | None, encoder: str | None, as_json: bool) -> None:
    """为文件和文件夹建索引，或更新已有的索引。

    例：planqa index 我的规划/ --index 我的索引
    """
    from index.build import add_documents, choose_encoder
    from index.reading import find_sources, read_sources
    from index.seeds import default_directory, seeds_due
    from qa.printing import build_summary, summary_as_text

    documents, failures = read_sources(find_sources(paths))
    where = directory or default_directory()
    if not documents:
        for failure in failures:
            say(f"跳过 {failure.file}：{failure.reason}")
        say("没有读到任何规划文档，索引没有改动。")
        if as_json:
            skipped = [{"file": failure.file, "reason": failure.reason} for failure in failures]
            unchanged = {"documents": [], "skipped": skipped, "index": _counts(where)}
            click.echo(json.dumps({**unchanged, "updated": [], "renamed": []}, ensure_ascii=False))
        raise click.exceptions.Exit(1)
    given = {document.file for document in documents}
    seeds = [] if directory else [seed for seed in seeds_due(where) if seed.file not in given]
    added = add_documents([*seeds, *documents], choose_encoder(encoder, where), where, say)
    taken = added.documents[len(seeds) :]
    summary = build_summary(added.manifest, taken, failures)
    if as_json:
        click.echo(json.dumps({**summary, **_changes(added)}, ensure_ascii=False))
    else:
        click.echo("\n".join((*_changes_as_text(added), summary_as_text(summary, directory))))
    if failures:
        raise click.exceptions.Exit(1)


def _counts(directory: Path) -> dict[str, Any]:
    """Say what the index in ``directory`` holds; zeros where none can be read."""
    from index import store

    try:
        table = store.read_table(directory, store.find_generation(directory))
    except PlanqaError:
        return {"documents": 0, "passages": 0, "units": 0, "encoder": None}
    return {**table["counts"], "encoder": table["encoder"]["name"]}


def _changes(added: Added) -> dict[str, Any]:
    files = {document.id: document.file for document in added.documents}
    renamed = [{"file": files[new], "id": new, "instead_of": old} for new, old in added.renamed.items()]
    return {"updated": list(added.updated), "renamed": renamed}


def _changes_as_text(added: Added) -> Iterator[str]:
    files = {document.id: document.file for document in added.documents}
    for updated in added.updated:
        yield f"更新 {files[updated]}：取代了索引里同名的文档（编号 {updated}）；两份都要时，请改名后再收入"
    for new, old in added.renamed.items():
        yield f"编号 {files[new]}：“{old}”已是另一份文档的编号，改用“{new}”"
