from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from areas.requests import SignedInRequest, posted
from assessments.actions import evidence
from assessments.actions import scoring as actions
from assessments.actions.errors import ConflictError
from assessments.forms.scoring import ScoreForm, SubmitForm
from assessments.models import Comment, EvidenceLink, PartnerReturn, Score
from assessments.reports.last_time import last_time
from assessments.views.autosave import autosaved, is_autosave
from assessments.views.conflict import conflict_page
from assessments.views.shared import get_return, get_statement, page, says_not_now
from ingredients.models import Statement

FORM_METHODS = ["GET", "HEAD", "POST"]
REMOVE = "remove-"


@require_http_methods(FORM_METHODS)
@says_not_now
def partner_return(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    """Check all scores on one page, and submit them. `?continue` goes where the person stopped."""
    row = get_return(request, pk, return_id)
    lines, left = _lines(row)
    if "continue" in request.GET and left and request.method != "POST":
        return redirect("assessments:score", pk, return_id, left[0].slug)
    form = SubmitForm(posted(request))
    if request.method == "POST" and form.is_valid():
        revealed = actions.submit_return(partner_return=row, by=request.user)
        if not revealed:
            return redirect("assessments:submitted", pk, return_id)
        messages.success(request, f"The scores of {row.name} are submitted.")
        return redirect(row.assessment)
    return page(
        request, "assessments/return.html", row.assessment.area, form=form, row=row,
        assessment=row.assessment, groups=lines, left=left,
    )  # fmt: skip


def _lines(row: PartnerReturn) -> tuple[list[dict[str, Any]], list[Statement]]:
    """Ingredients with their statements and own scores; and the statements still to answer."""
    scores = {score.statement_id: score for score in Score.objects.filter(partner_return=row)}
    linked: dict[int, int] = {}
    for statement_id in EvidenceLink.objects.filter(partner_return=row).values_list(
        "statement_id", flat=True
    ):
        linked[statement_id] = linked.get(statement_id, 0) + 1
    groups: dict[int, dict[str, Any]] = {}
    left = []
    for statement in row.assessment.statements_for(row.sector):
        score = scores.get(statement.pk)
        answered = bool(score and score.answer)
        group = groups.setdefault(
            statement.ingredient.pk,
            {"ingredient": statement.ingredient, "lines": [], "answered": 0},
        )
        group["answered"] += answered
        label = (
            row.assessment.content.level_labels.get(int(score.answer))
            if score and score.answer.isdecimal()
            else ""
        )
        group["lines"].append(
            {
                "statement": statement,
                "score": score,
                "label": label,
                "evidence": linked.get(statement.pk, 0),
            }
        )
        if not answered:
            left.append(statement)
    return list(groups.values()), left


@require_http_methods(["GET", "HEAD"])
def submitted(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    row = get_return(request, pk, return_id)
    if not row.is_submitted:
        return redirect("assessments:return", pk, return_id)
    waiting = row.assessment.returns.filter(submitted_at__isnull=True).count()
    return page(
        request, "assessments/submitted.html", row.assessment.area,
        row=row, assessment=row.assessment, waiting=waiting,
    )  # fmt: skip


@require_POST
@says_not_now
def withdraw(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    row = get_return(request, pk, return_id)
    actions.withdraw_return(partner_return=row, by=request.user)
    messages.success(
        request, f"The scores of {row.name} are open again. Submit them before scoring closes."
    )
    return redirect("assessments:return", pk, return_id)


@require_http_methods(FORM_METHODS)
@says_not_now
def score(request: SignedInRequest, pk: int, return_id: int, statement: str) -> HttpResponse:
    row = get_return(request, pk, return_id)
    subject = get_statement(row.assessment, statement)
    asked = row.assessment.statements_for(row.sector)
    if subject not in asked:
        return redirect("assessments:return", pk, return_id)
    form = _posted_form(request, row, subject)
    if form is not None and is_autosave(request):
        return autosaved(request, form, lambda: _save(request, row, subject, form))
    if form is None or not (form.is_bound and form.is_valid()):
        return _score_page(request, row, subject, asked, form)
    try:
        _save(request, row, subject, form)
    except ConflictError as error:
        return _conflict(request, row, subject, form, error)
    _remove_evidence(request, row, subject)
    return redirect(_after(request.POST.get("then", "next"), row, asked, subject))


def _save(
    request: SignedInRequest, row: PartnerReturn, subject: Statement, form: ScoreForm
) -> Score | None:
    if form.is_blank:
        return None
    return actions.save_score(
        partner_return=row, statement=subject, by=request.user, **form.cleaned_data
    )


def _posted_form(
    request: SignedInRequest, row: PartnerReturn, subject: Statement
) -> ScoreForm | None:
    """What was sent; both texts of a conflict come back to be edited, not saved."""
    if request.method != "POST":
        return None
    framework = row.assessment.content
    then = request.POST.get("then", "next")
    if then == "merge":
        return ScoreForm(statement=subject, framework=framework, initial=request.POST.dict())
    may_stop = then != "next" or is_autosave(request)
    return ScoreForm(request.POST, statement=subject, framework=framework, may_stop=may_stop)


def _remove_evidence(request: SignedInRequest, row: PartnerReturn, subject: Statement) -> None:
    """Pressed beside the evidence, in the form that holds the answer: so that is saved first."""
    then = request.POST.get("then", "")
    if not then.startswith(REMOVE):
        return
    links = EvidenceLink.objects.filter(partner_return=row, statement=subject).select_related(
        "assessment__area", "statement", "evidence", "partner_return__assessment"
    )
    found = next((item for item in links if f"{REMOVE}{item.pk}" == then), None)
    if found is not None:
        evidence.unlink_evidence(link=found, by=request.user)
        messages.success(
            request, f"‘{found.evidence.title}’ is no longer linked to this statement."
        )


def _initial(saved: Score | None) -> dict[str, Any]:
    if saved is None:
        return {"version": 0}
    return {"answer": saved.answer, "reason": saved.reason, "version": saved.version}


def _url(row: PartnerReturn, statement: Statement) -> str:
    return reverse("assessments:score", args=[row.assessment_id, row.pk, statement.slug])


def _after(then: str, row: PartnerReturn, asked: list[Statement], subject: Statement) -> str:
    if then == "stop":
        return reverse("assessments:task-list", args=[row.assessment_id])
    if then == "evidence":
        return reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, subject.slug])
    if then == "comment":
        return reverse(
            "assessments:return-comments", args=[row.assessment_id, row.pk, subject.slug]
        )
    if then.startswith(REMOVE):
        return _url(row, subject)
    place = asked.index(subject) + 1
    return (
        _url(row, asked[place])
        if place < len(asked)
        else reverse("assessments:return", args=[row.assessment_id, row.pk])
    )


def _neighbour(row: PartnerReturn, asked: list[Statement], place: int) -> dict[str, str] | None:
    if not 0 <= place < len(asked):
        return None
    statement = asked[place]
    return {"url": _url(row, statement), "label": f"{statement.code} {statement.title}"}


def _score_page(
    request: SignedInRequest,
    row: PartnerReturn,
    subject: Statement,
    asked: list[Statement],
    form: ScoreForm | None,
) -> HttpResponse:
    scores = {found.statement_id: found for found in Score.objects.filter(partner_return=row)}
    saved = scores.get(subject.pk)
    form = form or ScoreForm(
        statement=subject, framework=row.assessment.content, initial=_initial(saved)
    )
    place = asked.index(subject)
    answered = {pk for pk, found in scores.items() if found.answer}
    links = EvidenceLink.objects.filter(partner_return=row, statement=subject).select_related(
        "evidence"
    )
    for link in links:
        link.evidence.area = row.assessment.area
    day = row.assessment.day
    may_change = row.is_open
    return page(
        request,
        "assessments/score.html",
        row.assessment.area,
        form=form,
        row=row,
        assessment=row.assessment,
        statement=subject,
        place=place + 1,
        total=len(asked),
        saved=saved,
        unsaved=request.method == "POST",
        saved_today=saved is not None
        and timezone.localdate(saved.saved_at) == timezone.localdate(),
        answered=len(answered),
        left=len(asked) - len(answered),
        statement_map=_map(row, asked, answered, subject),
        links=[(link, link.evidence.is_in_date(day)) for link in links],
        comments=Comment.objects.of(row.assessment, row, subject),
        last_time=last_time(row.assessment, subject),
        previous=_neighbour(row, asked, place - 1),
        next=_neighbour(row, asked, place + 1),
        may_change=may_change,
    )


def _map(
    row: PartnerReturn, asked: list[Statement], answered: set[int], here: Statement
) -> list[tuple[str, list[tuple[str, Statement, bool, bool]]]]:
    """By ingredient: each statement with its address, whether it is answered, and is this one."""
    # All of them differ in the last part alone; worked out apart they cost a tenth of the page.
    first = _url(row, asked[0])
    base = first[: -len(f"{asked[0].slug}/")]
    groups: dict[str, list[tuple[str, Statement, bool, bool]]] = {}
    for statement in asked:
        groups.setdefault(statement.ingredient.short_title, []).append(
            (f"{base}{statement.slug}/", statement, statement.pk in answered, statement == here)
        )
    return list(groups.items())


def _conflict(
    request: SignedInRequest,
    row: PartnerReturn,
    subject: Statement,
    form: ScoreForm,
    error: ConflictError,
) -> HttpResponse:
    return conflict_page(
        request,
        area=row.assessment.area,
        assessment=row.assessment,
        form=form,
        current=error.current,
        title=f"{subject.code} {subject.title}",
        fields={"reason": "Why this answer?"},
        url=_url(row, subject),
    )
