"""The page on a port of this machine: what is asked of Gradio so that nothing leaves it."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from index.records import PlanqaError, WorkFailed
from qa.command_line import say

if TYPE_CHECKING:
    import gradio as gr

_TOGETHER = 8  # questions answered at once


def check_port(host: str, port: int) -> None:
    """Make sure that ``host:port`` is free.

    Raises:
        WorkFailed: it is taken, or not ours to listen on.
        PlanqaError: ``host`` is not an address of this machine.
    """
    address = host.strip("[]")
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise WorkFailed(
                f"端口 {port} 已被占用（也许已经开着一个规划问答）。请换一个，例如 --port {_other(port)}"
            ) from error
        if error.errno == errno.EACCES:
            raise WorkFailed(f"没有权限使用端口 {port}。请换一个大些的，例如 --port 7860") from error
        raise PlanqaError(
            f"“{host}”不是这台机器的地址。请换一个 --host，"
            "例如 127.0.0.1（只供本机）或 0.0.0.0（局域网也能访问）"
        ) from error


def _other(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


def stay_on_this_machine(host: str) -> None:
    """Set what Gradio reads from the environment at import: no telemetry, and no proxy to ourselves."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    ours = {"127.0.0.1", "localhost", host}
    for name in ("NO_PROXY", "no_proxy"):
        kept = [part for part in os.environ.get(name, "").split(",") if part]
        os.environ[name] = ",".join([*kept, *sorted(ours.difference(kept))])


def launch(page: gr.Blocks, host: str, port: int) -> None:
    """Serve ``page`` until Ctrl+C.

    Raises:
        WorkFailed: the port was taken meanwhile.
    """
    from qa.pages.look import theme

    page.queue(default_concurrency_limit=_TOGETHER)
    try:
        page.launch(
            server_name=host,
            server_port=port,
            theme=theme(),
            css_paths=[Path(__file__).with_name("look.css")],
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            share=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            inbrowser=False,
            quiet=True,
            prevent_thread_lock=True,
        )
    except OSError as error:
        raise WorkFailed(f"端口 {port} 已被占用。请换一个，例如 --port {_other(port)}") from error
    say(f"规划问答已打开：{page.local_url}（按 Ctrl+C 停止）")
    with contextlib.suppress(KeyboardInterrupt):
        page.server.thread.join()
    page.close(verbose=False)
    say("已停止。")
