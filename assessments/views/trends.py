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
from assessments.reports.versions import Earlier, earlier_versions
from assessments.views.programme import programme_page, require_programme, versions_of_framework

TEMPLATE = "assessments/trends.html"


@require_safe
def trends(request: SignedInRequest) -> HttpResponse:
    require_programme(request)
    form = DistributionsForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return programme_page(request, TEMPLATE, form, current="trends")
    asked = told.terms(form.day)
    earlier = earlier_versions(form.framework)
    whole = [row for row in earlier if row.comparable and row.comparable.is_whole]
    slug = form.ingredient_asked.slug
    same = [row for row in earlier if row.ingredient(slug)]
    by_band = _histories(request, form, whole, asked)
    by_level = by_band if same == whole else _histories(request, form, same, asked)
    return programme_page(
        request, TEMPLATE, form, current="trends", terms=asked,
        versions=[(row, row in whole, row in same) for row in earlier],
        **_told(form, by_band, by_level, same, asked),
    )  # fmt: skip


def _histories(
    request: SignedInRequest,
    form: DistributionsForm,
    earlier: list[Earlier],
    asked: list[told.Term],
) -> list[told.History]:
    """Of the areas that fit, in the version that is asked for and in these before it."""
    assert form.framework is not None  # noqa: S101 -- asked only where there is one
    areas = Area.objects.visible_to(request.user)
    versions = [form.framework, *(row.framework for row in earlier)]
    found = form.of_a_kind(told.histories(areas, versions, asked))
    return [row for row in found if form.cleaned_data["region"] in {"", row.area.region}]


def _told(
    form: DistributionsForm,
    found: list[told.History],
    by_level: list[told.History],
    same: list[Earlier],
    asked: list[told.Term],
) -> dict[str, Any]:
    framework, ingredient = form.framework, form.ingredient_asked
    if framework is None or not any(any(row.pictures) for row in (*found, *by_level)):
        return {}
    bands, levels = told.bands_of(found), told.levels_of(by_level, ingredient, same)
    labels = [framework.bands[band]["label"] for band in told.BANDS]
    return {
        "ingredient": ingredient,
        "band_labels": dict(enumerate(labels, start=1)),
        "bands": _drawn(told.bands_by_term(found, bands, asked)),
        "levels": _drawn(told.levels_by_term(by_level, levels, asked)),
        "flows": told.flows(found, bands, framework),
        "level_heads": [f"Level {level}" for level in framework.levels],
    }


def _drawn(rows: list[Counts]) -> list[tuple[Counts, str]]:
    return [(row, hundred(row)) for row in rows]
