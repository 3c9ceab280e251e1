"""One statement in the meeting: what each partner scored, what is agreed, who dissents."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from areas.permissions import Permission
from areas.requests import SignedInRequest
from assessments.actions import moderation as actions
from assessments.actions.errors import ConflictError
from assessments.agreement import Agreement
from assessments.forms.moderation import AgreedForm, DissentForm
from assessments.models import AgreedScore, Assessment, Comment, Dissent
from assessments.reports.build import Builder
from assessments.reports.facts import read_agreed, read_links
from assessments.reports.last_time import last_time
from assessments.views.autosave import autosaved, is_autosave
from assessments.views.conflict import conflict_page
from assessments.views.meeting import carried, meeting_context
from assessments.views.moderation import Meeting, get_revealed, may_moderate, require_open
from assessments.views.next_steps import own
from assessments.views.shared import get_statement, page, require, says_not_now
from ingredients.models import Statement
from send_portal.forms import Who

FORM_METHODS = ["GET", "HEAD", "POST"]
SHOWN = ("answer", "rationale", "outside_reason", "version")
ROOMS = {"moderate": "assessments/moderate.html", "meeting": "assessments/meeting.html"}
OPEN_FOR_DISSENT = {Assessment.Stage.MODERATION, Assessment.Stage.SIGN_OFF}


@require_http_methods(FORM_METHODS)
@says_not_now
def moderate(
    request: SignedInRequest, pk: int, statement: str, room: str = "moderate"
) -> HttpResponse:
    """One statement: everyone's level and reason, then what the meeting agrees.

    `room` is the name of the page: `moderate`, or `meeting` for a projector.
    """
    assessment = get_revealed(request, pk)
    subject = get_statement(assessment, statement)
    if request.method != "POST" or request.POST.get("then") == "merge":
        return _moderate_page(request, assessment, subject, room)
    require_open(request, assessment)
    built = Meeting(assessment, levels_only=True)
    form = _agreed_form(request, built, subject, request.POST)
    if is_autosave(request):
        return autosaved(request, form, lambda: _save(request, assessment, built, form))
    if not form.is_valid():
        return _moderate_page(request, assessment, subject, room, refused=form)
    try:
        _save(request, assessment, built, form)
    except ConflictError as error:
        return _conflict(request, assessment, subject, form, error)
    messages.success(request, f"‘{subject.title}’ is saved.")
    return redirect(_after(built, assessment, subject, room) + carried(request))


def _save(
    request: SignedInRequest, assessment: Assessment, built: Builder, form: AgreedForm
) -> AgreedScore:
    return actions.save_agreed(
        assessment=assessment,
        statement=form.statement,
        agreement=built.picture.statements[form.statement.slug].agreement,
        by=request.user,
        **form.cleaned_data,
    )


def _agreed_form(
    request: SignedInRequest,
    built: Builder,
    subject: Statement,
    data: QueryDict | None = None,
    saved: dict[str, Any] | None = None,
) -> AgreedForm:
    agreement = built.picture.statements[subject.slug].agreement
    initial: dict[str, Any] = {"version": 0, "answer": str(agreement.prefill or "")}
    if saved:
        initial = {field: saved[field] for field in SHOWN}
    if request.POST.get("then") == "merge":
        initial = request.POST.dict()
    return AgreedForm(
        data,
        statement=subject,
        framework=built.framework,
        agreement=agreement,
        who=_who(built, agreement),
        initial=initial,
    )


def _who(built: Builder, agreement: Agreement) -> dict[int, list[Who]]:
    found: dict[int, list[Who]] = {}
    for id_, level in agreement.levels.items():
        partner = built.partners[id_]
        alone = id_ in agreement.out_on_its_own
        found.setdefault(level, []).append(
            Who(partner.code, partner.short_name, partner.is_family, alone)
        )
    return found


@require_http_methods(FORM_METHODS)
def meeting(request: SignedInRequest, pk: int, statement: str) -> HttpResponse:
    """The same for a projector: large, without what a meeting does not need, with a clock."""
    return moderate(request, pk, statement, "meeting")


def _after(built: Builder, assessment: Assessment, subject: Statement, room: str) -> str:
    """The next undecided statement of the agenda, else the agenda."""
    agenda = built.picture.agenda
    place = agenda.index(subject.slug)
    for slug in [*agenda[place + 1 :], *agenda[:place]]:
        if slug not in built.facts["agreed"]:
            return reverse(f"assessments:{room}", args=[assessment.pk, slug])
    return reverse("assessments:moderation", args=[assessment.pk])


def _moderate_page(
    request: SignedInRequest,
    assessment: Assessment,
    subject: Statement,
    room: str = "moderate",
    *,
    refused: AgreedForm | None = None,
    refused_dissent: DissentForm | None = None,
) -> HttpResponse:
    """The page with everything on it, and the form that was refused, if one was."""
    agreed, links = read_agreed(assessment), read_links(assessment, subject)
    built = Meeting(assessment, about=subject, agreed=agreed, links=links)
    found, report = built.picture.statements[subject.slug], built.statement(subject)
    saved = next((row for row in agreed if row["statement_id"] == subject.pk), None)
    form = refused
    if form is None and may_moderate(request, assessment):
        form = _agreed_form(request, built, subject, saved=saved)
    place = built.picture.agenda.index(subject.slug)
    return page(
        request,
        ROOMS[room],
        assessment.area,
        form=form,
        status=400 if refused_dissent else 200,
        has_errors=refused_dissent is not None,
        assessment=assessment,
        statement=subject,
        report=report,
        last_time=last_time(assessment, subject),
        strip=built.strip(subject, found, built.asked(subject), big=True),
        saved=saved,
        unsaved=request.method == "POST" and refused_dissent is None,
        speak_first=[built.partners[id_].short_name for id_ in found.agreement.out_on_its_own],
        place=place + 1,
        total=len(built.picture.agenda),
        decided=len(built.facts["agreed"]),
        previous=_neighbour(request, built, assessment, place - 1, room),
        next=_neighbour(request, built, assessment, place + 1, room),
        **meeting_context(request, report.answers, found.agreement),
        may_link=form is not None,
        # What the meeting itself laid beside the statement, and may take away again.
        comments=Comment.objects.of(assessment, None, subject),
        meeting_links=[row for row in links if row["partner_return_id"] is None],
        **_dissent_context(request, built, assessment, subject, refused_dissent),
    )


def _dissent_context(
    request: SignedInRequest,
    built: Meeting,
    assessment: Assessment,
    subject: Statement,
    refused: DissentForm | None,
) -> dict[str, Any]:
    """The form to record dissent, and the person's own dissent that may be withdrawn."""
    mine = own(request.user, built.returns, Permission.DISSENT)
    if not mine or assessment.stage not in OPEN_FOR_DISSENT:
        return {"dissent_form": None, "my_dissent": []}
    ids = {str(row.pk) for row in mine}
    recorded = built.dissent.get(subject.slug, ())
    return {
        "dissent_form": refused or DissentForm(returns=mine),
        "my_dissent": [
            line for line in recorded if not line.is_withdrawn and line.partner.id in ids
        ],
    }


