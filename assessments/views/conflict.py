"""The page that shows two versions of one answer. Nothing is overwritten until a person chooses."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.http import HttpResponse

from areas.models import Area
from areas.requests import SignedInRequest
from assessments.models import Answer, Assessment
from assessments.models.scores import VersionedAnswer
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
