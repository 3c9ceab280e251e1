"""For DfE programme staff: areas side by side, and the same as files. Submitted work only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from areas.models import Area, StatisticalNeighbour
from areas.permissions import Permission
from areas.requests import SignedInRequest
from assessments.forms.programme import AsAtForm, ProgrammeForm
from assessments.reports.cells import ICONS, icon, row
from assessments.reports.comparison import Line, compare, grouped, ordered, orders
from assessments.reports.exports.programme import (
    COLUMNS,
    area_objects,
    area_rows,
    make_programme_workbook,
)
from assessments.reports.queue import with_check_ins
from assessments.views.workbook import XLSX
from ingredients.models import Framework, framework_with_content
from send_portal.exports import csv_file, json_file
from send_portal.forms import DATE_PARTS, PortalForm

PAGES = (
    ("programme", "Areas", "assessments:programme"),
    ("check-ins", "Check-ins", "assessments:check-in-queue"),
    ("distributions", "Distributions", "assessments:distributions"),
    ("sector-gaps", "Sector gaps", "assessments:sector-gaps"),
    ("support-demand", "Support", "assessments:support-demand"),
    ("trends", "Trends", "assessments:trends"),
    ("side-by-side", "Side by side", "assessments:side-by-side"),
)
# Heads of the columns that are no ingredient, with the order that each of them stands for.
HEADS = {
    "name": "Area", "band": "Band", "confidence": "Confidence", "change": "Since last time",
    "submitted": "Submitted", "last-check-in": "Last check-in", "next-check-in": "Next check-in",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the grid is asked for. `shown` are the areas that fit, in order; `lines` all."""

    form: ProgrammeForm
    lines: list[Line]
    shown: list[Line]
    similar: Area | None = None


@require_safe
def programme(request: SignedInRequest) -> HttpResponse:
    asked = asked_of_grid(request)
    form = asked.form
    if form.errors or form.framework is None:
        return programme_page(request, "assessments/programme.html", form, current="programme")
    return programme_page(
        request, "assessments/programme.html", form, current="programme",
        asked=asked, rows=_rows(asked), icons={name: icon(name) for name in ICONS},
        submitted=sum(line.picture is not None for line in asked.lines),
        heads=_heads(request, form), order=orders(form.framework)[form.order],
        files=query_of(request, form, sort=form.cleaned_data["sort"]),
    )  # fmt: skip


@require_safe
def programme_xlsx(request: SignedInRequest) -> HttpResponseBase:
    asked = asked_of_grid(request)
    if asked.form.errors or asked.form.framework is None:
        return programme(request)
    made = make_programme_workbook(asked.shown, asked.form.framework, asked.form.day)
    response = HttpResponse(made, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(asked, "xlsx")}"'
    return response


@require_safe
def programme_csv(request: SignedInRequest) -> HttpResponseBase:
    """One row for each area and ingredient, of the areas that fit the filter."""
    asked = asked_of_grid(request)
    if asked.form.errors or asked.form.framework is None:
        return programme(request)
    rows = area_rows(asked.shown, asked.form.day)
    return csv_file(_file_name(asked, "csv"), list(COLUMNS), rows)


@require_safe
def programme_json(request: SignedInRequest) -> HttpResponseBase:
    asked = asked_of_grid(request)
    framework = asked.form.framework
    if asked.form.errors or framework is None:
        return programme(request)
    about = {
        "as_at": asked.form.day.isoformat(),
        "framework": framework.slug,
        "framework_version": framework.version,
        "filter": {name: request.GET.getlist(name) for name in request.GET},
    }
    return json_file(
        _file_name(asked, "json"), about, "areas", area_objects(asked.shown, asked.form.day)
    )


def require_programme(request: SignedInRequest) -> None:
    if not request.user.can_everywhere(Permission.PROGRAMME_SEE):
        raise PermissionDenied("These pages are for DfE programme staff.")


def versions_of_framework() -> list[Framework]:
    """Every version that may have submitted work, the newest first, with its content at hand."""
    found = Framework.objects.exclude(status=Framework.Status.DRAFT).order_by("-version")
    return [framework_with_content(pk) for pk in found.values_list("pk", flat=True)]


def programme_page(
    request: SignedInRequest,
    template: str,
    form: PortalForm | None,
    *,
    current: str,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page for programme staff: its navigation, and 400 when what was asked for was refused."""
    context |= {"form": form, "programme_nav": programme_nav(current)}
    refused = form is not None and form.errors
    return render(request, template, context, status=400 if refused else status)


def programme_nav(current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(name), "current": key == current}
        for key, label, name in PAGES
    ]


def asked_of_grid(request: SignedInRequest) -> Asked:
    """What of the grid the address asks for, whatever form it is to have."""
    require_programme(request)
    form = ProgrammeForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return Asked(form, [], [])
    areas = with_check_ins(Area.objects.visible_to(request.user), form.day)
    lines = form.of_a_kind(compare(areas, form.framework, form.day))
    similar = form.area_named(lines)
    shown = form.narrow(lines, _neighbours(similar)) if not form.errors else []
    return Asked(form, lines, ordered(shown, form.order), similar)


def _neighbours(area: Area | None) -> set[int] | None:
    """The area itself and those like it."""
    if area is None:
        return None
    found = StatisticalNeighbour.objects.filter(area=area)
    return {area.pk, *found.values_list("neighbour", flat=True)}


def _rows(asked: Asked) -> list[tuple[str, list[SafeString]]]:
    """The areas under their headings, each drawn."""
    return [
        (group.title, [row(line, asked.form.day) for line in group.lines])
        for group in grouped(asked.shown, asked.form.order)
    ]


def query_of(request: SignedInRequest, form: AsAtForm, **change: str) -> str:
    """The filters of this address, less what is blank or no filter, with this change."""
    names = {*form.fields, *(f"as_at_{part}" for part in DATE_PARTS)} - {*change}
    asked = QueryDict(mutable=True)
    for name in request.GET:
        values = [value for value in request.GET.getlist(name) if value]
        if values and name in names:
            asked.setlist(name, values)
    asked.update({name: value for name, value in change.items() if value})
    return f"?{asked.urlencode()}" if asked else ""


def _heads(request: SignedInRequest, form: ProgrammeForm) -> dict[str, Any]:
    """Each column's name, and the address that orders by it."""
    rated = form.framework.all_ingredients if form.framework else []
    names = HEADS | {row.slug: row.short_title for row in rated}
    known = {
        key: {
            "name": name,
            "url": query_of(request, form, sort=key) or "?",
            "is_order": key == form.order,
        }
        for key, name in names.items()
    }
    # A template cannot name what has a hyphen in it.
    plain = {key.replace("-", "_"): head for key, head in known.items()}
    return plain | {"ingredients": [known[row.slug] for row in rated]}


def _file_name(asked: Asked, suffix: str) -> str:
    return f"areas-{asked.form.day:%Y-%m-%d}.{suffix}"