def _neighbour(
    request: SignedInRequest, built: Builder, assessment: Assessment, place: int, room: str
) -> dict[str, str] | None:
    agenda = built.picture.agenda
    if not 0 <= place < len(agenda):
        return None
    row = built.framework.statement_by_slug[agenda[place]]
    return {
        "url": reverse(f"assessments:{room}", args=[assessment.pk, row.slug]) + carried(request),
        "label": f"{row.code} {row.title}",
    }


def _conflict(
    request: SignedInRequest,
    assessment: Assessment,
    subject: Statement,
    form: AgreedForm,
    error: ConflictError,
) -> HttpResponse:
    return conflict_page(
        request,
        area=assessment.area,
        assessment=assessment,
        form=form,
        current=error.current,
        title=f"{subject.code} {subject.title}",
        fields={"rationale": "Why did you agree this?", "outside_reason": "Why outside the range?"},
        url=reverse("assessments:moderate", args=[assessment.pk, subject.slug]),
    )


@require_POST
@says_not_now
def record_dissent(request: SignedInRequest, pk: int, statement: str) -> HttpResponse:
    assessment = get_revealed(request, pk)
    require(request, Permission.DISSENT, assessment.area)
    subject = get_statement(assessment, statement)
    mine = own(request.user, list(assessment.returns.all()), Permission.DISSENT)
    form = DissentForm(request.POST, returns=mine)
    if not form.is_valid():
        return _moderate_page(request, assessment, subject, refused_dissent=form)
    row = form.partner_return
    row.assessment = assessment
    actions.record_dissent(
        partner_return=row, statement=subject, text=form.cleaned_data["text"], by=request.user
    )
    messages.success(request, f"The dissent of {row.name} is on record.")
    return redirect("assessments:moderate", pk, statement)


@require_POST
@says_not_now
def withdraw_dissent(request: SignedInRequest, pk: int, dissent: int) -> HttpResponse:
    """Only the partner that recorded it withdraws it."""
    assessment = get_revealed(request, pk)
    row = get_object_or_404(
        Dissent.objects.select_related("assessment__area", "statement", "partner_return").filter(
            assessment=assessment,
            partner_return__partner__in=request.user.partner_ids(Permission.DISSENT),
        ),
        pk=dissent,
    )
    actions.withdraw_dissent(dissent=row, by=request.user)
    messages.success(request, "The dissent is withdrawn. The record shows both.")
    return redirect("assessments:moderate", pk, row.statement.slug)
