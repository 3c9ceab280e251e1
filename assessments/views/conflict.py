"""The page that shows two versions of one answer. Nothing is overwritten until a person chooses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpResponse

from areas.models import Area
from areas.requests import SignedInRequest
from assessments.actions.errors import ConflictError
from assessments.models import Answer, Assessment
from assessments.models.scores import VersionedAnswer
from assessments.reports.words import day
from assessments.views.shared import page
from send_portal.forms import PortalForm

SENTENCE = re.compile(r"[^\n.!?]+[.!?]*|[\n.!?]+")


class Piece(NamedTuple):
    """A stretch of a text; `is_alone` when the other version does not have it."""

    text: str
    is_alone: bool


def conflict_page(
    request: SignedInRequest,
    *,
    area: Area,
    assessment: Assessment,
    form: PortalForm,
    current: VersionedAnswer,
    title: str,
    fields: dict[str, str],
    url: str,
) -> HttpResponse:
    """Both versions side by side, with three ways on, each a plain form:

    keep mine (posts my version over the one now seen), keep theirs (a link), or put both
    texts together (posts nothing: it opens the page again with both).
    """
    mine = form.cleaned_data
    shown = [
        _compared(name, label, mine[name], getattr(current, name)) for name, label in fields.items()
    ]
    context: dict[str, Any] = {
        "own": current.saved_by_id == request.user.pk,
        "assessment": assessment,
        "title": title,
        "url": url,
        "saved": current,
        "mine_answer": _label(mine["answer"]),
        "their_answer": _label(current.answer),  # type: ignore[attr-defined]
        "answer": mine["answer"],
        "shown": shown,
    }
    return page(request, "assessments/conflict.html", area, status=409, **context)


def item_conflict(
    request: SignedInRequest,
    form: PortalForm,
    error: ConflictError,
    *,
    called: str,
    current: str,
    labels: Mapping[str, str],
    merged: Collection[str],
    area: Area | None = None,
    title: str = "",
    back: str = "",
) -> HttpResponse:
    """As conflict_page, of a thing with a page of its own, such as an item of the library.

    called: what people call it. labels: what its fields are called here. merged: the texts of
    which both versions can be put together; the rest is then as this person wrote it. area, title
    and back (an address): where the thing does not tell its own.
    """
    saved, values = error.current, form.values  # type: ignore[attr-defined]
    shown = [
        _side_by_side(
            label, _said(form, name, values[name]), _said(form, name, getattr(saved, name))
        )
        for name, label in labels.items()
    ]
    names = _inputs(form)
    mine = {name: value for name, value in request.POST.items() if name in names}
    both = {name: both_texts(values[name], getattr(saved, name)) for name in merged}
    return page(
        request,
        "assessments/item_conflict.html",
        area or saved.area,
        current=current,
        status=409,
        own=saved.saved_by_id == request.user.pk,
        saved=saved,
        called=called,
        title=title or str(saved),
        back=back or saved.get_absolute_url(),
        shown=shown,
        mine=mine,
        merged=mine | both,
        merged_words=" and ".join(labels[name].lower() for name in merged),
    )


def _inputs(form: PortalForm) -> set[str]:
    """The names under which a browser sends these fields; the version is given anew."""
    dates = {f"{name}_{part}" for name in form.fields for part in ("day", "month", "year")}
    return (set(form.fields) | dates) - {"version"}


def _side_by_side(label: str, mine: str, theirs: str) -> dict[str, Any]:
    return {
        "label": label,
        "differs": mine != theirs,
        "mine": marked(mine, theirs),
        "theirs": marked(theirs, mine),
    }


def _said(form: PortalForm, name: str, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, date):
        return day(value)
    field: Any = form.fields.get(name)
    return str(dict(getattr(field, "choices", ())).get(value, value) or "")


def _compared(name: str, label: str, mine: str, theirs: str) -> dict[str, Any]:
    return {
        "label": label,
        "name": name,
        "mine": mine,
        "theirs": theirs,
        "mine_marked": marked(mine, theirs),
        "theirs_marked": marked(theirs, mine),
        "both": both_texts(mine, theirs),
    }


def marked(text: str, other: str) -> list[Piece]:
    """The text sentence by sentence, each with whether the other version lacks it."""
    known = {sentence.strip() for sentence in SENTENCE.findall(other)}
    return [
        Piece(sentence, bool(sentence.strip()) and sentence.strip() not in known)
        for sentence in SENTENCE.findall(text)
    ]


def both_texts(mine: str, theirs: str) -> str:
    """Both texts, one after the other; once where one holds the other."""
    if mine in theirs:
        return theirs
    if theirs in mine:
        return mine
    return f"{theirs}\n{mine}"


def _label(answer: str) -> str:
    return Answer(answer).label if answer else "No answer yet"
