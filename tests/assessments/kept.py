"""Pictures of submitted assessments, laid as rows alone: what a comparison of areas reads."""

from datetime import timedelta

from django.utils import timezone

from areas.models import Area
from tests.factories import (
    AreaFactory,
    AssessmentFactory,
    SubmittedAnswerFactory,
    SubmittedLevelFactory,
    SubmittedPictureFactory,
    UserFactory,
)


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


def picture(framework, area, levels, *, days=0, marks=(), **given):
    """A picture of an area with these six levels, all of its statements at 2, None for not yet rated; `marks` names those
    ingredients, by place, that are contested and not evidenced."""
    if isinstance(area, str):
        area = Area.objects.filter(name=area).first() or AreaFactory(name=area)
    # Only the rows are compared. It is closed, so that an area can have several.
    assessment = AssessmentFactory(
        area=area, framework=framework, stage="cancelled", cancelled_from="setup",
        cancelled_at=timezone.now(), cancelled_by=UserFactory(), cancel_reason="For the test.",
    )  # fmt: skip
    kept = SubmittedPictureFactory(assessment=assessment, submitted_on=days_ago(days), **given)
    lowest = None if None in levels else min(levels)
    for place, (row, level) in enumerate(zip(framework.ingredients.all(), levels, strict=True)):
        SubmittedLevelFactory(
            picture=kept, ingredient=row, level=level, is_limiting=level == lowest,
            is_contested=place in marks, is_not_evidenced=place in marks,
        )  # fmt: skip
        for statement in row.statements.all():
            SubmittedAnswerFactory(picture=kept, statement=statement)
    return kept
