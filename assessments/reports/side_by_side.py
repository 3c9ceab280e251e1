"""Two to four areas statement by statement, from the rows kept of their submitted assessments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.models import SubmittedAnswer
from assessments.models.scores import Answer
from assessments.reports import words
from assessments.reports.comparison import Line
from ingredients.models import Framework, Ingredient, Statement


@dataclass(frozen=True, slots=True)
class Box:
    """One cell. `level` is None where there is none, and `said` then says why; `marks` in words."""

    level: int | None
    said: str
    marks: str


@dataclass(frozen=True, slots=True)
class Block:
    """One ingredient with its statements, and of each a box for every area."""

    ingredient: Ingredient
    boxes: list[Box]
    statements: list[tuple[Statement, list[Box]]]


NOTHING = Box(None, "Nothing submitted", "")


def blocks_of(lines: Sequence[Line], framework: Framework) -> list[Block]:
    """Every ingredient of these areas, in framework order: one query."""
    rows = SubmittedAnswer.objects.filter(picture__in=[x.picture.pk for x in lines if x.picture])
    answers = {(row.picture_id, row.statement_id): row for row in rows}
    return [
        Block(
            ingredient,
            [_level(line, ingredient) for line in lines],
            [
                (statement, [_answer(line, statement, answers) for line in lines])
                for statement in ingredient.statements.all()
            ],
        )
        for ingredient in framework.all_ingredients
    ]


def _level(line: Line, ingredient: Ingredient) -> Box:
    cell = next((cell for cell in line.cells if cell.slug == ingredient.slug), None)
    if cell is None:
        return NOTHING
    change = [f"{cell.change} from level {cell.before}"] if cell.change else []
    limiting = ["limiting"] if cell.is_limiting else []
    marks = _marks(cell.is_contested, cell.is_not_evidenced)
    said = "" if cell.level else "Not yet rated"
    return Box(cell.level, said, ", ".join([*change, *limiting, *marks]))


def _answer(
    line: Line, statement: Statement, answers: dict[tuple[int, int], SubmittedAnswer]
) -> Box:
    if line.picture is None:
        return NOTHING
    row = answers[line.picture.pk, statement.pk]
    counted = [f"counts as {row.counts_as}"] if row.is_not_evidenced else []
    marks = ", ".join([*_marks(row.is_contested, row.is_not_evidenced), *counted])
    if row.counts_as is not None:
        return Box(int(row.answer), "", marks)
    return Box(None, Answer(row.answer).label if row.answer else words.ANSWERS[None], marks)


def _marks(is_contested: bool, is_not_evidenced: bool) -> list[str]:
    return [
        word
        for word, on in (("contested", is_contested), ("not evidenced", is_not_evidenced))
        if on
    ]
