"""How the levels of an area changed over its submitted reports and its check-ins."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.models import CheckIn
from assessments.reports.check_in import closed_check_in
from assessments.reports.check_in_trend import check_in_trend
from assessments.reports.trend import trend_of
from assessments.reports.versions import maps_by_fingerprint
from assessments.views.home import pictures_for
from assessments.views.shared import page, visible_assessments


@require_safe
def trend(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    rows = list(visible_assessments(request).current().filter(area=area).order_by("submitted_at"))
    maps = maps_by_fingerprint(rows[-1].content) if rows else {}
    held = CheckIn.objects.visible_to(request.user).closed().filter(area=area)
    check_ins = held.order_by("on", "pk").values_list("pk", "closed_at")
    return page(
        request,
        "assessments/trend.html",
        area,
        trend=trend_of(pictures_for(request.user, rows), maps),
        check_ins=check_in_trend([closed_check_in(*row) for row in check_ins]),
    )
