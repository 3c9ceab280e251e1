"""The grid as files: exactly the areas that are shown, with the same figures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import xlsxwriter
from django.db.models import Subquery

from areas.models import Area
from assessments.models import SubmittedAnswer, SubmittedPicture
from assessments.models.scores import answer_value
from assessments.reports import words
from assessments.reports.comparison import Cell, Line, newest
from assessments.reports.exports.excel import FORMATS
from assessments.workbook.layout import tidy
from assessments.workbook.write import OPTIONS
from ingredients.models import Framework
from send_portal.exports import is_formula

# Name and meaning of each column, in order. Columns are added at the end and never change.
COLUMNS = {
    "as_at": "The day as at which areas are compared",
    "area_code": "Code of the area, as DfE gives it",
    "gss_code": "Code of the area, as the ONS gives it; empty where the area is made up",
    "area": "Name of the area",
    "region": "Region of the area",
    "demonstration": "yes where the area is made up",
    "assessment_id": "Number of the submitted assessment; empty where there is none by this day",
    "submitted_on": "Day of submission",
    "framework_version": "Version of the framework",
    "rule": "Version of the readiness rule",
    "band": "Readiness band, in words",
    "confidence": "high, medium or low",
    "contested_statements": "Statements with dissent on record, or on which no level was agreed",
    "levelled": "Statements with an agreed level",
    "applicable": "Statements that apply",
    "evidenced": "Agreed levels of 3 or 4 with evidence in date",
    "claimed": "Agreed levels of 3 or 4",
    "ingredient": "Id of the ingredient",
    "ingredient_title": "Short title of the ingredient",
    "level": "Level of the ingredient, 1 to 4; empty where it is not yet rated",
    "level_before": "Its level in the assessment before; empty where there is none to compare with",
    "change": "up or down since the assessment before; empty where neither",
    "limiting": "yes where the ingredient limits the band",
    "contested": "yes where one of its statements is contested",
    "not_evidenced": "yes where one of its levels of 3 or 4 has no evidence in date",
    "last_check_in": "Day of the last check-in with DfE of which the area had agreed the record",
    "next_check_in": "Day of the next check-in with DfE, which may be over",
    "check_in_overdue": "yes where that day had passed and the area had not agreed the record",
}
# How many of an area's pictures the workbook has, the newest first.
CYCLES = 4
Value = str | int | date | None


def area_rows(lines: Iterable[Line], day: date) -> Iterator[list[str]]:
    """One row for each area and ingredient; one for an area that has submitted nothing."""
    for line in lines:
        about = [day.isoformat(), *(_text(value) for value in _about(line).values())]
        dates = [_text(value) for value in _check_ins(line, day).values()]
        for cell, title in _cells(line):
            yield [*about, *(_text(value) for value in _cell(cell, title).values()), *dates]
        if not line.cells:
            yield [*about, *[""] * (len(COLUMNS) - len(about) - len(dates)), *dates]


def area_objects(lines: Iterable[Line], day: date) -> Iterator[dict[str, Any]]:
    """One object for each area, with a list of its ingredients."""
    for line in lines:
        found = _about(line) | _check_ins(line, day)
        found = {name: _plain(value) for name, value in found.items()}
        yield found | {"ingredients": [_cell(cell, title) for cell, title in _cells(line)]}


def _cells(line: Line) -> Iterator[tuple[Cell, str]]:
    titles = (row.short_title for row in line.framework.all_ingredients)
    return zip(line.cells, titles, strict=False)


def _about(line: Line) -> dict[str, Value | bool]:
    area, picture = line.area, line.picture
    found: dict[str, Value | bool] = {
        "area_code": area.dfe_code,
        "gss_code": area.gss_code,
        "area": area.name,
        "region": area.region,
        "demonstration": area.is_demonstration,
    }
    names = ("assessment_id", "submitted_on")
    figures = ("contested", "levelled", "applicable", "evidenced", "claimed")
    return (
        found
        | {name: getattr(picture, name, None) for name in names}
        | {
            "framework_version": line.framework.version if picture else None,
            "rule": picture.rule_version if picture else "",
            "band": line.band_label,
            "confidence": picture.confidence if picture else "",
        }
        | {
            f"{name}_statements" if name == "contested" else name: getattr(picture, name, None)
            for name in figures
        }
    )


def _check_ins(line: Line, day: date) -> dict[str, Value | bool]:
    return {
        "last_check_in": line.last_check_in,
        "next_check_in": line.next_check_in,
        "check_in_overdue": line.is_overdue(day),
    }


def _cell(cell: Cell, title: str) -> dict[str, Any]:
    return {
        "ingredient": cell.slug,
        "ingredient_title": title,
        "level": cell.level,
        "level_before": cell.before,
        "change": cell.change,
        "limiting": cell.is_limiting,
        "contested": cell.is_contested,
        "not_evidenced": cell.is_not_evidenced,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(_plain(value))


# ---- The workbook --------------------------------------------------------------------------------

HEADS = {
    "Area": 24, "Code": 7, "Region": 22, "Made up": 9, "Submitted": 18, "Band": 18, "Limiting": 34,
    "Confidence": 12, "Contested statements": 12, "Statements agreed": 12, "Statements that apply": 12,
    "Evidenced": 11, "Levels of 3 or 4": 11, "Since last time": 15,
}  # fmt: skip
# Sheets of statements: what stands in a cell.
SHEETS = {
    "Agreed": "what was agreed: the level, or why there is none",
    "Counts as": "the level at which it counts: 2 where a level of 3 or 4 has no evidence in date",
    "Marks": "contested, not evidenced, or both",
}
NOTES = (
    "Submitted assessments only; of a corrected report its newest version.",
    "Levels and counts. Areas are not ranked, and there is no overall score.",
    "The sheets of statements have one row for each picture: an area’s newest, and up to three before it.",
    *(f"Sheet ‘{name}’: {meaning}." for name, meaning in SHEETS.items()),
)


def make_programme_workbook(lines: Sequence[Line], framework: Framework, day: date) -> bytes:
    """The .xlsx file: the areas that are shown with their ingredients, and their statements in the
    last four pictures as at this day. Every text is written as text, never as a formula."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **OPTIONS})
    book.set_properties({"title": f"Areas as at {words.day(day)}", "comments": " ".join(NOTES)})
    formats = {name: book.add_format(values) for name, values in FORMATS.items()}
    titles = [row.short_title for row in framework.all_ingredients]
    heads = HEADS | dict.fromkeys(titles, 13) | {f"{title}: marks": 22 for title in titles}
    heads |= {"Last check-in": 18, "Next check-in": 18, "Check-in overdue": 12}
    _sheet(book.add_worksheet("Areas"), heads, [_area(line, day) for line in lines], formats)
    _statements(book, lines, framework, day, formats)
    about = book.add_worksheet("How to read this")
    rows = [(f"As at {words.day(day)}, framework version {framework.version}.",)]
    _sheet(about, {"How to read this": 100}, [*rows, *((note,) for note in NOTES)], formats)
    book.close()
    return file.getvalue()


