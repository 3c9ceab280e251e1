"""Evidence beside a statement: while a partner scores, and in the meeting."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import evidence as actions
from assessments.actions.errors import NotNowError
from assessments.actions.evidence import Place
from assessments.forms.evidence import EvidenceForm, LibrarySearch, LinkEvidenceForm
from assessments.models import Evidence, EvidenceLink
from assessments.views.evidence import added, new_form
from assessments.views.moderation import get_in_moderation
from assessments.views.shared import (
    get_assessment,
    get_return,
    get_statement,
    page,
    require,
    says_not_now,
)

FORM_METHODS = ["GET", "HEAD", "POST"]
MOST_SHOWN = 8


@require_http_methods(FORM_METHODS)
@says_not_now
def add_evidence(request: SignedInRequest, pk: int, return_id: int, statement: str) -> HttpResponse:
    """A partner lays evidence beside a statement while it scores."""
    row = get_return(request, pk, return_id)
    subject = get_statement(row.assessment, statement)
    if subject not in row.assessment.statements_for(row.sector):
        raise Http404("This partner is not asked this statement.")
    if not row.is_open:
        raise NotNowError("Evidence on this statement cannot be changed now.")
    return _add(request, Place(row.assessment, subject, row))


@require_http_methods(FORM_METHODS)
@says_not_now
def add_meeting_evidence(request: SignedInRequest, pk: int, statement: str) -> HttpResponse:
    """The meeting lays evidence beside a statement."""
    assessment = get_in_moderation(request, pk)
    return _add(request, Place(assessment, get_statement(assessment, statement), None))


def _add(request: SignedInRequest, place: Place) -> HttpResponse:
    """Choose from the library, or add something new to it: two forms on one page."""
    library = Evidence.objects.filter(area=place.assessment.area).offered()
    library = library.exclude(pk__in=_laid(place).values("evidence"))
    search = LibrarySearch(request.GET)
    found = list(search.narrow(library).select_related("owner")[: MOST_SHOWN + 1])
    chooses, sent = "choose" in request.POST, posted(request)
    link_form = LinkEvidenceForm(
        sent if chooses and found else None, library=library, shown=found[:MOST_SHOWN]
    )
    form = new_form(request, place.assessment.area, is_sent=sent is not None and not chooses)
    item = _link_chosen(request, place, link_form) or _add_new(request, place, form)
    if item is not None:
        messages.success(request, f"‘{item.title}’ is linked to this statement.")
        return redirect(_statement_url(place))
    refused = bool(link_form.errors)
    return page(
        request, "assessments/add_evidence.html", place.assessment.area,
        form=form, link_form=link_form, search=search, found=found,
        has_more=len(found) > MOST_SHOWN, most_shown=MOST_SHOWN,
        assessment=place.assessment, statement=place.statement, back=_statement_url(place),
        has_errors=refused, status=400 if refused else 200,
    )  # fmt: skip


def _laid(place: Place) -> QuerySet[EvidenceLink]:
    """What this partner, or the meeting, laid beside the statement so far; no other partner's."""
    return EvidenceLink.objects.filter(
        assessment=place.assessment,
        statement=place.statement,
        partner_return=place.partner_return,
    )


def _link_chosen(request: SignedInRequest, place: Place, form: LinkEvidenceForm) -> Evidence | None:
    if not (form.is_bound and form.is_valid()):
        return None
    item: Evidence = form.cleaned_data["evidence"]
    actions.link_evidence(
        assessment=place.assessment,
        statement=place.statement,
        evidence=item,
        partner_return=place.partner_return,
        by=request.user,
    )
    return item


def _add_new(request: SignedInRequest, place: Place, form: EvidenceForm) -> Evidence | None:
    if not (form.is_bound and form.is_valid()):
        return None
    return added(form, by=request.user, beside=place)


def _statement_url(place: Place) -> str:
    slug = place.statement.slug
    if place.partner_return is None:
        return reverse("assessments:moderate", args=[place.assessment.pk, slug])
    return reverse("assessments:score", args=[place.assessment.pk, place.partner_return.pk, slug])


@require_POST
@says_not_now
def unlink_evidence(request: SignedInRequest, pk: int, link: int) -> HttpResponse:
    """Own partner's link while it scores, or the meeting's."""
    assessment = get_assessment(request, pk)
    found = get_object_or_404(
        EvidenceLink.objects.filter(assessment=assessment).select_related(
            "assessment__area", "statement", "evidence", "partner_return__assessment"
        ),
        pk=link,
    )
    if found.partner_return is None:
        require(request, Permission.MODERATE, assessment.area)
    elif found.partner_return.partner_id not in request.user.partner_ids(Permission.SCORE):
        raise Http404("Another partner linked it.")
    actions.unlink_evidence(link=found, by=request.user)
    messages.success(request, f"‘{found.evidence.title}’ is no longer linked to this statement.")
    if found.partner_return is None:
        return redirect("assessments:moderate", pk, found.statement.slug)
    return redirect("assessments:score", pk, found.partner_return.pk, found.statement.slug)
