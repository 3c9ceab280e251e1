"""The picture of one assessment: every number of the report, with its reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.agreement import Agreement, Answer
from assessments.readiness.lift import Lift
from assessments.readiness.rules import Band, Confidence, Mark, Reason


@dataclass(frozen=True, slots=True)
class Coverage:
    """Statements by kind of agreed answer; "30 of 32" is ``levelled`` of ``applicable``."""

    levelled: int
    applicable: int
    not_applicable: int
    cannot_say: int
    not_agreed: int
    blank: int


@dataclass(frozen=True, slots=True)
class EvidenceCoverage:
    """Agreed levels of 3 or 4, and how many of them have evidence in date."""

    evidenced: int
    claimed: int


@dataclass(frozen=True, slots=True)
class Returns:
    submitted: int
    invited: int


@dataclass(frozen=True, slots=True)
class StatementPicture:
    """One statement: what partners gave, what was agreed, and the level at which that counts."""

    agreement: Agreement
    agreed: Answer | None
    evidenced_level: int | None
    has_evidence: bool
    contested: bool
    not_evidenced: bool
    rationale_required: bool
    outside_reason_required: bool

    @property
    def marks(self) -> tuple[Mark, ...]:
        return marks_of([self])


@dataclass(frozen=True, slots=True)
class IngredientPicture:
    """One ingredient: its level, or the reasons why it is not yet rated.

    ``places`` has every submitted partner, None when it is not placed.
    """

    level: int | None
    reasons: tuple[Reason, ...]
    sectors_missing: tuple[str, ...]
    statements_missing: tuple[str, ...]
    coverage: Coverage
    marks: tuple[Mark, ...]
    places: dict[str, int | None]
    place_agreement: Agreement


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole assessment; ``statements`` and ``ingredients`` are in framework order."""

    statements: dict[str, StatementPicture]
    agenda: list[str]
    ingredients: dict[str, IngredientPicture]
    band: Band
    limiting: tuple[str, ...]
    levels: dict[str, int]
    lift: Lift | None
    coverage: Coverage
    evidence_coverage: EvidenceCoverage
    returns: Returns
    confidence: Confidence
    contested: int


def marks_of(statements: Sequence[StatementPicture]) -> tuple[Mark, ...]:
    """Each mark that any of the statements has."""
    marks = []
    if any(statement.contested for statement in statements):
        marks.append(Mark.CONTESTED)
    if any(statement.not_evidenced for statement in statements):
        marks.append(Mark.NOT_EVIDENCED)
    return tuple(marks)
