"""One area beside its statistical neighbours, its region and England, for DfE programme staff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from areas.models import Area
from areas.requests import SignedInRequest
from assessments.forms.programme_area import BesideForm
from assessments.reports import beside as compared
from assessments.reports.bars import hundred
from assessments.reports.beside import COLUMNS, Beside, Group
from assessments.views.programme import programme_page, versions_of_framework
from assessments.views.programme_area import get_programme_area
from send_portal.exports import csv_file, json_file


@require_safe
def beside(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area, form, found = _asked(request, dfe_code)
    shown: dict[str, Any] = {} if found is None else {"found": found, "ingredients": _drawn(found)}
    return programme_page(
        request, "assessments/beside.html", form, current="programme",
        area=area, files=f"?{request.GET.urlencode()}" if request.GET else "", **shown,
    )  # fmt: skip


@require_safe
def beside_csv(request: SignedInRequest, dfe_code: str) -> HttpResponseBase:
    """One row for each ingredient and group."""
    area, form, found = _asked(request, dfe_code)
    if found is None:
        return beside(request, dfe_code)
    return csv_file(_file_name(area, form, "csv"), list(COLUMNS), compared.rows(found))


@require_safe
def beside_json(request: SignedInRequest, dfe_code: str) -> HttpResponseBase:
    area, form, found = _asked(request, dfe_code)
    if found is None:
        return beside(request, dfe_code)
    about = {"as_at": form.day.isoformat(), "framework": found.framework.slug}
    return json_file(_file_name(area, form, "json"), about, "counts", compared.objects(found))


def _asked(request: SignedInRequest, dfe_code: str) -> tuple[Area, BesideForm, Beside | None]:
    area = get_programme_area(request, dfe_code)
    form = BesideForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return area, form, None
    everyone = Area.objects.visible_to(request.user)
    return area, form, compared.beside(area, everyone, form.framework, form.day)


def _drawn(found: Beside) -> list[dict[str, Any]]:
    """Each ingredient with the area's own level and a bar of every group."""
    return [
        {"title": row.short_title, "level": level, "bars": _bars(found.groups, place, level)}
        for place, (row, level) in enumerate(
            zip(found.framework.all_ingredients, found.levels, strict=True)
        )
    ]


def _bars(groups: list[Group], place: int, level: int | None) -> list[dict[str, Any]]:
    """Of the groups that have any other area at all."""
    bars = []
    for group in (group for group in groups if group.size):
        counts = replace(group.counts[place], title=group.title)
        same = counts.levels[level] if level else 0
        bars.append({"group": group, "counts": counts, "bar": hundred(counts, level), "same": same})
    return bars


def _file_name(area: Area, form: BesideForm, suffix: str) -> str:
    return f"beside-{area.dfe_code}-{form.day:%Y-%m-%d}.{suffix}"
