"""What every view needs: fetch what is visible, check the right, answer with the right status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from areas.models import Area
from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.views import area_nav
from assessments.actions.errors import NotNowError, NotReadyError
from assessments.models import Assessment, PartnerReturn
from assessments.models.assessments import AssessmentQuerySet, visible_assessment
from assessments.reports.words import day
from ingredients.models import Statement
from send_portal.forms import PortalForm

View = Callable[..., HttpResponse]
# Names of fields in which people write, or how the names start.
TYPED = ("reason", "rationale", "outside_reason", "text", "title", "address", "shows", "contact")


def visible_assessments(request: SignedInRequest) -> AssessmentQuerySet:
    # The framework does not come along: each process keeps its words (`Assessment.content`).
    return Assessment.objects.visible_to(request.user).select_related("area")


def get_assessment(request: SignedInRequest, pk: int) -> Assessment:
    return get_object_or_404(visible_assessments(request), pk=pk)


@dataclass(frozen=True, slots=True)
class Versions:
    """What stands before and after this version of a report, as far as this person may see it."""

    newer: Assessment | None
    is_superseded: bool
    may_correct: bool


def versions(request: SignedInRequest, assessment: Assessment) -> Versions | None:
    """None until it is submitted: then it has neither been corrected nor superseded."""
    if not assessment.is_submitted:
        return None
    found = visible_assessments(request).filter(corrects=assessment)
    newer = found.exclude(stage=Assessment.Stage.CANCELLED).select_related("started_by").first()
    manages = request.user.can(Permission.ASSESSMENT_MANAGE, assessment.area)
    return Versions(newer, bool(newer and newer.is_submitted), manages and newer is None)


def get_return(request: SignedInRequest, pk: int, return_id: int) -> PartnerReturn:
    """Own partner's return only; another partner's does not exist for this person."""
    return get_object_or_404(
        PartnerReturn.objects.visible_to(request.user)
        .filter(visible_assessment(request.user, at="assessment__"))
        .select_related("assessment__area"),
        pk=return_id,
        # Not assessment=pk, which breaks on a number that no database column can hold.
        assessment__pk=pk,
    )


def get_statement(assessment: Assessment, slug: str) -> Statement:
    statement = assessment.content.statement_by_slug.get(slug)
    if statement is None:
        raise Http404("No such statement in this framework.")
    return statement


def require(
    request: SignedInRequest, permission: Permission, area: Area, message: str = ""
) -> None:
    if not request.user.can(permission, area):
        raise PermissionDenied(message or "Your role does not allow this.")


def page(
    request: SignedInRequest,
    template: str,
    area: Area,
    *,
    current: str = "assessments",
    form: PortalForm | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page of an area: its navigation, and 400 when the form on it was refused."""
    if form is not None and form.is_bound and form.errors:
        status = 400
    context |= {"area": area, "area_nav": area_nav(request.user, area, current), "form": form}
    return render(request, template, context, status=status)


def _cancelled(assessment: Assessment) -> str:
    """Whatever was tried: that it is cancelled is the reason why it cannot be done."""
    if not assessment.is_cancelled:
        return ""
    when = day(timezone.localdate(assessment.cancelled_at))
    return f"This assessment was cancelled on {when}, so it can be read but not changed."


def says_not_now(view: View) -> View:
    """When the assessment has moved on, say so and give back what was typed."""

    @wraps(view)
    def wrapped(request: SignedInRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, pk, *args, **kwargs)
        except (NotNowError, NotReadyError) as error:
            assessment = get_assessment(request, pk)
            typed = [text for name, text in request.POST.items() if name.startswith(TYPED) and text]
            return page(
                request,
                "assessments/not_now.html",
                assessment.area,
                status=409,
                assessment=assessment,
                message=_cancelled(assessment) or str(error),
                typed=typed,
                back=reverse("assessments:task-list", args=[pk]),
            )

    return wrapped
