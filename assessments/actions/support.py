"""Ask for a package of the support menu, and take that back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Area, User
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, SupportRequest
from ingredients.models import SupportPackage


@transaction.atomic
def ask_support(
    *,
    area: Area,
    package: SupportPackage,
    why: str,
    by: User,
    assessment: Assessment | None = None,
) -> SupportRequest:
    """Ask for a package, out of what the area's latest picture shows if it has one.

    Raises ValueError without a reason or with another area's assessment, NotNowError when the
    area asks for this package already.
    """
    if not why:
        raise ValueError("why: say why you ask for it")
    if assessment is not None and assessment.area_id != area.pk:
        raise ValueError(f"assessment: {assessment} is not of {area}")
    # Held, so that two who ask at once make one request and not an error of the database.
    Area.objects.select_for_update().get(pk=area.pk)
    if SupportRequest.objects.standing().filter(area=area, package=package).exists():
        raise NotNowError(f"{area.name} asks for ‘{package.title}’ already.")
    request = SupportRequest.objects.create(
        area=area, package=package, assessment=assessment, why=why, asked_by=by
    )
    _record(request, "support.ask", "asked for the support package", by=by)
    return request


@transaction.atomic
def withdraw_support(*, support_request: SupportRequest, by: User) -> None:
    """Take a request back. Doing so twice is one event."""
    standing = SupportRequest.objects.standing().filter(pk=support_request.pk)
    if standing.update(withdrawn_at=timezone.now(), withdrawn_by=by):
        sentence = "no longer asks for the support package"
        _record(support_request, "support.withdraw", sentence, by=by)


def _record(request: SupportRequest, verb: str, sentence: str, *, by: User) -> None:
    record(
        verb,
        f"{sentence} ‘{request.package.title}’",
        by=by,
        area=request.area,
        assessment_id=request.assessment_id,
    )
