"""What was agreed of a statement in the picture that an assessment is compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.contents import StatementReport
from assessments.reports.versions import maps_by_fingerprint
from assessments.reports.words import inside
from ingredients.models import Statement, framework_with_content


@dataclass(frozen=True, slots=True)
class LastTime:
    """What the report called `title`, submitted on `day`, says of one statement. `words` are
    those for the agreed level in the middle of a sentence: `level 3, not evidenced`. `is_reworded`
    when the framework words the statement otherwise now."""

    title: str
    day: date
    words: str
    rationale: str
    is_reworded: bool = False


def last_time(assessment: Assessment, statement: Statement) -> LastTime | None:
    """Nothing where there is no earlier picture, or where the statement is not compared with one
    of its framework version.

    It is told beside the question and is never an answer: a level is not carried over.
    """
    if assessment.baseline_id is None:
        return None
    found = _agreed(assessment.baseline_id, assessment.started_at, assessment.framework_id)
    return found.get(statement.slug)


# A submitted picture never changes, so each process reads it once for those who are compared with
# it; `started_at` is theirs and keeps one apart from another of the same number.
@lru_cache(maxsize=64)
def _agreed(baseline_id: int, started_at: datetime, framework_id: int) -> dict[str, LastTime]:
    """Statement of this framework version to what that report says of it."""
    report = contents_of(Assessment.objects.select_related("area").get(pk=baseline_id))
    day = report.submitted_on or report.day
    told = {
        row.slug: LastTime(report.title, day, _words(row), row.rationale)
        for row in report.statements
    }
    framework = framework_with_content(framework_id)
    before = report.method.framework_fingerprint
    if before == framework.fingerprint:
        return told
    shared = maps_by_fingerprint(framework).get(before)
    pairs = shared.statements if shared else {}
    return {
        slug: replace(told[pair.before], is_reworded=pair.is_reworded)
        for slug, pair in pairs.items()
    }


def _words(row: StatementReport) -> str:
    said = f"level {row.level}" if row.level else inside(row.agreed_words)
    return f"{said}, not evidenced" if row.is_not_evidenced else said
