"""A summary for families that an area shows to everyone. Nobody signs in to read it.

Whatever is not public answers the same: no such page. So nobody learns from here whether an area
has a report.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from assessments.models import PublishedSummary
from assessments.reports.families import family_summary, family_summary_pdf
from assessments.views.summaries import pdf_file
from send_portal.pdf import PdfError

# Long enough to carry a link in a newsletter, short enough that what is withdrawn is soon gone;
# the page that withdraws it says how long.
KEPT_FOR = 5 * 60  # seconds


def get_public(place: str) -> PublishedSummary:
    shown = PublishedSummary.objects.public().select_related(
        "assessment__area", "assessment__framework"
    )
    return get_object_or_404(shown, place=place)


def _robots(shown: PublishedSummary) -> str:
    """Families look for it, so search engines may list it, but keep no copy that outlives it. What
    is made up must not be found among what is real."""
    return "noindex" if shown.assessment.area.is_demonstration else "noarchive"


@login_not_required
@require_safe
def public_summary(request: HttpRequest, place: str) -> HttpResponse:
    shown = get_public(place)
    context = {
        "area": shown.assessment.area,
        "summary": family_summary(shown.assessment),
        "contact": shown.contact,
        "place": shown.place,
        "robots": _robots(shown),
    }
    return _kept_for_a_while(render(request, "assessments/public_summary.html", context))


@login_not_required
@require_safe
def public_summary_file(request: HttpRequest, place: str) -> HttpResponse:
    shown = get_public(place)
    try:
        pdf = family_summary_pdf(family_summary(shown.assessment), contact=shown.contact)
    except PdfError:
        return render(request, "assessments/summary_failed.html", {"place": place}, status=503)
    response = pdf_file(pdf, shown.assessment.area.name, "summary for families")
    response["X-Robots-Tag"] = _robots(shown)
    return _kept_for_a_while(response)


def _kept_for_a_while(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, public=True, max_age=KEPT_FOR)
    return response
