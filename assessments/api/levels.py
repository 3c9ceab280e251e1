"""What was agreed of each statement, of submitted assessments alone, as rows for a table."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from ninja import Field, Query, Router, Schema

from assessments.api.paging import Filters, Page, between, of_real_areas, page_of, refuse_unknown
from assessments.api.tokens import TokenRequest
from assessments.models import SubmittedAnswer, SubmittedPicture
from assessments.models.pictures import SubmittedPictureQuerySet
from assessments.models.scores import AGREED_ANSWERS, LEVEL_ANSWERS
from ingredients.models import Statement, framework_with_content

router = Router(tags=["Levels"])
LEVELS = {answer.value for answer in LEVEL_ANSWERS}
WORDS = ", ".join(answer.value for answer in AGREED_ANSWERS if answer.value not in LEVELS)


class LevelFilters(Filters):
    area: str | None = Field(None, max_length=3, description="Code of one area")
    assessment: int | None = Field(None, ge=1, le=2**31 - 1, description="One assessment")
    statement: str | None = Field(None, max_length=60, description="Slug of one statement")
    since: date | None = Field(None, description="Submitted on this day or later")
    until: date | None = Field(None, description="Submitted on this day or earlier")


class LevelOut(Schema):
    area: str = Field(description="Code of the area")
    is_demonstration: bool = Field(description="Of a made-up area")
    assessment: int
    submitted_on: date
    replaced_on: date | None = Field(
        description="The day on which a correction of its report was submitted"
    )
    framework: int = Field(description="Version of the framework")
    ingredient: str = Field(description="Slug of the ingredient in its framework version")
    statement: str = Field(description="Slug of the statement in its framework version")
    level: int | None = Field(ge=1, le=4, description="The agreed level, 1 to 4")
    without: str = Field(description=f"Why there is no level: {WORDS}; or empty")
    counts_as: int | None = Field(
        ge=1, le=4, description="The level at which it counts: 3 and 4 need evidence in date"
    )
    is_contested: bool
    is_not_evidenced: bool


class LevelPage(Page):
    results: list[LevelOut]


def show(row: SubmittedAnswer) -> dict[str, Any]:
    picture, statement = row.picture, row.statement
    return {
        "area": picture.area.dfe_code,
        "is_demonstration": picture.area.is_demonstration,
        "assessment": picture.pk,
        "submitted_on": picture.submitted_on,
        "replaced_on": picture.replaced_on,
        "framework": statement.ingredient.framework.version,
        "ingredient": statement.ingredient.slug,
        "statement": statement.slug,
        "level": int(row.answer) if row.answer in LEVELS else None,
        "without": "" if row.answer in LEVELS else row.answer,
        "counts_as": row.counts_as,
        "is_contested": row.is_contested,
        "is_not_evidenced": row.is_not_evidenced,
    }


@router.get(
    "levels/",
    response=LevelPage,
    url_name="api-levels",
    summary="Agreed levels by statement, oldest assessment first",
)
def list_levels(request: TokenRequest, filters: Query[LevelFilters]) -> dict[str, Any]:
    """No partner's answer is in here. What is submitted later comes at the end."""
    refuse_unknown(request, LevelFilters)
    person = request.auth.user
    pictures = SubmittedPicture.objects.visible_to(person)
    pictures = of_real_areas(pictures, person, filters, at="area__")
    if filters.area is not None:
        pictures = pictures.filter(area__dfe_code=filters.area)
    if filters.assessment is not None:
        pictures = pictures.filter(pk=filters.assessment)
    pictures = between(pictures, filters.since, filters.until, at="submitted_on")
    rows = SubmittedAnswer.objects.filter(picture__in=pictures)
    if filters.statement is not None:
        rows = rows.filter(statement__slug=filters.statement)
    whole = rows.select_related("picture__area", "statement__ingredient__framework")
    # As they were kept: the database finds a piece without sorting all, and what is new comes last.
    ordered = whole.order_by("picture_id", "statement_id")
    return page_of(ordered, filters, show, count=_count(pictures, filters.statement))


def _count(pictures: SubmittedPictureQuerySet, statement: str | None) -> int:
    """A picture has one row for each statement of its framework: half a million are not counted
    one by one."""
    found = pictures.order_by().values_list("framework_id").annotate(models.Count("pk"))
    return sum(
        number * sum(statement in {None, row.slug} for row in _statements(framework))
        for framework, number in found
    )


def _statements(framework: int) -> list[Statement]:
    return framework_with_content(framework).all_statements
