"""One area, for DfE programme staff: what it submitted, and their own notes on it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from areas.models import Area, AuditEvent, ProgrammeNote
from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.actions.looks import note_look
from assessments.models import CheckIn
from assessments.models.check_ins import WITH_PROGRAMME, Kind
from assessments.reports.cells import ICONS, icon, report_row
from assessments.reports.comparison import Line
from assessments.reports.programme_area import by_body, newest_line, plan_in, reports_of
from assessments.reports.words import inside
from assessments.views.programme import programme_page, require_programme

NOTES_SHOWN, LOG_SHOWN, CHECK_INS_SHOWN = 10, 20, 12
LONGEST_NUMBER = 18
BELOW = '{}<br><a class="govuk-link" href="{}">PDF<span class="govuk-visually-hidden"> of {}</span></a>{}'


@require_safe
def programme_area(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """What an area has submitted. Opening it is a look at its newest report, as it tells what that
    report plans; the area reads who looked."""
    area = get_programme_area(request, dfe_code)
    reports = reports_of(area)
    line = newest_line(reports)
    return programme_page(
        request, "assessments/programme_area.html", None, current="programme",
        area=area, line=line, icons={name: icon(name) for name in ICONS},
        reports=[(group.framework, [_drawn(row) for row in group.lines]) for group in reports],
        **_planned(request, area, line), **_check_ins(request, area), **_notes(request, area),
    )  # fmt: skip


def get_programme_area(request: SignedInRequest, dfe_code: str) -> Area:
    area = get_area(request, dfe_code)
    require_programme(request)
    return area


def _drawn(line: Line) -> SafeString:
    picture: Any = line.picture
    name, replaced = picture.assessment.name, picture.replaced_on
    said = f" Replaced by a correction on {replaced:%-d %B %Y}." if replaced else ""
    address = reverse("assessments:report-pdf", args=[picture.pk])
    about = picture.assessment.get_purpose_display()
    return report_row(line, name, format_html(BELOW, about, address, name, said))


def _planned(request: SignedInRequest, area: Area, line: Line | None) -> dict[str, Any]:
    """What the newest report says of actions and support. That is read out of the report, so it
    is noted that this person looked."""
    if line is None or line.picture is None:
        return {}
    if not request.user.can(Permission.AREA_SEE, area):
        note_look(assessment=line.picture.assessment, by=request.user, shows_partners=False)
    plan = plan_in(line.picture)
    return {
        "plan": plan,
        "bodies": list(by_body(plan)),
        "late": sum(a.is_late for a in plan.actions),
    }


def _check_ins(request: SignedInRequest, area: Area) -> dict[str, Any]:
    """Those whose record the area has agreed; of the next one that DfE takes part in, no more
    than its kind and day."""
    rows = CheckIn.objects.filter(area=area, kind__in=WITH_PROGRAMME)
    agreed = rows.visible_to(request.user).filter(
        area_agreed_at__isnull=False, cancelled_at__isnull=True
    )
    found = list(agreed.defer("facts")[: CHECK_INS_SHOWN + 1])
    planned = CheckIn.objects.next_of(area.pk, timezone.localdate())
    planned = planned.filter(kind__in=WITH_PROGRAMME, area_agreed_at__isnull=True)
    coming = planned.values_list("on", "kind").first()
    return {
        "check_ins": found[:CHECK_INS_SHOWN],
        "has_older_check_ins": len(found) > CHECK_INS_SHOWN,
        "coming": coming and {"on": coming[0], "kind": inside(str(Kind(coming[1]).label))},
    }


def _notes(request: SignedInRequest, area: Area) -> dict[str, Any]:
    """Ten notes, the newest first, from the one on that the address names."""
    found = ProgrammeNote.objects.visible_to(request.user).filter(area=area)
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) <= LONGEST_NUMBER else 0
    shown = list(
        (found.filter(pk__lt=before) if before else found).with_versions()[: NOTES_SHOWN + 1]
    )
    older = f"?before={shown[NOTES_SHOWN - 1].pk}#notes" if len(shown) > NOTES_SHOWN else ""
    return {
        "notes": [(note, note.written_by_id == request.user.pk) for note in shown[:NOTES_SHOWN]],
        "newest": {"url": f"{request.path}#notes"} if before else None,
        "older": {"url": older} if older else None,
        "log": AuditEvent.objects.told_to_programme(request.user).filter(area_id=area.pk)[
            :LOG_SHOWN
        ],
    }
