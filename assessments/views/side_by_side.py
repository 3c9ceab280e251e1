"""Two to four areas side by side, for DfE programme staff."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from areas.models import Area
from areas.requests import SignedInRequest
from assessments.forms.side_by_side import PLACES, SideBySideForm
from assessments.reports.comparison import compare
from assessments.reports.side_by_side import blocks_of
from assessments.views.programme import programme_page, require_programme, versions_of_framework

TEMPLATE = "assessments/side_by_side.html"


@require_safe
def side_by_side(request: SignedInRequest) -> HttpResponse:
    require_programme(request)
    form = SideBySideForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return programme_page(request, TEMPLATE, form, current="side-by-side")
    lines = form.of_a_kind(compare(Area.objects.visible_to(request.user), form.framework, form.day))
    form.offer_areas(lines)
    chosen = form.chosen(lines)
    return programme_page(
        request, TEMPLATE, form, current="side-by-side",
        boxes=[form[name] for name in PLACES], lines=chosen,
        blocks=blocks_of(chosen, form.framework) if len(chosen) > 1 and not form.errors else [],
    )  # fmt: skip
