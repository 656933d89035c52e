"""The web app: opens the index, builds the page, launches."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from qa.command_line import HELP, index_option, lexicon_option, main, open_index, open_lexicon, say


@click.command(context_settings=HELP)
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址；0.0.0.0 让局域网也能访问。")
@click.option("--port", type=click.IntRange(1, 65535), default=7860, show_default=True, help="端口。")
@lexicon_option
@index_option
def serve(host: str, port: int, lexicon: Path | None, directory: Path | None) -> None:
    """打开网页，在浏览器里提问。

    例：planqa serve --port 8080
    """
    from qa.pages.server import check_port, launch, stay_on_this_machine

    check_port(host, port)  # before the seconds that the rest takes
    stay_on_this_machine(host)  # before gradio is imported

    from qa.assistant import Assistant
    from qa.pages.ask import build_page

    say("正在打开索引……")
    launch(build_page(Assistant(open_index(directory), open_lexicon(lexicon))), host, port)


if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
