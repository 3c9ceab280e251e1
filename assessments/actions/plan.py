"""The area's plan: who does what by when, how far it is, and what it changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Area, Audience, Partner, User
from assessments.actions.errors import ConflictError, NotNowError
from assessments.models import Action, ActionImpact, ActionProgress, Assessment
from assessments.models.actions_plan import Status
from assessments.reports.words import day
from ingredients.models import Statement

CHANGING = ("what", "body", "owner", "due_on", "measure")
SHORT = 80


@transaction.atomic
def add_action(
    *,
    area: Area,
    what: str,
    body: Partner,
    owner: str,
    due_on: date,
    measure: str,
    by: User,
    assessment: Assessment | None = None,
    statement: Statement | None = None,
) -> Action:
    """Add an action to the area's plan, out of a priority (a statement of an assessment) or not.

    Raises ValueError naming `body` or `assessment` when they belong to another area, NotNowError
    when the assessment has not been revealed or was cancelled.
    """
    if body.area_id != area.pk:
        raise ValueError(f"body: {body} is not a partner of {area}")
    if assessment is not None and statement is not None:
        _check_priority(area, assessment)
    action = Action.objects.create(
        area=area,
        assessment=assessment if statement else None,
        statement=statement if assessment else None,
        what=what,
        body=body,
        owner=owner,
        due_on=due_on,
        measure=measure,
        added_by=by,
        saved_by=by,
    )
    _record(action, "action.add", f"added the action {quoted(action)}, due {day(due_on)},", by=by)
    return action


def _check_priority(area: Area, assessment: Assessment) -> None:
    """Before the reveal there is no priority, and one named would tell what partners scored."""
    if assessment.area_id != area.pk:
        raise ValueError(f"assessment: {assessment} is not of {area}")
    if not assessment.is_revealed or assessment.is_cancelled:
        raise NotNowError("Priorities come from an assessment whose scores have been revealed.")


@transaction.atomic
def change_action(
    *,
    action: Action,
    version: int,
    what: str,
    body: Partner,
    owner: str,
    due_on: date,
    measure: str,
    by: User,
) -> Action:
    """Change what was set out. The history tells that it was, and from which day a due day moved.

    Raises ValueError naming `body` when it belongs to another area, ConflictError when someone
    else saved in between.
    """
    current = _locked(action)
    if body.area_id != current.area_id:
        raise ValueError(f"body: {body} is not a partner of {current.area}")
    given: dict[str, Any] = dict(zip(CHANGING, (what, body, owner, due_on, measure), strict=True))
    changed = [name for name in CHANGING if getattr(current, name) != given[name]]
    if not changed:
        return current
    if current.version != version:
        raise ConflictError(current)
    moved = f", due {day(due_on)} instead of {day(current.due_on)}," if "due_on" in changed else ""
    for name, value in given.items():
        setattr(current, name, value)
    _save(current, by)
    sentence = f"changed the action {quoted(current)}{moved}"
    _record(current, "action.change", sentence, by=by, details={"fields": changed})
    return current


@transaction.atomic
def record_progress(
    *, action: Action, version: int, status: str, note: str, by: User
) -> ActionProgress:
    """Say how far an action is. What was said before stays.

    Raises ValueError naming `status` or `note` on invalid input (no action needs its reason, and
    the same status needs something to say), ConflictError when someone else saved in between.
    """
    if status not in Status.values:
        raise ValueError(f"status: {status!r} is not a status")
    current = _locked(action)
    if current.version != version:
        raise ConflictError(current)
    if not note and (status == Status.NO_ACTION or status == current.status):
        raise ValueError("note: say why, or what is new")
    today = timezone.localdate()
    if status != Status.DONE:
        current.done_on = None
    elif current.status != Status.DONE:
        current.done_on = today
    current.status = status
    current.no_action_because = note if status == Status.NO_ACTION else ""
    _save(current, by)
    step = ActionProgress.objects.create(action=current, status=status, note=note, recorded_by=by)
    said = step.get_status_display().lower()
    details = {"reason": note} if status == Status.NO_ACTION else None
    sentence = f"recorded progress on {quoted(current)} ({said})"
    _record(current, "action.progress", sentence, by=by, details=details)
    return step


@transaction.atomic
def record_impact(*, action: Action, text: str, by: User) -> ActionImpact:
    """Say what an action changed, whether it is done or not. Raises ValueError without a text."""
    if not text:
        raise ValueError("text: say what is different")
    impact = ActionImpact.objects.create(action=action, text=text, recorded_by=by)
    _record(action, "action.impact", f"recorded the impact of {quoted(action)}", by=by)
    return impact


def _locked(action: Action) -> Action:
    rows = Action.objects.select_for_update(of=("self",))
    return rows.select_related("area", "body", "saved_by").get(pk=action.pk)


def _save(action: Action, by: User) -> None:
    action.version += 1
    action.saved_at, action.saved_by = timezone.now(), by
    action.save()


def quoted(action: Action) -> str:
    """An action as the log names it."""
    text = " ".join(action.what.split())
    return f"‘{text if len(text) <= SHORT else f'{text[: SHORT - 1].rstrip()}…'}’"


def told_of(action: Action) -> dict[str, Any]:
    """What every event about an action holds, whoever did what with it."""
    return {
        "area": action.area,
        "assessment_id": action.assessment_id,
        "partner_id": action.body_id,
        "statement": action.statement.slug if action.statement else "",
        "audience": Audience.AREA,
    }


def _record(
    action: Action, verb: str, sentence: str, *, by: User, details: dict[str, Any] | None = None
) -> None:
    sentence = f"{sentence} for {action.body.name}"
    record(verb, sentence, by=by, details=details, **told_of(action))
