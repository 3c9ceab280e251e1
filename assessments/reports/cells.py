"""The cells of the grid, drawn. There are few different ones, so each process draws each once."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from assessments.reports.comparison import Cell, Line

ICONS = ("apart", "thin", "up", "down")
NOTHING = "nothing submitted"
HIDDEN = '<span class="govuk-visually-hidden">{}</span>'
ICON = '<svg class="app-m" aria-hidden="true"><use href="#m-{}"/></svg>'


def cells(line: Line) -> SafeString:
    """The six cells of an area as they stand in its row."""
    names = line.framework.all_ingredients
    if line.picture is None:
        return mark_safe("".join(_nothing(row.short_title) for row in names))  # noqa: S308
    drawn = (_cell(cell, row.short_title) for cell, row in zip(line.cells, names, strict=True))
    return mark_safe("".join(drawn))  # noqa: S308 -- each is made by format_html


def icon(name: str) -> SafeString:
    return format_html(ICON, name)


# `data-i` stands beside the level where the grid is a list and has no column heads. All is short:
# a browser's zip looks back 32 KB, and the more rows that holds, the less each of them weighs.
@lru_cache(maxsize=64)
def _nothing(name: str) -> SafeString:
    return format_html(
        '<td class="app-cell app-cell--none" role="cell" data-i="{}">{}</td>',
        name,
        _dash("·", NOTHING),
    )


# The same level, change and marks look the same whatever the level was before.
def _cell(cell: Cell, name: str) -> SafeString:
    return _draw(
        cell.level, cell.change, cell.is_limiting, cell.is_contested, cell.is_not_evidenced, name
    )


@lru_cache(maxsize=2048)
def _draw(
    level: int | None, change: str, limiting: bool, contested: bool, not_evidenced: bool, name: str
) -> SafeString:
    marks = [
        ("limit", "limiting", limiting),
        ("apart", "contested", contested),
        ("thin", "not evidenced", not_evidenced),
    ]
    classes = [f"app-cell--{level or 'nr'}"]
    classes += [f"app-cell--{key}" for key, _, on in marks if on and key != "apart"]
    said = [f"{change} since last time"] if change else []
    said += [text for _, text, on in marks if on]
    icons = [icon(key) for key, _, on in marks if on and key != "limit"]
    return format_html(
        '<td class="app-cell {}" role="cell" data-i="{}">{}{}{}{}</td>',
        " ".join(classes),
        name,
        icon(change) if change else "",
        format_html("<b>{}</b>", level) if level else _dash("–", "not yet rated"),
        mark_safe("".join(icons)),  # noqa: S308
        format_html(HIDDEN, f", {', '.join(said)}") if said else "",
    )


def _dash(sign: str, said: str) -> SafeString:
    return format_html('<i aria-hidden="true">{}</i>', sign) + format_html(HIDDEN, said)
