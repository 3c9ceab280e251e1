"""How areas' bands and levels stood at the end of each term, for DfE programme staff."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from areas.models import Area
from areas.requests import SignedInRequest
from assessments.forms.distributions import DistributionsForm
from assessments.reports import trends as told
from assessments.reports.bars import hundred
from assessments.reports.distributions import Counts
from assessments.views.programme import programme_page, require_programme, versions_of_framework

TEMPLATE = "assessments/trends.html"


@require_safe
def trends(request: SignedInRequest) -> HttpResponse:
    require_programme(request)
    form = DistributionsForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return programme_page(request, TEMPLATE, form, current="trends")
    asked, areas = told.terms(form.day), Area.objects.visible_to(request.user)
    found = form.of_a_kind(told.histories(areas, form.framework, asked))
    region = form.cleaned_data["region"]
    kept = [row for row in found if region in {"", row.area.region}]
    return programme_page(
        request, TEMPLATE, form, current="trends", terms=asked, **_told(form, kept, asked)
    )


def _told(
    form: DistributionsForm, found: list[told.History], asked: list[told.Term]
) -> dict[str, Any]:
    framework, ingredient = form.framework, form.ingredient_asked
    if framework is None or not any(any(row.pictures) for row in found):
        return {}
    bands, levels = told.bands_of(found), told.levels_of(found, ingredient)
    labels = [framework.bands[band]["label"] for band in told.BANDS]
    return {
        "ingredient": ingredient,
        "band_labels": dict(enumerate(labels, start=1)),
        "bands": _drawn(told.bands_by_term(found, bands, asked)),
        "levels": _drawn(told.levels_by_term(found, levels, asked)),
        "flows": told.flows(found, bands, framework),
        "level_heads": [f"Level {level}" for level in framework.levels],
    }


def _drawn(rows: list[Counts]) -> list[tuple[Counts, str]]:
    return [(row, hundred(row)) for row in rows]
