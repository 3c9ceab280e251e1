"""What the PDF lays out differently from the page: its charts, the columns of its annexes, and the
figures behind a level. All of it comes from the contents; nothing is worked out anew but counts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from assessments.reports import charts, paper, words
from assessments.reports.contents import (
    IngredientReport,
    LiftGroup,
    PartnerAnswer,
    ReportContents,
    StatementReport,
)
from assessments.reports.paper import Drawing

LEVELS = (1, 2, 3, 4)
# Longer lists would push the six strips off the first page. Annex B has all steps, and what is
# missing stands with each ingredient.
MOST_STEPS, MOST_MISSING, MOST_LIMITING = 4, 3, 3
# With so many partners a table has no room for names.
CROWD = 8
# Six strips that are higher together push what follows them to the next sheet, in millimetres.
MOST_HEIGHT = 84
APART = (
    "All at the same level",
    "Within one level",
    "Two levels apart",
    "Three levels apart",
)


@dataclass(frozen=True, slots=True)
class IngredientSheet:
    """One ingredient: its row on the first page, its block on the next, its line in Annex B."""

    about: IngredientReport
    apart: str
    strip: Drawing
    dumbbell: Drawing | None
    squares: Drawing
    widest: Drawing | None
    agreed: str
    evidence: str
    needed: int
    lowest: int | None
    at_least: tuple[int, ...]
    rows: tuple[StatementRow, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """The partners that chose a level on their own, by code; whether it is the agreed level."""

    level: int
    codes: str
    is_agreed: bool


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line of Annex A. `without` says who gave no level, and why."""

    about: StatementReport
    columns: tuple[Column, ...]
    without: str


@dataclass(frozen=True, slots=True)
class Sheets:
    """The whole PDF. `missing`, `limiting` and `lift` are short enough for the first page, or
    empty; `whole_lift` is empty unless `lift` leaves steps out. `is_crowded`: a table has partners'
    codes for heads. `runs_over`: what belongs on the first page goes on on the second."""

    report: ReportContents
    axis: Drawing
    bell_axis: Drawing | None
    key: Drawing
    missing: tuple[str, ...]
    limiting: tuple[IngredientReport, ...]
    ingredients: tuple[IngredientSheet, ...]
    lift: tuple[LiftGroup, ...]
    whole_lift: tuple[LiftGroup, ...]
    is_crowded: bool
    runs_over: bool


def sheets_of(report: ReportContents) -> Sheets:
    """What the PDF of a report lays out."""
    is_compared = any(row.move for row in report.ingredients)
    ingredients = tuple(_ingredient(row, report, is_compared) for row in report.ingredients)
    lift = lift_lines(report, MOST_STEPS)
    limiting = tuple(row for row in report.ingredients if row.is_limiting and row.weakest)
    whole = report.lift.groups if report.lift else ()
    return Sheets(
        report=report,
        axis=paper.strip_axis(report.levels, shows_partners=report.shows_partners),
        bell_axis=paper.bell_axis() if is_compared else None,
        key=paper.level_key(),
        missing=report.missing if len(report.missing) <= MOST_MISSING else (),
        limiting=limiting if len(limiting) <= MOST_LIMITING else (),
        ingredients=ingredients,
        lift=lift,
        whole_lift=whole if lift != whole else (),
        is_crowded=len(report.partners) >= CROWD,
        runs_over=sum(sheet.strip.height for sheet in ingredients) > MOST_HEIGHT,
    )


def lift_lines(report: ReportContents, most: int) -> tuple[LiftGroup, ...]:
    """The steps of the smallest lift; of more than `most`, how many there are in each ingredient."""
    if report.lift is None:
        return ()
    groups = report.lift.groups
    if sum(len(group.lines) for group in groups) <= most:
        return groups
    return tuple(
        LiftGroup(group.ingredient, (f"{group.ingredient}: {_codes(group.lines)}",))
        for group in groups
    )


def _codes(lines: tuple[str, ...]) -> str:
    named = words.listed(line.split(" ", 1)[0] for line in lines)
    return f"{words.count(len(lines), 'statement')} ({named})"


