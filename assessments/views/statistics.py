"""The grid as a statistical data set, for DfE programme staff."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from areas.requests import SignedInRequest
from assessments.forms.programme import ProgrammeForm
from assessments.reports.exports.statistics import make_statistics
from assessments.views.programme import asked_of_grid, programme

NARROWING = ("q", "region", "band", "ingredient", "level", "similar", "mark")


@require_safe
def statistics(request: SignedInRequest) -> HttpResponse:
    """In the layout of explore education statistics. Made-up areas are never in it."""
    asked = asked_of_grid(request)
    form = asked.form
    if form.errors or form.framework is None:
        return programme(request)
    if form.shows_demonstration:
        raise Http404("Made-up areas are never in a statistic.")
    made = make_statistics(
        asked.shown, form.framework, form.day,
        selection=selection(form), in_region=bool(form.cleaned_data["region"]),
    )  # fmt: skip
    response = HttpResponse(made, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="send-readiness.zip"'
    return response


def selection(form: ProgrammeForm) -> str:
    """Which areas the grid shows, in one line: every filter that is used, as its label has it."""
    said = [
        f"{form.fields[name].label}: {_said(form, name)}"
        for name in NARROWING
        if form.cleaned_data[name]
    ]
    return "; ".join(said) or "All areas"


def _said(form: ProgrammeForm, name: str) -> str:
    value, field = form.cleaned_data[name], form.fields[name]
    known: dict[Any, Any] = dict(getattr(field, "choices", {}))
    values = value if isinstance(value, list) else [value]
    # A line break in what was typed would break the line.
    return ", ".join(" ".join(str(known.get(one, one)).split()) for one in values)