def _area(line: Line, day: date) -> list[Value]:
    about, area = _about(line), line.area
    rest = ("confidence", "contested_statements", "levelled", "applicable", "evidenced", "claimed")
    row: list[Any] = [area.name, area.dfe_code, area.region, "yes" if area.is_demonstration else ""]
    row += [about["submitted_on"], line.band_label or "Nothing submitted", line.limits]
    row += [*(about[name] for name in rest), line.change]
    row += [cell.level or "Not yet rated" for cell in line.cells]
    row += [_marks(cell.change, cell.is_contested, cell.is_not_evidenced) for cell in line.cells]
    # So that these columns stay below their heads where there are no levels.
    row += [""] * (len(HEADS) + 2 * len(line.framework.all_ingredients) - len(row))
    late = "yes" if line.is_overdue(day) else ""
    return [*row, line.last_check_in, line.next_check_in, late]


def _marks(change: str, is_contested: bool, is_not_evidenced: bool) -> str:
    said = [change] if change else []
    said += ["contested"] if is_contested else []
    said += ["not evidenced"] if is_not_evidenced else []
    return ", ".join(said)


def _statements(
    book: Any, lines: Sequence[Line], framework: Framework, day: date, formats: dict[str, Any]
) -> None:
    """A sheet of each kind, a row for each picture and a column for each statement."""
    pictures = _pictures(lines, framework, day)
    found: dict[int, dict[int, tuple[Any, ...]]] = {row.pk: {} for _, row in pictures}
    answers = SubmittedAnswer.objects.filter(picture__in=list(found)).values_list(
        "picture", "statement", "answer", "counts_as", "is_contested", "is_not_evidenced"
    )
    for picture, statement, answer, counts_as, *marks in answers.iterator(5000):
        said = _marks("", *map(bool, marks))
        found[picture][statement] = (_agreed(answer), counts_as, said)
    heads = {"Area": 24, "Code": 7, "Submitted": 18}
    heads |= {f"{row.code} {row.title}": 14 for row in framework.all_statements}
    for place, name in enumerate(SHEETS):
        rows = (
            [
                area.name, area.dfe_code, picture.submitted_on,
                *(found[picture.pk][row.pk][place] for row in framework.all_statements),
            ]
            for area, picture in pictures
        )  # fmt: skip
        _sheet(book.add_worksheet(name), heads, rows, formats)


def _agreed(answer: str) -> Value:
    value = answer_value(answer)
    return value if isinstance(value, int) else words.answer(value)


def _pictures(
    lines: Sequence[Line], framework: Framework, day: date
) -> list[tuple[Area, SubmittedPicture]]:
    """Up to four pictures of each area, in the order of the lines, the newest of each first."""
    one = newest(framework, day).values("pk")
    slots = {f"picture{n}": Subquery(one[n : n + 1]) for n in range(CYCLES)}
    shown = Area.objects.filter(pk__in=[line.area.pk for line in lines if line.picture])
    ids = {row[0]: row[1:] for row in shown.annotate(**slots).values_list("pk", *slots)}
    kept = SubmittedPicture.objects.in_bulk([pk for row in ids.values() for pk in row if pk])
    return [
        (line.area, kept[pk]) for line in lines for pk in ids.get(line.area.pk, ()) if pk
    ]  # fmt: skip


def _sheet(
    page: Any, heads: dict[str, int], rows: Iterable[Sequence[Value]], formats: dict[str, Any]
) -> None:
    for place, (name, width) in enumerate(heads.items()):
        page.set_column(place, place, width)
        page.write_string(0, place, tidy(name), formats["head"])
    number = 0
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write(page, number, place, value, formats)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(number, 1), len(heads) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write(page: Any, row: int, column: int, value: Value, formats: dict[str, Any]) -> None:
    if isinstance(value, date):
        page.write_datetime(row, column, value, formats["day"])
    elif isinstance(value, int):
        page.write_number(row, column, value, formats["number"])
    elif value:
        text = tidy(value)
        kind = "quoted" if is_formula(text) else "text" if column else "first"
        page.write_string(row, column, text, formats[kind])
