"""The report as files to work on: Excel, CSV and JSON, for whoever may read the page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from areas.requests import SignedInRequest
from assessments.reports.exports import json
from assessments.reports.exports.csv import COLUMNS, report_rows
from assessments.reports.exports.excel import make_report_workbook
from assessments.views.home import picture_for
from assessments.views.reports import file_name, get_readable
from assessments.views.workbook import XLSX
from send_portal.exports import csv_file
from send_portal.mail import link


@require_safe
def report_xlsx(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_readable(request, pk)
    made = make_report_workbook(picture_for(request.user, assessment))
    return _file(made, XLSX, f"{file_name(assessment)}.xlsx")


@require_safe
def report_csv(request: SignedInRequest, pk: int) -> HttpResponseBase:
    assessment = get_readable(request, pk)
    rows = report_rows(picture_for(request.user, assessment))
    return csv_file(f"{file_name(assessment)}.csv", list(COLUMNS), rows)


@require_safe
def report_json(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_readable(request, pk)
    schema = link(reverse("assessments:report-schema"))
    made = json.report_json(picture_for(request.user, assessment), schema)
    return _file(made, "application/json", f"{file_name(assessment)}.json")


@login_not_required
@require_safe
def report_schema(request: HttpRequest) -> HttpResponse:
    """What report.json holds, as a JSON Schema that any program may read."""
    return HttpResponse(json.schema_json(), content_type="application/schema+json")


def _file(made: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(made, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
