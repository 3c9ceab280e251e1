"""What support areas ask for, for DfE programme staff: as counts, and request by request."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from areas.models import Area
from areas.requests import SignedInRequest
from assessments.forms.support_demand import SupportDemandForm
from assessments.models import SupportRequest
from assessments.reports import support_demand as told
from assessments.reports.bars import hundred
from assessments.reports.request_rows import HEADS, request_rows
from assessments.reports.support_demand import Asking, Demand
from assessments.reports.trends import BANDS
from assessments.views.programme import (
    programme_page,
    query_of,
    require_programme,
    versions_of_framework,
)
from send_portal.exports import csv_file

TEMPLATE = "assessments/support_demand.html"


@require_safe
def support_demand(request: SignedInRequest) -> HttpResponse:
    form, found = _asked(request)
    context = {} if form.errors else _told(form, found)
    return programme_page(
        request, TEMPLATE, form, current="support-demand", files=query_of(request, form), **context
    )


@require_safe
def support_demand_csv(request: SignedInRequest) -> HttpResponseBase:
    """One row for each request, of those that fit the filter."""
    form, found = _asked(request)
    if form.errors or form.framework is None:
        return support_demand(request)
    rows = told.file_rows(found, form.day)
    return csv_file(f"support-{form.day:%Y-%m-%d}.csv", list(told.COLUMNS), rows)


def _asked(request: SignedInRequest) -> tuple[SupportDemandForm, list[Asking]]:
    """The areas that fit, each with its requests that fit."""
    require_programme(request)
    form = SupportDemandForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return form, []
    areas = Area.objects.visible_to(request.user)
    requests = SupportRequest.objects.visible_to(request.user)
    found = told.asking(areas, requests, form.framework, form.day)
    return form, form.narrow(form.of_a_kind(found))


def _told(form: SupportDemandForm, found: list[Asking]) -> dict[str, Any]:
    framework = form.framework
    if framework is None:
        return {}
    packages = told.by_package(found)
    asking = [row for row in found if row.requests]
    labels = {slug: band["label"] for slug, band in framework.bands.items()}
    blocks = [
        ("Packages", packages),
        ("Ingredients that the packages help", told.by_ingredient(found, framework)),
        ("Regions", [] if form.cleaned_data["region"] else told.by_region(found)),
    ]
    return {
        "areas": len(found),
        "asking": len(asking),
        "rows": request_rows(asking),
        "heads": HEADS,
        "bands": {place: labels[band] for band, place in BANDS.items()},
        "number": sum(len(row.requests) for row in asking),
        "blocks": [(title, _drawn(rows)) for title, rows in blocks if asking and rows],
        "labels": labels,
        "unasked": [] if form.is_used else told.not_asked_for(packages),
    }


def _drawn(rows: list[Demand]) -> list[tuple[Demand, str]]:
    return [(row, hundred(row)) for row in rows]
