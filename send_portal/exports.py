"""Rows and lists as files. A spreadsheet opens them without ever working out a formula."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# Excel reads a file as UTF-8 only if it begins with this.
BYTE_ORDER_MARK = "\ufeff"
# What a cell begins with for a spreadsheet to take it for a formula, also after blanks.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula."""
    return text.lstrip(" \u00a0").startswith(FORMULA)


def safe_cell(text: str) -> str:
    """The text so that no spreadsheet works it out: one that could be a formula gets a mark
    before it, which a spreadsheet shows as text."""
    return f"'{text}" if is_formula(text) else text


class Line:
    """Stands for a file: the csv writer writes here, and what it wrote is handed on."""

    def write(self, text: str) -> str:
        return text


def csv_file(
    name: str, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> StreamingHttpResponse:
    """A table as CSV, sent as it is read, so that its length costs no memory."""

    def lines() -> Iterator[str]:
        writer = csv.writer(Line())
        yield BYTE_ORDER_MARK
        yield writer.writerow(head)
        for row in rows:
            yield writer.writerow([safe_cell(cell) for cell in row])

    return _attached(lines(), "text/csv; charset=utf-8", name)


def json_file(
    name: str, about: Mapping[str, Any], key: str, rows: Iterable[Mapping[str, Any]]
) -> StreamingHttpResponse:
    """One JSON object: `about`, and below `key` a list that is sent as it is read."""

    def parts() -> Iterator[str]:
        said = [f"{_json(name)}:{_json(value)}" for name, value in about.items()]
        yield f"{{{','.join([*said, _json(key)])}:["
        for number, row in enumerate(rows):
            yield f"{',' if number else ''}\n{_json(row)}"
        yield "\n]}\n"

    return _attached(parts(), "application/json", name)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _attached(parts: Iterator[str], content_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(parts, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
