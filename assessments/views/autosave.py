"""Saving in the background: the same form to the same address, answered in a few words.

The script on the page shows the words as they are, so every state is said here and once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from assessments.actions.errors import ConflictError, NotNowError
from assessments.models.scores import VersionedAnswer
from send_portal.forms import PortalForm


def is_autosave(request: HttpRequest) -> bool:
    return request.method == "POST" and request.headers.get("X-Autosave") == "1"


def autosaved(
    request: HttpRequest, form: PortalForm, save: Callable[[], VersionedAnswer | None]
) -> JsonResponse:
    """Save what a script sent, and say how that went: saved, not complete, changed by another
    (409, as the form itself would be answered), or not possible any more (409)."""
    if not form.is_valid():
        first = str(next(iter(form.errors.values()))[0])
        return _said("incomplete", f"Not saved yet. {first}")
    try:
        row = save()
    except ConflictError as error:
        own = error.current.saved_by_id == request.user.pk
        who = "You" if own else error.current.saved_by.name
        return _said("conflict", f"Not saved. {who} changed this answer.", status=409)
    except NotNowError as error:
        return _said("closed", f"Not saved. {error}", status=409)
    if row is None:
        return _said("blank", "Not answered yet")
    at = timezone.localtime(row.saved_at)
    answered = bool(row.answer)  # type: ignore[attr-defined]
    return _said("saved", f"Saved at {at:%H:%M}", version=row.version, answered=answered)


def _said(state: str, words: str, *, status: int = 200, **more: Any) -> JsonResponse:
    return JsonResponse({"state": state, "words": words, **more}, status=status)
