"""How the levels of an area changed over its submitted reports."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.reports.trend import trend_of
from assessments.reports.versions import maps_by_fingerprint
from assessments.views.home import picture_for
from assessments.views.shared import page, visible_assessments


@require_safe
def trend(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    rows = list(visible_assessments(request).current().filter(area=area).order_by("submitted_at"))
    maps = maps_by_fingerprint(rows[-1].content) if rows else {}
    found = trend_of([picture_for(request.user, row) for row in rows], maps)
    return page(request, "assessments/trend.html", area, trend=found)
