"""``catalogue.toml``: what is known of the files of a folder, written by a person."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from index.records import Metadata, PlanqaError

CATALOGUE = "catalogue.toml"
_KEYS = frozenset({"file", *(field.name for field in fields(Metadata))})
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def read_catalogue(folder: Path) -> dict[str, Metadata]:
    """Read ``catalogue.toml`` of ``folder``: file name → metadata; empty where there is none.

    Raises:
        PlanqaError: the catalogue cannot be read, is not TOML, or an entry is not as it must be.
    """
    path = folder / CATALOGUE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PlanqaError(
            f"目录文件“{path}”读不出来（{error.strerror}）。请检查它是不是文件、有没有权限。"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanqaError(f"目录文件“{path}”不是合法的 TOML：{error}。请改正后重试。") from error
    entries = table.get("documents", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise PlanqaError(f"目录文件“{path}”里的 documents 不是一组条目。请每份规划写一条 [[documents]]。")
    catalogue: dict[str, Metadata] = {}
    for number, entry in enumerate(entries, 1):
        values = {key: _plain(value) for key, value in entry.items()}
        fault = _fault(values) or (f"又写了一次“{values['file']}”" if values["file"] in catalogue else None)
        if fault:
            raise PlanqaError(f"目录文件“{path}”第 {number} 条{fault}。请改正后重试。")
        file = values.pop("file")
        catalogue[file] = Metadata(**values)
    return catalogue


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever TOML holds)
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else value


def _fault(values: dict[str, Any]) -> str | None:
    """Say what is wrong with an entry, if anything."""
    if unknown := set(values) - _KEYS:
        return f"有不认识的项 {sorted(unknown)}"
    for key in ("file", "title"):
        if not values.get(key):
            return f"缺少 {key}"
    for key, value in values.items():
        kind = bool if key == "title_descriptive" else str
        if not isinstance(value, kind):
            return f"的 {key} = {value!r} 不是{'true 或 false' if kind is bool else '引号里的文字'}"
    day = values.get("date")
    if day is not None and not _DATE.fullmatch(day):
        return f"的 date = {day!r} 不是 2016、2016-08 或 2016-08-26 这样的日期"
    return None
