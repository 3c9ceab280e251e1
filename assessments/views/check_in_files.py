"""A check-in to take with you: its record as a PDF, its day for a calendar."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event  # type: ignore[import-untyped]

from areas.requests import SignedInRequest
from assessments.models import CheckIn
from assessments.reports.check_in import check_in_pdf, contents_of_check_in
from assessments.views.check_ins import get_check_in
from assessments.views.shared import page
from assessments.views.summaries import pdf_file
from send_portal.pdf import PdfError


@require_safe
def check_in_file(request: SignedInRequest, check_in: int) -> HttpResponse:
    found = get_check_in(request, check_in)
    try:
        pdf = check_in_pdf(contents_of_check_in(found))
    except PdfError:
        return page(
            request, "assessments/check_in_pdf_failed.html", found.area, current="check-ins",
            check_in=found, status=503,
        )  # fmt: skip
    state = "" if found.is_closed else "draft"
    return pdf_file(pdf, found.area.name, "check-in", found.on.isoformat(), state)


@require_safe
def check_in_calendar(request: SignedInRequest, check_in: int) -> HttpResponse:
    """Opened again after the day was moved, it moves the entry in the calendar."""
    found = get_check_in(request, check_in)
    response = HttpResponse(
        calendar_of(found, request), content_type="text/calendar; charset=utf-8"
    )
    name = slugify(f"{found.area.name} check-in {found.on.isoformat()}")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


def calendar_of(check_in: CheckIn, request: HttpRequest) -> bytes:
    """One entry for the whole day, with the address of the record and nothing of what it says."""
    event = Event()
    event.add("uid", f"check-in-{check_in.pk}@{request.get_host()}")
    event.add("dtstamp", check_in.saved_at)
    event.add("sequence", check_in.version)
    event.add("dtstart", check_in.on)
    event.add("dtend", check_in.on + timedelta(days=1))
    kind = check_in.get_kind_display()
    event.add("summary", f"{check_in.area.name}: SEND check-in ({kind})")
    event.add("url", request.build_absolute_uri(check_in.get_absolute_url()))
    event.add("status", "CANCELLED" if check_in.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", "-//SEND improvement portal//check-ins//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if check_in.is_cancelled else "PUBLISH")
    calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text
