"""The rows of the grid, drawn. There are few different cells, so each process draws each once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from assessments.reports.comparison import Cell, Line, short_day

ICONS = ("apart", "thin", "up", "down")
NOTHING = "nothing submitted"
# In a cell only a screen reader reads what stands in a span (programme.css).
HIDDEN = "<span>{}</span>"
ICON = '<svg aria-hidden="true"><use href="#m-{}"/></svg>'


# Cells and rows end where the next begins: HTML needs no tag for it, and there are 2,000 of them.
ROW = '<tr role="row"><th scope="row" role="rowheader"><a href="{}">{}</a><span>{}</span>{}{}{}\n'
FIGURES = (
    '<td role="cell"><b>{}</b><span>{}</span><td role="cell"><b>{}</b> {} of {} agreed'
    '<td role="cell">{}<td role="cell">{}'
)
CHECK_INS = '<td role="cell">{}<td role="cell">{}'
LATE = format_html('<b class="app-overdue">{}</b>', "overdue")
NO_FIGURES = mark_safe('<td role="cell" colspan="4">No submitted assessment')


def row(line: Line, day: date) -> SafeString:
    """One area of the grid. Its name leads to the page about it. Drawn here and not by a template,
    as that takes longer for 153 rows than all the rest of the page. What is overdue was so at the
    end of `day`."""
    area = line.area
    dates = _check_ins(line.last_check_in, line.next_check_in, late=line.is_overdue(day))
    address = _area(area.dfe_code)
    return format_html(ROW, address, area.name, area.region, _cells(line), _figures_of(line), dates)


def report_row(line: Line, name: str, below: str) -> SafeString:
    """One report of an area, drawn as the grid draws areas; `below` stands under its name."""
    address = reverse("assessments:report", args=[line.picture.pk if line.picture else 0])
    return format_html(ROW, address, name, below, _cells(line), _figures_of(line), "")


def _figures_of(line: Line) -> SafeString:
    picture = line.picture
    if picture is None:
        return NO_FIGURES
    return _figures(
        line.band_label, line.limits, picture.confidence.capitalize(), picture.levelled,
        picture.applicable, line.change, line.submitted,
    )  # fmt: skip


@lru_cache(maxsize=2048)
def _figures(*said: str | int) -> SafeString:
    return format_html(FIGURES, *said)


@lru_cache(maxsize=2048)
def _check_ins(last: date | None, following: date | None, *, late: bool) -> SafeString:
    planned = short_day(following) if following else "None"
    if late:
        planned = format_html("{} {}", planned, LATE)
    return format_html(CHECK_INS, short_day(last) if last else "None", planned)


@lru_cache(maxsize=2048)
def _area(dfe_code: str) -> str:
    return reverse("assessments:programme-area", args=[dfe_code])


def _cells(line: Line) -> SafeString:
    names = line.framework.all_ingredients
    if line.picture is None:
        return mark_safe("".join(_nothing(part.short_title) for part in names))  # noqa: S308
    drawn = (_cell(cell, part.short_title) for cell, part in zip(line.cells, names, strict=True))
    return mark_safe("".join(drawn))  # noqa: S308 -- each is made by format_html


def icon(name: str) -> SafeString:
    return format_html(ICON, name)


# `data-i` stands beside the level where the grid is a list and has no column heads. All is short:
# a browser's zip looks back 32 KB, and the more rows that holds, the less each of them weighs.
@lru_cache(maxsize=64)
def _nothing(name: str) -> SafeString:
    return format_html(
        '<td role="cell" class="app-cell--none" data-i="{}">{}',
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
    classes += [f"app-{key}" for key, _, on in marks if on and key != "apart"]
    said = [f"{change} since last time"] if change else []
    said += [text for _, text, on in marks if on]
    icons = [icon(key) for key, _, on in marks if on and key != "limit"]
    return format_html(
        '<td role="cell" class="{}" data-i="{}">{}{}{}{}',
        " ".join(classes),
        name,
        icon(change) if change else "",
        format_html("<b>{}</b>", level) if level else _dash("–", "not yet rated"),
        mark_safe("".join(icons)),  # noqa: S308
        format_html(HIDDEN, f", {', '.join(said)}") if said else "",
    )


def _dash(sign: str, said: str) -> SafeString:
    return format_html('<i aria-hidden="true">{}</i>', sign) + format_html(HIDDEN, said)
