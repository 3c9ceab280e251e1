"""What was agreed of a statement in the picture that an assessment is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.contents import StatementReport
from assessments.reports.words import inside
from ingredients.models import Statement


@dataclass(frozen=True, slots=True)
class LastTime:
    """What the report called `title`, submitted on `day`, says of one statement. `words` are
    those for the agreed level in the middle of a sentence: `level 3, not evidenced`."""

    title: str
    day: date
    words: str
    rationale: str


def last_time(assessment: Assessment, statement: Statement) -> LastTime | None:
    """Nothing where there is no earlier picture, or one of another framework version.

    It is told beside the question and is never an answer: a level is not carried over.
    """
    if assessment.baseline_id is None:
        return None
    fingerprint, agreed = _agreed(assessment.baseline_id, assessment.started_at)
    return agreed.get(statement.slug) if fingerprint == assessment.content.fingerprint else None


# A submitted picture never changes, so each process reads it once for those who are compared with
# it; `started_at` is theirs and keeps one apart from another of the same number.
@lru_cache(maxsize=64)
def _agreed(baseline_id: int, started_at: datetime) -> tuple[str, dict[str, LastTime]]:
    """The fingerprint of its framework, and statement to what it says of it."""
    report = contents_of(Assessment.objects.select_related("area").get(pk=baseline_id))
    day = report.submitted_on or report.day
    return report.method.framework_fingerprint, {
        row.slug: LastTime(report.title, day, _words(row), row.rationale)
        for row in report.statements
    }


def _words(row: StatementReport) -> str:
    said = f"level {row.level}" if row.level else inside(row.agreed_words)
    return f"{said}, not evidenced" if row.is_not_evidenced else said
