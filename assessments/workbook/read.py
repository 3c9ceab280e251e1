"""The parts of a workbook to answers. Statements are known by their id, never by their wording."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any

import python_calamine as calamine

from assessments.models.scores import REASON_LENGTH
from assessments.workbook.cells import Cells
from assessments.workbook.layout import (
    ABOUT,
    ABOUT_FORMAT,
    ABOUT_SAVED,
    ANSWER,
    ANSWER_LETTER,
    ANSWER_WORDS,
    FORMAT,
    HEADERS,
    ID_LETTER,
    READ_COLUMNS,
    REASON,
    REASON_LETTER,
    SCORES,
    STATEMENT_ID,
    Base,
    Identity,
    Upload,
    UploadedRow,
    WorkbookError,
    tidy,
)
from assessments.workbook.package import DAMAGED, Package, open_safely

Grid = list[list[Any]]
ANSWERS = {words.casefold(): answer for words, answer in ANSWER_WORDS.items()}
LEVEL = re.compile(r"([1-4])\.0+")
SAVED_AS = re.compile(r"version ([0-9]{1,9}), mark ([0-9a-f]{16})")
CHOICES = "Choose 1, 2, 3, 4, Cannot say or Does not apply."
AGAIN = "Download a new workbook and copy your answers into it"
WRONG = {
    "Area code": "This workbook is for another area. Select the workbook of this one",
    "Assessment": "This workbook is for another assessment. Select the workbook of this one",
    "Partner return": "This workbook is for another organisation. Select the workbook of yours",
    "Framework": f"This workbook has another version of the statements. {AGAIN}",
    "Framework fingerprint": f"This workbook has another version of the statements. {AGAIN}",
}
OTHER_FORMAT = f"This workbook was made by another version of the portal. {AGAIN}"
NO_ABOUT = (
    f"The sheet ‘{ABOUT}’ was changed, so the portal cannot tell whose scores these are. {AGAIN}"
)
MOVED = f"Columns of the sheet ‘{SCORES}’ were moved or renamed. {AGAIN}"
TWICE = "The statement id ‘{slug}’ stands in more than one row of the sheet ‘{sheet}’. Delete all but one of them"


def read_workbook(data: bytes, *, expected: Identity) -> Upload:
    """The answers in an uploaded workbook, every row with its answer or why it cannot be used.

    Raises WorkbookError, with what to do, when the file is no workbook of the portal, is of
    another area, assessment, partner or framework, or could be misread.
    """
    package = open_safely(data)
    scores, about = _grids(package)
    bases = _check_about(about, package.about, expected)
    rows = _rows(scores, package.scores)
    counted = Counter(row.slug for row in rows if row.slug)
    for slug, count in counted.items():
        if count > 1:
            raise WorkbookError(TWICE.format(slug=slug[:60], sheet=SCORES))
    return Upload(tuple(rows), bases)


def _grids(package: Package) -> tuple[Grid, Grid]:
    try:
        with calamine.load_workbook(io.BytesIO(package.data)) as book:
            scores, about = (
                book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in (SCORES, ABOUT)
            )
    except (calamine.CalamineError, ValueError, OverflowError) as error:
        raise WorkbookError(DAMAGED) from error
    return scores, about


# ---- About -------------------------------------------------------------------------------------


def _check_about(grid: Grid, cells: Cells, expected: Identity) -> dict[str, Base]:
    """What was saved at download by statement, once every item agrees."""
    if cells.formulas:
        raise WorkbookError(NO_ABOUT)
    pairs = [(_words(row[0]), _words(row[1])) for row in grid if len(row) > 1 and _words(row[0])]
    items = dict(pairs)
    if len(items) != len(pairs) or ABOUT_FORMAT not in items:
        raise WorkbookError(NO_ABOUT)
    if items[ABOUT_FORMAT] != str(FORMAT):
        raise WorkbookError(OTHER_FORMAT)
    for name, value in expected.items().items():
        if not items.get(name):
            raise WorkbookError(NO_ABOUT)
        if items[name] != value:
            raise WorkbookError(WRONG[name])
    return {
        name.removeprefix(ABOUT_SAVED): _base(value)
        for name, value in items.items()
        if name.startswith(ABOUT_SAVED)
    }


def _base(value: str) -> Base:
    found = SAVED_AS.fullmatch(value)
    if found is None:
        raise WorkbookError(NO_ABOUT)
    return Base(int(found[1]), found[2])


# ---- Scores ------------------------------------------------------------------------------------


def _rows(grid: Grid, cells: Cells) -> list[UploadedRow]:
    head = grid[0] if grid else []
    if any(_words(_at(head, column)) != words for column, words in HEADERS.items()):
        raise WorkbookError(MOVED)
    rows = [_row(values, number, cells) for number, values in enumerate(grid[1:], start=2)]
    return [row for row in rows if row.slug or not row.is_blank]


def _row(values: list[Any], number: int, cells: Cells) -> UploadedRow:
    slug = _words(_at(values, STATEMENT_ID))
    answer, wrong_answer = read_answer(_at(values, ANSWER))
    reason, wrong_reason = read_reason(_at(values, REASON))
    refusal = _no_value(number, cells)
    if not refusal and wrong_answer:
        refusal = f"{ANSWER_LETTER}{number}: {wrong_answer}"
    if not refusal and wrong_reason:
        refusal = f"{REASON_LETTER}{number}: {wrong_reason}"
    if refusal:
        return UploadedRow(number, slug, refusal=refusal)
    return UploadedRow(number, slug, answer, reason)


def _no_value(number: int, cells: Cells) -> str:
    """Why a row cannot be read by its values: a formula is neither worked out nor believed."""
    letters = zip((ID_LETTER, ANSWER_LETTER, REASON_LETTER), READ_COLUMNS, strict=True)
    for letter, column in letters:
        if cells.is_formula(number, column + 1):
            return f"{letter}{number}: this cell holds a formula. Type the answer itself."
        if (number, column + 1) in cells.errors:
            return f"{letter}{number}: this cell holds an error. Type the answer itself."
    return ""


def _at(values: list[Any], column: int) -> Any:
    return values[column] if column < len(values) else ""


def _words(value: Any) -> str:
    """A cell as one line of words; a whole number without its “.0”."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def read_answer(value: Any) -> tuple[str, str]:
    """The answer in a cell ("" when it is blank), and what is wrong with it."""
    said = _words(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return "", f"‘{said[:40].upper()}’ is not an answer. {CHOICES}"
    level = LEVEL.fullmatch(said)
    answer = level[1] if level else ANSWERS.get(said.casefold())
    if answer is None and said:
        return "", f"‘{said[:40]}’ is not an answer. {CHOICES}"
    return answer or "", ""


def read_reason(value: Any) -> tuple[str, str]:
    """The reason in a cell as plain text, and what is wrong with it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return "", f"‘{_words(value)[:40]}’ is not a text. Write the reason in words."
    reason = tidy(value) if isinstance(value, str) else _words(value)
    if len(reason) > REASON_LENGTH:
        return "", (
            f"the reason has {len(reason):,} characters. Shorten it to {REASON_LENGTH} or fewer."
        )
    return reason, ""
