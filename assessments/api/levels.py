"""What was agreed of each statement, of submitted assessments alone, as rows for a table."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Field, Query, Router, Schema

from areas.models import User
from assessments.api.paging import Filters, Page, between, of_real_areas, page_of, refuse_unknown
from assessments.api.tokens import TokenRequest
from assessments.models import SubmittedAnswer
from assessments.models.assessments import visible_assessment
from assessments.models.scores import AGREED_ANSWERS, LEVEL_ANSWERS

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


def visible(user: User) -> Any:
    return SubmittedAnswer.objects.filter(visible_assessment(user, at="picture__assessment__"))


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
    summary="Agreed levels by statement, newest assessment first",
)
def list_levels(request: TokenRequest, filters: Query[LevelFilters]) -> dict[str, Any]:
    """No partner's answer is in here. Statements come in the order of the framework."""
    refuse_unknown(request, LevelFilters)
    person = request.auth.user
    rows = of_real_areas(visible(person), person, filters, at="picture__area__")
    named = {
        "picture__area__dfe_code": filters.area,
        "picture": filters.assessment,
        "statement__slug": filters.statement,
    }
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    rows = between(rows, filters.since, filters.until, at="picture__submitted_on")
    whole = rows.select_related("picture__area", "statement__ingredient__framework")
    order = (
        "-picture__submitted_on",
        "-picture",
        "statement__ingredient__number",
        "statement__number",
    )
    return page_of(whole.order_by(*order), filters, show)
