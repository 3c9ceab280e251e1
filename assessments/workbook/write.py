"""A partner's scores to the bytes of a workbook. Every text is written as text, never as a formula."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import xlsxwriter
from django.utils import timezone

from assessments.models.scores import REASON_LENGTH
from assessments.workbook.layout import (
    ABOUT,
    ABOUT_FORMAT,
    ABOUT_SAVED,
    ANSWER,
    ANSWER_WORDS,
    CODE,
    FIRST_LEVEL,
    FORMAT,
    HEADERS,
    INGREDIENT,
    PLAIN,
    README,
    REASON,
    SCORES,
    STATEMENT,
    STATEMENT_ID,
    WORDS_OF_ANSWER,
    Contents,
    Line,
    Saved,
    tidy,
)

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTHS = {
    CODE: 6,
    STATEMENT_ID: 9,
    INGREDIENT: 14,
    STATEMENT: 32,
    PLAIN: 27,
    **dict.fromkeys(range(FIRST_LEVEL, ANSWER), 29),
    ANSWER: 15,
    REASON: 44,
}
INK, DEEP, GREY, PALE, SAND = "#0B0C0C", "#0D3B47", "#5A6365", "#EEF4F4", "#FDF6E7"
BASE = {"font_name": "Arial", "font_size": 10, "font_color": INK, "valign": "top"}
CELL = BASE | {"text_wrap": True, "border": 1, "border_color": "#C3CFD1"}
FORMATS: dict[str, dict[str, Any]] = {
    "title": BASE | {"bold": True, "font_size": 16, "font_color": DEEP},
    "heading": BASE | {"bold": True, "font_size": 12, "font_color": DEEP},
    "text": BASE | {"text_wrap": True},
    "head": CELL | {"bold": True, "font_color": "#FFFFFF", "bg_color": DEEP},
    "cell": CELL,
    "bold": CELL | {"bold": True},
    "id": CELL | {"font_color": GREY, "font_size": 8, "bg_color": PALE},
    "answer": CELL | {"locked": False, "bold": True, "align": "center", "bg_color": SAND},
    # As text, so that a spreadsheet program keeps what is typed: "=1", "+2", "3/4".
    "reason": CELL | {"locked": False, "bg_color": SAND, "num_format": "@"},
}
# Columns and rows may be made wider; nothing else is allowed but filling in.
ALLOWED = {"format_columns": True, "format_rows": True}


def make_workbook(contents: Contents) -> bytes:
    """The .xlsx file: ‘Read me’, ‘Scores’ to fill in, and ‘About’, by which the portal knows it again."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **OPTIONS})
    formats = {name: book.add_format(values) for name, values in FORMATS.items()}
    _properties(book, contents)
    _readme(book.add_worksheet(README), contents, formats)
    _scores(book.add_worksheet(SCORES), contents, formats)
    _about(book.add_worksheet(ABOUT), contents, formats)
    book.close()
    return file.getvalue()


def _properties(book: xlsxwriter.Workbook, contents: Contents) -> None:
    book.set_properties(
        {
            "title": f"Scores of {contents.partner}: {contents.title}",
            "subject": "Six ingredients of SEND service improvement",
            "author": f"{contents.area} local area SEND partnership",
            "comments": "Nothing about a child belongs in this workbook.",
            "created": timezone.localtime(contents.downloaded_at).replace(tzinfo=None),
        }
    )
    book.set_custom_property("Language", "en-GB")


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def readme_lines(contents: Contents) -> list[tuple[str, str]]:
    """Name of a format and text, line by line."""
    if contents.is_open:
        back = [
            f"Upload this file at {contents.address} before scoring closes. Scoring closes on {day(contents.closes_on)}.",
            "The portal first shows you what would change. Nothing is saved until you confirm it.",
            "A blank cell never deletes what is saved in the portal. To clear an answer, change it in the portal.",
            "If a colleague changed an answer in the portal after you downloaded this file, you see both and choose.",
        ]
    else:
        back = ["These scores cannot be changed any more. This file is a copy to keep."]
    made_up = ["This is a demonstration. The area is made up."] if contents.is_demonstration else []
    return [
        ("title", f"Scores of {contents.partner}"),
        ("text", f"{contents.area}, {contents.title}"),
        *(("text", line) for line in made_up),
        ("heading", "Never write anything about a child"),
        ("text", "No name, no date of birth, no story from which a child could be recognised."),
        ("heading", "How to fill it in"),
        ("text", f"Go to the sheet ‘{SCORES}’. Each row is one statement. Two columns are yours."),
        (
            "text",
            ("‘Your answer’: choose a level from 1 to 4, or ‘Cannot say’, or ‘Does not apply’. "
            "Score the whole partnership as you see it. Choose 3 or 4 only if every line of that level is true. "
            "Between 1 and 2, choose the closer match."),
        ),
        (
            "text",
            (f"‘Why this answer?’: two or three sentences, {REASON_LENGTH} characters at most. "
            "‘Does not apply’ needs a reason."),
        ),
        ("text", "You need not fill in everything at once, and may upload as often as you like."),
        ("heading", "How to bring it back"),
        *(("text", line) for line in back),
        ("heading", "What is locked, and what that means"),
        (
            "text",
            ("All other cells are locked, so that nothing is moved by accident. There is no password: anyone can "
            "unlock them. The portal checks every row again, and knows a statement by its id alone."),
        ),
        ("text", "Keep the file as an Excel workbook (.xlsx), without a password and without macros."),
        ("text", "To print, use the sheet for paper in the portal. This workbook prints on A3."),
        ("heading", "Who sees it"),
        (
            "text",
            ("Only people of your own organisation can download this file. Other partners see your scores when all "
            "scores are revealed. Keep the file as safe as the scores in it."),
        ),
    ]  # fmt: skip


