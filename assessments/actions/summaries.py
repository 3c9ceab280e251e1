"""Show a report's summary for families to everyone, and stop showing it."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from areas.actions import record
from areas.models import Area, User
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, PublishedSummary


@transaction.atomic
def publish_summary(*, assessment: Assessment, contact: str, by: User) -> PublishedSummary:
    """Show the summary of this report at the area's public address, in place of any other there.
    Publishing the same report again changes the contact text.

    Raises NotNowError for a report that is not submitted, has been corrected, or is older than
    the one that is shown now.
    """
    area = Area.objects.select_for_update().get(pk=assessment.area_id)
    check_publishable(assessment)
    shown = PublishedSummary.objects.public().of(area).select_related("assessment").first()
    if shown:
        _end(shown, by)
    published = PublishedSummary.objects.create(
        assessment=assessment, place=place_of(area), contact=contact, published_by=by
    )
    again = shown is not None and shown.assessment_id == assessment.pk
    what = (
        "changed how families can get in touch in the public summary of"
        if again
        else "published the summary for families of"
    )
    sentence = f"{what} {_quoted(published)}"
    record("summary.publish", sentence, by=by, area=area, assessment_id=assessment.pk)
    return published


@transaction.atomic
def withdraw_summary(*, assessment: Assessment, by: User) -> None:
    """Stop showing the summary of this report. Raises NotNowError when it is not shown."""
    area = Area.objects.select_for_update().get(pk=assessment.area_id)
    shown = PublishedSummary.objects.public().filter(assessment=assessment).first()
    if shown is None:
        raise NotNowError("The summary of this report is not public.")
    _end(shown, by)
    sentence = f"withdrew the public summary of {_quoted(shown)}"
    record("summary.withdraw", sentence, by=by, area=area, assessment_id=assessment.pk)


def check_publishable(assessment: Assessment) -> None:
    """Raises NotNowError saying why the summary of this report cannot be made public."""
    if assessment.is_cancelled:
        raise NotNowError("A cancelled assessment is never published.")
    if not assessment.is_submitted:
        raise NotNowError("A draft is never published. Submit the report first.")
    if assessment.corrections.submitted().exists():
        raise NotNowError("This report has been corrected. Publish its newest version.")
    shown = PublishedSummary.objects.public().filter(assessment__area=assessment.area_id)
    if shown.filter(assessment__submitted_at__gt=assessment.submitted_at).exists():
        raise NotNowError("The summary of a later report is public. Withdraw that one first.")


def place_of(area: Area) -> str:
    """The area's name as it stands in its public address: once used, always the same; and of no
    other area, now or ever."""
    used = PublishedSummary.objects.of(area).first()
    if used:
        return used.place
    place = slugify(area.name) or slugify(area.dfe_code)
    taken = PublishedSummary.objects.filter(place=place).exists()
    return f"{place}-{slugify(area.dfe_code)}" if taken else place


def _end(shown: PublishedSummary, by: User) -> None:
    shown.withdrawn_at, shown.withdrawn_by = timezone.now(), by
    shown.save(update_fields=["withdrawn_at", "withdrawn_by"])


def _quoted(shown: PublishedSummary) -> str:
    address = reverse("assessments:public-summary", args=[shown.place])
    return f"‘{shown.assessment.name}’ at {address}"
