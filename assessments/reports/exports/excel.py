"""A report as a workbook. Every text is written as text, never as a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import xlsxwriter

from assessments.reports import contents
from assessments.reports.exports.sheets import Cell, Sheet, sheets_of
from assessments.workbook.layout import tidy
from assessments.workbook.write import CELL, DEEP, OPTIONS
from send_portal.exports import is_formula

# All that a cell of Excel holds.
LONGEST = 32_767
HEAD = CELL | {"bold": True, "font_color": "#FFFFFF", "bg_color": DEEP}
FORMATS: dict[str, dict[str, Any]] = {
    "head": HEAD,
    "first": CELL | {"bold": True},
    "text": CELL,
    # As if typed after an apostrophe, which Excel does not show: it stays a text when edited.
    "quoted": CELL | {"quote_prefix": True},
    "number": CELL | {"align": "left"},
    "day": CELL | {"num_format": "d mmmm yyyy", "align": "left"},
}
A3, A4 = 8, 9
# So many characters are still easy to read across a landscape A4.
WIDE = 190
# Points: one line of text, what is above and below it, and the most that Excel takes for a row.
LINE, MARGIN, TALLEST = 12.75, 3, 409
FILTER_BUTTON = 3


def make_report_workbook(report: contents.ReportContents) -> bytes:
    """The .xlsx file: a sheet for each part of the report, each with one table from A1.

    Levels and counts are numbers, days are dates; where there is none the cell is blank and the
    column beside it says why. The same contents give the same bytes. A text longer than a cell may
    hold (32,767 characters) is cut. Raises nothing of its own.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **OPTIONS})
    _properties(book, report)
    formats = {name: book.add_format(values) for name, values in FORMATS.items()}
    for sheet in sheets_of(report):
        _write(book.add_worksheet(sheet.name), sheet, report, formats)
    book.close()
    return file.getvalue()


def _properties(book: xlsxwriter.Workbook, report: contents.ReportContents) -> None:
    book.set_properties(
        {
            "title": tidy(_title(report)),
            "subject": "Readiness for change in SEND services",
            "author": tidy(f"{report.area} local area SEND partnership"),
            "comments": report.method.who_sees,
            # The report's day, not the clock: a copy made later is the same file.
            "created": datetime.combine(report.day, datetime.min.time()),
        }
    )
    book.set_custom_property("Language", "en-GB")


def _title(report: contents.ReportContents) -> str:
    return f"{'Draft: ' if report.is_draft else ''}{report.name}"


def _write(
    page: Any, sheet: Sheet, report: contents.ReportContents, formats: dict[str, Any]
) -> None:
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    _table(page, sheet, formats)
    widths = [column.width for column in sheet.columns]
    heads = ((column.head, column.width - FILTER_BUTTON) for column in sheet.columns)
    page.set_row(0, _height(heads))
    for number, row in enumerate(sheet.rows, start=1):
        page.set_row(number, _height(zip(row, widths, strict=True)))
        for place, cell in enumerate(row):
            _cell(page, number, place, cell, formats)
    page.freeze_panes(1, sheet.frozen)
    _print(page, sheet, report)


def _height(cells: Iterable[tuple[Cell, int]]) -> float:
    """Points for a row whose texts wrap: not every program works that out when it opens a file."""
    most = max(_lines(cell, width) for cell, width in cells if isinstance(cell, str))
    return min(most * LINE + MARGIN, TALLEST)


def _lines(text: str, width: int) -> int:
    """About how many lines a text takes in a column so wide; capitals are wider than most."""
    return sum(
        1 + int((len(part) + 0.4 * sum(map(str.isupper, part))) / (1.1 * width))
        for part in text.split("\n")
    )


def _table(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    """A real table, so that a screen reader reads the column's name with each cell. Without rows
    it has one blank row, as Excel itself leaves an empty table."""
    columns = [
        {"header": _head(column.head), "header_format": formats["head"]} for column in sheet.columns
    ]
    options = {"name": sheet.name.replace(" ", "_"), "columns": columns, "style": None}
    page.add_table(0, 0, max(len(sheet.rows), 1), len(columns) - 1, options)


def _head(text: str) -> str:
    return " ".join(tidy(text).split())[:255]


def _cell(page: Any, row: int, column: int, value: Cell, formats: dict[str, Any]) -> None:
    if isinstance(value, date):
        page.write_datetime(row, column, value, formats["day"])
    elif isinstance(value, int):
        page.write_number(row, column, value, formats["number"])
    elif text := tidy(value or "")[:LONGEST]:
        page.write_string(row, column, text, formats[_format(text, column)])
    else:
        page.write_blank(row, column, None, formats["text"])


def _format(text: str, column: int) -> str:
    if is_formula(text):
        return "quoted"
    return "text" if column else "first"


def _print(page: Any, sheet: Sheet, report: contents.ReportContents) -> None:
    """Landscape, one page wide, with the head on each page and what it is at its foot."""
    page.set_paper(A3 if sum(column.width for column in sheet.columns) > WIDE else A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    page.set_header("&L&A")
    # An ampersand starts a code there. Such a line holds 255 characters at most.
    page.set_footer(f"&L{tidy(_title(report))[:110].replace('&', '&&')}&RPage &P of &N")