def _readme(sheet: Any, contents: Contents, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 100)
    sheet.hide_gridlines(2)
    for row, (name, text) in enumerate(readme_lines(contents)):
        sheet.write_string(row, 0, text, formats[name])
    _print(sheet, contents, paper=9)
    sheet.protect("", ALLOWED)
    sheet.activate()


def headers_of(contents: Contents) -> list[str]:
    levels = [f"Level {value}: {label}" for value, label in sorted(contents.level_labels.items())]
    first = ["Code", HEADERS[STATEMENT_ID], "Ingredient", "Statement", "In plain words"]
    return [*first, *levels, HEADERS[ANSWER], HEADERS[REASON]]


def _scores(sheet: Any, contents: Contents, formats: dict[str, Any]) -> None:
    for column, width in WIDTHS.items():
        sheet.set_column(column, column, width)
    headers = headers_of(contents)
    _table(sheet, "Scores", headers, len(contents.lines), formats)
    for row, line in enumerate(contents.lines, start=1):
        _write_line(sheet, row, line, formats)
    _validate(sheet, len(contents.lines))
    # Code to statement stay in sight while a person reads the levels beside them.
    sheet.freeze_panes(1, PLAIN)
    sheet.set_landscape()
    _print(sheet, contents, paper=8)
    sheet.repeat_rows(0)
    sheet.protect("", ALLOWED)


def _table(sheet: Any, name: str, headers: list[str], rows: int, formats: dict[str, Any]) -> None:
    """A real table, so that a screen reader reads the column's name with each cell."""
    columns = [{"header": header, "header_format": formats["head"]} for header in headers]
    options = {"name": name, "columns": columns, "autofilter": False, "style": None}
    sheet.add_table(0, 0, rows, len(headers) - 1, options)


def _write_line(sheet: Any, row: int, line: Line, formats: dict[str, Any]) -> None:
    write: Callable[..., Any] = sheet.write_string
    write(row, CODE, line.code, formats["bold"])
    write(row, STATEMENT_ID, line.slug, formats["id"])
    write(row, INGREDIENT, line.ingredient, formats["cell"])
    sheet.write_rich_string(
        row, STATEMENT, formats["bold"], line.title, formats["cell"], f"\n{line.text}", formats["cell"]
    )  # fmt: skip
    write(row, PLAIN, line.plain, formats["cell"])
    for place, text in enumerate(line.levels):
        write(row, FIRST_LEVEL + place, text, formats["cell"])
    _write_saved(sheet, row, line.saved, formats)


def _write_saved(sheet: Any, row: int, saved: Saved, formats: dict[str, Any]) -> None:
    if saved.answer.isdecimal():
        # A number, as the drop-down gives it: else the program marks it as a number kept as text.
        sheet.write_number(row, ANSWER, int(saved.answer), formats["answer"])
    else:
        _write_text(sheet, row, ANSWER, WORDS_OF_ANSWER.get(saved.answer, ""), formats["answer"])
    _write_text(sheet, row, REASON, tidy(saved.reason), formats["reason"])


def _write_text(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    """Nothing is a blank cell, not a text without letters."""
    if text:
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_blank(row, column, None, style)


def _validate(sheet: Any, rows: int) -> None:
    sheet.data_validation(
        1, ANSWER, rows, ANSWER,
        {
            "validate": "list",
            "source": list(ANSWER_WORDS),
            "input_title": "Your answer",
            "input_message": "Choose 1, 2, 3, 4, Cannot say or Does not apply.",
            "error_title": "Not an answer",
            "error_message": "Choose 1, 2, 3, 4, Cannot say or Does not apply.",
        },
    )  # fmt: skip
    sheet.data_validation(
        1, REASON, rows, REASON,
        {
            "validate": "length",
            "criteria": "<=",
            "value": REASON_LENGTH,
            "input_title": "Why this answer?",
            "input_message": f"{REASON_LENGTH} characters at most. Nothing about a child.",
            "error_title": "Too long",
            "error_message": f"Write {REASON_LENGTH} characters at most.",
        },
    )  # fmt: skip


def about_items(contents: Contents) -> list[tuple[str, str]]:
    """By what an upload is checked, and what each answer was when it was downloaded."""
    downloaded = timezone.localtime(contents.downloaded_at)
    saved = [
        (f"{ABOUT_SAVED}{line.slug}", f"version {line.saved.version}, mark {line.saved.mark}")
        for line in contents.lines
    ]
    return [
        (ABOUT_FORMAT, str(FORMAT)),
        *contents.identity.items().items(),
        ("Downloaded at", f"{downloaded:%Y-%m-%d %H:%M}"),
        *saved,
    ]


def _about(sheet: Any, contents: Contents, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, 1, 70)
    items = about_items(contents)
    _table(sheet, "About", ["What the portal checks", "Value"], len(items), formats)
    for row, (name, value) in enumerate(items, start=1):
        sheet.write_string(row, 0, name, formats["cell"])
        sheet.write_string(row, 1, value, formats["cell"])
    _print(sheet, contents, paper=9)
    sheet.repeat_rows(0)
    sheet.protect("", ALLOWED)


def _print(sheet: Any, contents: Contents, *, paper: int) -> None:
    """paper: 9 is A4, 8 is A3."""
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    # An ampersand starts a code there. Such a line holds 255 characters at most.
    partner = contents.partner.replace("&", "&&")[:180]
    sheet.set_footer(f"&L{partner}&RPage &P of &N")