def _ingredient(
    row: IngredientReport, report: ReportContents, is_compared: bool
) -> IngredientSheet:
    counted = [s.counts_as for s in row.statements if s.counts_as]
    return IngredientSheet(
        about=row,
        apart=apart(place.level for place in row.places),
        strip=paper.dot_strip(
            row.places,
            row.level or "not yet rated",
            _title(row.short_title, row.places, _level(row)),
            paper.WIDE if report.shows_partners else paper.AGREED_ONLY,
        ),
        dumbbell=paper.dumbbell(row.before, row.level, f"{row.short_title}. {row.change}")
        if is_compared
        else None,
        squares=paper.level_strip(
            row.statements, paper.level_strip_title(row.short_title, row.statements)
        ),
        widest=_widest(row.widest) if row.widest else None,
        agreed=_counts(row),
        evidence=_evidence_words(row),
        needed=math.ceil(2 * len(counted) / 3),
        lowest=min(counted, default=None),
        at_least=tuple(sum(level >= least for level in counted) for least in LEVELS[1:]),
        rows=tuple(_statement(statement) for statement in row.statements),
    )


def apart(levels: Iterable[int | None]) -> str:
    """How far apart these levels are, in words; nothing where fewer than two can be compared."""
    given = [level for level in levels if level]
    return APART[max(given) - min(given)] if len(given) > 1 else ""


def _level(row: IngredientReport) -> str:
    return f"Agreed level {row.level}." if row.level else "Not yet rated."


def _title(name: str, answers: tuple[PartnerAnswer, ...], agreed: str) -> str:
    if not answers:
        return f"{name}. {agreed}"
    at: dict[int, list[str]] = defaultdict(list)
    without: dict[str, list[str]] = defaultdict(list)
    for answer in answers:
        if answer.level:
            at[answer.level].append(answer.partner.short_name)
        else:
            without[answer.words.lower()].append(answer.partner.short_name)
    return charts.strip_title(name, at, without=without, agreed=agreed)


def _widest(statement: StatementReport) -> Drawing:
    given = tuple(answer for answer in statement.answers if answer.level)
    agreed = statement.level or statement.agreed_words.lower()
    said = f"Agreed level {statement.level}." if statement.level else f"{statement.agreed_words}."
    return paper.dot_strip(
        given, agreed, _title(statement.title, statement.answers, said), paper.NARROW
    )


def _counts(row: IngredientReport) -> str:
    """`3 statements at level 3 and 2 at 2. 1 not agreed.`"""
    at = [sum(s.level == level for s in row.statements) for level in LEVELS]
    found = [(amount, level) for amount, level in zip(at, LEVELS, strict=True) if amount][::-1]
    said = [
        f"{words.count(amount, 'statement') if place == 0 else amount} at {'level ' if place == 0 else ''}{level}"
        for place, (amount, level) in enumerate(found)
    ]
    levelled = f"{words.sentence_case(words.listed(said))}." if said else ""
    if row.counts.levelled == len(row.statements):
        return levelled
    return f"{levelled} {words.sentence_case(words.coverage_rest(row.counts))}.".strip()


def _evidence_words(row: IngredientReport) -> str:
    """How many levels of 3 or 4 have evidence in date, and which have none."""
    claimed = [s for s in row.statements if s.level and s.level >= 3]
    bare = [s for s in claimed if s.is_not_evidenced]
    if not claimed:
        return "No level of 3 or 4 was agreed."
    if not bare:
        one = len(claimed) == 1
        return (
            "The one level of 3 or 4 has evidence in date."
            if one
            else f"All {words.number(len(claimed))} levels of 3 or 4 have evidence in date."
        )
    verb = "has none in date and counts" if len(bare) == 1 else "have none in date and count"
    named = words.listed(f"{s.code} {s.title}" for s in bare)
    return f"{len(claimed) - len(bare)} of {len(claimed)} levels of 3 or 4 have evidence in date. {named} {verb} as 2."


def _statement(statement: StatementReport) -> StatementRow:
    chosen: dict[int, list[str]] = defaultdict(list)
    without: dict[str, list[str]] = defaultdict(list)
    for answer in statement.answers:
        if answer.level:
            chosen[answer.level].append(answer.partner.code)
        else:
            without[answer.words].append(answer.partner.code)
    return StatementRow(
        about=statement,
        columns=tuple(
            Column(level, " ".join(chosen[level]), level == statement.level) for level in LEVELS
        ),
        without=" ".join(f"{said}: {', '.join(codes)}." for said, codes in without.items()),
    )
