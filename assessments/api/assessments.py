"""Submitted assessments alone: whatever is under way is on no road from here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from areas.models import User
from areas.permissions import Permission
from assessments.actions.looks import note_look
from assessments.api.paging import Filters, Page, between, of_real_areas, page_of, refuse_unknown
from assessments.api.tokens import TokenRequest
from assessments.models import Assessment, SubmittedLevel
from assessments.models.assessments import AssessmentQuerySet
from assessments.reports.exports.json import report_json
from assessments.views.home import picture_for
from send_portal.mail import link

router = Router(tags=["Assessments"])
REPORT = {"schema": {"$ref": "#/components/schemas/Report"}}
LEVELS = Prefetch(
    "submitted_picture__levels",
    SubmittedLevel.objects.select_related("ingredient").order_by("ingredient__number"),
)
WHOLE_REPORT: dict[str, Any] = {
    "responses": {200: {"description": "OK", "content": {"application/json": REPORT}}}
}


class AssessmentFilters(Filters):
    area: str | None = Field(None, max_length=3, description="Code of one area")
    since: date | None = Field(None, description="Submitted on this day or later")
    until: date | None = Field(None, description="Submitted on this day or earlier")


class IngredientOut(Schema):
    id: str = Field(description="Slug of the ingredient in its framework version")
    level: int | None = Field(ge=1, le=4, description="1 to 4; null when not yet rated")
    is_limiting: bool
    is_contested: bool
    is_not_evidenced: bool


class AssessmentOut(Schema):
    id: int
    area: str = Field(description="Code of the area")
    is_demonstration: bool = Field(description="Of a made-up area")
    title: str
    purpose: str
    framework: int = Field(description="Version of the framework")
    version: int = Field(description="1, or more for a correction")
    corrects: int | None = Field(description="The assessment whose report this one corrects")
    submitted_on: date
    band: str
    confidence: str
    contested: int = Field(description="Contested statements")
    levelled: int = Field(description="Statements with an agreed level")
    applicable: int = Field(description="Statements that apply")
    ingredients: list[IngredientOut]
    report: str = Field(description="Address of the whole report in this API")


class AssessmentPage(Page):
    results: list[AssessmentOut]


def submitted(user: User) -> AssessmentQuerySet:
    return Assessment.objects.visible_to(user).submitted()


def show(row: Assessment) -> dict[str, Any]:
    """What everyone who may read the report at all reads in it: no partner's answer is in here."""
    found = row.submitted_picture
    return {
        "id": row.pk,
        "area": row.area.dfe_code,
        "is_demonstration": row.area.is_demonstration,
        "title": row.title,
        "purpose": row.purpose,
        "framework": row.content.version,
        "version": row.version,
        "corrects": row.corrects_id,
        "submitted_on": found.submitted_on,
        "band": found.band,
        "confidence": found.confidence,
        "contested": found.contested,
        "levelled": found.levelled,
        "applicable": found.applicable,
        "ingredients": [
            {
                "id": level.ingredient.slug,
                "level": level.level,
                "is_limiting": level.is_limiting,
                "is_contested": level.is_contested,
                "is_not_evidenced": level.is_not_evidenced,
            }
            for level in found.levels.all()
        ],
        "report": link(reverse("assessments:api-assessment", args=[row.pk])),
    }


@router.get(
    "assessments/",
    response=AssessmentPage,
    url_name="api-assessments",
    summary="Submitted assessments, newest first",
)
def list_assessments(request: TokenRequest, filters: Query[AssessmentFilters]) -> dict[str, Any]:
    refuse_unknown(request, AssessmentFilters)
    person = request.auth.user
    rows = of_real_areas(submitted(person), person, filters, at="area__")
    if filters.area is not None:
        rows = rows.filter(area__dfe_code=filters.area)
    rows = between(rows, filters.since, filters.until, at="submitted_at__date")
    whole = rows.select_related("area", "submitted_picture").prefetch_related(LEVELS)
    return page_of(whole.order_by("-submitted_at", "-pk"), filters, show)


@router.get(
    "assessments/{number}/",
    url_name="api-assessment",
    summary="The whole report of a submitted assessment",
    openapi_extra=WHOLE_REPORT,
)
def get_assessment(request: TokenRequest, number: int) -> HttpResponse:
    """The same as `report.json` of its page, by the same schema.

    Partners' answers, reasons and dissent are in it for people of the area; for DfE programme
    staff where the area has agreed to that for this assessment.
    """
    refuse_unknown(request, Schema)
    person = request.auth.user
    row = get_object_or_404(submitted(person).select_related("area"), pk=number)
    if not person.can(Permission.AREA_SEE, row.area):
        note_look(assessment=row, by=person)
    schema = link(reverse("assessments:report-schema"))
    made = report_json(picture_for(person, row), schema)
    return HttpResponse(made, content_type="application/json")
