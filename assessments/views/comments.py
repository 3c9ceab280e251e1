"""Comments on a statement: of one's own partner, and of everyone who scored."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from areas.requests import SignedInRequest, posted
from assessments.actions import comments as actions
from assessments.actions.errors import NotNowError
from assessments.forms.comments import CommentForm
from assessments.models import Assessment, Comment, PartnerReturn
from assessments.views.moderation import get_revealed
from assessments.views.shared import (
    get_assessment,
    get_return,
    get_statement,
    page,
    says_not_now,
)
from ingredients.models import Statement

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@says_not_now
def return_comments(
    request: SignedInRequest, pk: int, return_id: int, statement: str
) -> HttpResponse:
    """What the people of one partner say among themselves. They keep it after the reveal."""
    row = get_return(request, pk, return_id)
    subject = get_statement(row.assessment, statement)
    if subject not in row.assessment.statements_for(row.sector):
        raise Http404("This partner is not asked this statement.")
    seen_by = f"Only people who score for {row.name} see it, after the reveal too."
    return _comments(request, row.assessment, subject, row, seen_by)


@require_http_methods(FORM_METHODS)
@says_not_now
def comments(request: SignedInRequest, pk: int, statement: str) -> HttpResponse:
    """What is said about a statement after the reveal."""
    assessment = get_revealed(request, pk)
    seen_by = "Everyone who scores in this assessment sees it."
    return _comments(request, assessment, get_statement(assessment, statement), None, seen_by)


def _comments(
    request: SignedInRequest,
    assessment: Assessment,
    subject: Statement,
    row: PartnerReturn | None,
    seen_by: str,
) -> HttpResponse:
    may_write = actions.may_comment(assessment, row)
    if request.method == "POST" and not may_write:
        raise NotNowError("Comments cannot be written here now.")
    people = actions.people_who_see(assessment, row).exclude(pk=request.user.pk)
    form = CommentForm(posted(request), people=people, seen_by=seen_by) if may_write else None
    if form is not None and form.is_bound and form.is_valid():
        actions.write_comment(
            assessment=assessment, statement=subject, partner_return=row, by=request.user,
            **form.cleaned_data,
        )  # fmt: skip
        messages.success(request, "Your comment is saved.")
        return redirect(request.path)
    return page(
        request, "assessments/comments.html", assessment.area, form=form,
        assessment=assessment, statement=subject, row=row,
        comments=Comment.objects.of(assessment, row, subject), seen_by=seen_by,
        may_act=not assessment.is_closed,
    )  # fmt: skip


@require_POST
@says_not_now
def resolve_comment(request: SignedInRequest, pk: int, comment: int) -> HttpResponse:
    found = _get_comment(request, pk, comment)
    actions.resolve_comment(comment=found, by=request.user)
    messages.success(request, "The comment is resolved.")
    return redirect(found)


@require_POST
@says_not_now
def withdraw_comment(request: SignedInRequest, pk: int, comment: int) -> HttpResponse:
    found = _get_comment(request, pk, comment)
    actions.withdraw_comment(comment=found, by=request.user)
    messages.success(request, "Your comment is withdrawn. Its text is deleted.")
    return redirect(found)


def _get_comment(request: SignedInRequest, pk: int, comment: int) -> Comment:
    assessment = get_assessment(request, pk)
    found: Comment = get_object_or_404(
        Comment.objects.visible_to(request.user)
        .filter(assessment=assessment)
        .select_related("assessment__area", "statement", "partner_return", "written_by"),
        pk=comment,
    )
    return found
