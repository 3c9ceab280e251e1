from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from areas.models import Partner, User
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views import get_area
from assessments.actions import evidence as actions
from assessments.actions.errors import NotNowError
from assessments.forms.evidence import EvidenceForm, LinkEvidenceForm
from assessments.models import Assessment, Evidence, EvidenceLink, PartnerReturn
from assessments.views.moderation import get_in_moderation
from assessments.views.shared import (
    get_assessment,
    get_return,
    get_statement,
    page,
    require,
    says_not_now,
)
from ingredients.models import Statement

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
def evidence(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """The area's library. It does not say who linked what: that would tell before the reveal."""
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    today = timezone.localdate()
    items = Evidence.objects.filter(area=area).select_related("owner")
    return page(
        request,
        "assessments/evidence.html",
        area,
        current="evidence",
        items=[(item, item.is_in_date(today)) for item in items],
    )


def _owners(user: User, assessment: Assessment) -> list[Partner]:
    """Own partners; a lead who belongs to none chooses among all partners of the area."""
    partners = list(Partner.objects.filter(area=assessment.area).open_on(assessment.day))
    mine = user.partner_ids(Permission.EVIDENCE_CHANGE)
    return [partner for partner in partners if partner.pk in mine] or partners


@require_http_methods(FORM_METHODS)
@says_not_now
def add_evidence(request: SignedInRequest, pk: int, return_id: int, statement: str) -> HttpResponse:
    """A partner lays evidence beside a statement while it scores."""
    row = get_return(request, pk, return_id)
    subject = get_statement(row.assessment, statement)
    if subject not in row.assessment.statements_for(row.sector):
        raise Http404("This partner is not asked this statement.")
    if not row.assessment.is_scoring or row.is_submitted:
        raise NotNowError("Evidence on this statement cannot be changed now.")
    return _add(request, row.assessment, subject, row)


@require_http_methods(FORM_METHODS)
@says_not_now
def add_meeting_evidence(request: SignedInRequest, pk: int, statement: str) -> HttpResponse:
    """The meeting lays evidence beside a statement."""
    assessment = get_in_moderation(request, pk)
    return _add(request, assessment, get_statement(assessment, statement), None)


def _add(
    request: SignedInRequest, assessment: Assessment, subject: Statement, row: PartnerReturn | None
) -> HttpResponse:
    linked = EvidenceLink.objects.filter(
        assessment=assessment, statement=subject, partner_return=row
    )
    library = list(
        Evidence.objects.filter(area=assessment.area).exclude(pk__in=linked.values("evidence"))
    )
    owners = _owners(request.user, assessment)
    sent = posted(request)
    chooses = "choose" in request.POST
    link_form = LinkEvidenceForm(sent if chooses else None, library=library) if library else None
    form = EvidenceForm(None if chooses else sent, owners=owners)
    # Together, so that nothing new is left in the library when it cannot be linked any more.
    with transaction.atomic():
        item = _posted_evidence(request.user, form, link_form)
        if item is not None:
            actions.link_evidence(
                assessment=assessment,
                statement=subject,
                evidence=item,
                partner_return=row,
                by=request.user,
            )
    if item is not None:
        messages.success(request, f"‘{item.title}’ is linked to this statement.")
        if row is None:
            return redirect("assessments:moderate", assessment.pk, subject.slug)
        return redirect("assessments:score", assessment.pk, row.pk, subject.slug)
    refused = bool(link_form and link_form.errors)
    return page(
        request, "assessments/add_evidence.html", assessment.area, form=form, link_form=link_form,
        assessment=assessment, statement=subject, row=row, has_errors=refused, status=400 if refused else 200,
    )  # fmt: skip


def _posted_evidence(
    user: User, form: EvidenceForm, link_form: LinkEvidenceForm | None
) -> Evidence | None:
    if link_form is not None and link_form.is_bound:
        return link_form.cleaned_data["evidence"] if link_form.is_valid() else None
    if not (form.is_bound and form.is_valid()):
        return None
    data = {key: value for key, value in form.cleaned_data.items() if key != "owner"}
    return actions.add_evidence(owner=form.owner, by=user, **data)


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
