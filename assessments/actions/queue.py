"""What DfE programme staff do with the check-ins that they take part in."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Area, AuditEvent, User
from areas.permissions import Permission
from assessments.actions.check_ins import (
    cancel_check_in,
    change_check_in,
    plan_check_in,
    refuse_unless_open,
    sentence_of,
)
from assessments.actions.errors import ConflictError, NotNowError
from assessments.emails import queue as emails
from assessments.models import CheckIn, ProgrammeRecord
from assessments.models.check_ins import WITH_PROGRAMME
from assessments.reports.agenda import agenda_of


@transaction.atomic
def schedule_check_in(*, area: Area, kind: str, on: date, owner: User | None, by: User) -> CheckIn:
    """Plan a check-in of an area for DfE, against its last submitted report; who leads there gets
    a mail.

    Raises NotNowError when the area has submitted no report, ValueError naming `kind`, `on` or
    `owner`.
    """
    if kind not in WITH_PROGRAMME:
        raise ValueError(f"kind: {kind!r} is not one in which DfE takes part")
    check_in = plan_check_in(area=area, kind=kind, on=on, by=by, for_programme=True)
    emails.check_in_scheduled(check_in, by=by)
    if owner is not None:
        assign_check_in(check_in=check_in, version=0, owner=owner, by=by)
    return check_in


@transaction.atomic
def move_check_in(*, check_in: CheckIn, seen: date, on: date, by: User) -> CheckIn:
    """Move the day for DfE; who leads in the area gets a mail. `seen` is the day as it was when
    the person decided.

    Raises ValueError naming `on`, NotNowError once the area has agreed the record or it was called
    off, ConflictError when it was moved in between.
    """
    current = _locked(check_in)
    refuse_unless_open(current)
    if current.on == on:
        return current
    if current.on != seen:
        raise ConflictError(current)
    # Not by its version: that grows with what the area writes, of which DfE knows nothing yet.
    moved = change_check_in(
        check_in=current, version=current.version, kind=current.kind, on=on, by=by,
        for_programme=True,
    )  # fmt: skip
    emails.check_in_moved(moved, was=seen, by=by)
    return moved


@transaction.atomic
def call_off_check_in(*, check_in: CheckIn, reason: str, by: User) -> None:
    """Call a check-in off for DfE; who leads in the area gets a mail that says why.

    Raises ValueError without a reason, NotNowError once the area has agreed the record or when it
    was called off before.
    """
    if not reason:
        raise ValueError("reason: say why")
    current = _locked(check_in)
    cancel_check_in(check_in=current, by=by, for_programme=reason)
    emails.check_in_called_off(current, reason=reason, by=by)


@transaction.atomic
def assign_check_in(
    *, check_in: CheckIn, version: int, owner: User | None, by: User
) -> ProgrammeRecord:
    """Name who looks after a check-in at DfE, or nobody. Whoever is named gets a mail.

    Raises ValueError naming `owner` for somebody who is not of the programme, NotNowError when it
    is closed or was called off, ConflictError when someone else saved in between.
    """
    if owner is not None and owner not in User.objects.who_can(Permission.CHECK_IN_RUN):
        raise ValueError(f"owner: {owner} does not work on the programme")
    current = _locked(check_in)
    refuse_unless_planned(current)
    kept = _kept(current, by)
    if kept.owner_id == (owner.pk if owner else None):
        return kept
    _check_version(kept, version)
    kept.owner = owner
    _save(kept, by)
    who = f"named {owner.name} as" if owner else "named nobody any more as"
    event = _record(current, "check_in.assign", f"{who} who looks after, at DfE,", by)
    if owner is not None:
        emails.check_in_owner(current, owner, event=event, by=by)
    return kept


@transaction.atomic
def note_check_in(
    *,
    check_in: CheckIn,
    version: int,
    held_on: date | None,
    not_held_because: str,
    blocker: str,
    next_step: str,
    next_on: date | None,
    by: User,
) -> ProgrammeRecord:
    """Keep, for DfE alone, whether a check-in was held, what is in the way and what comes next.

    Raises ValueError naming `held_on`, `not_held_because` or `next_step`, NotNowError when it was
    called off, ConflictError when someone else saved in between.
    """
    if held_on and held_on > timezone.localdate():
        raise ValueError(f"held_on: {held_on} is still to come")
    if held_on and not_held_because:
        raise ValueError("not_held_because: it was held")
    if bool(next_step) != (next_on is not None):
        raise ValueError("next_step: a next step needs its day")
    current = _locked(check_in)
    refuse_if_cancelled(current)
    kept = _kept(current, by)
    given = {
        "held_on": held_on, "not_held_because": not_held_because, "blocker": blocker,
        "next_step": next_step, "next_on": next_on,
    }  # fmt: skip
    if all(getattr(kept, name) == value for name, value in given.items()):
        return kept
    _check_version(kept, version)
    for name, value in given.items():
        setattr(kept, name, value)
    _save(kept, by)
    _record(current, "check_in.note", "changed what DfE keeps for itself about", by)
    return kept


@transaction.atomic
def send_agenda(*, check_in: CheckIn, again: bool, by: User) -> ProgrammeRecord:
    """Send who leads in the area what the check-in is about, out of what DfE may read.

    Raises NotNowError once the area has agreed the record, when nobody leads there, or when it
    was sent before and `again` does not say so.
    """
    current = _locked(check_in)
    refuse_unless_open(current)
    if not emails.leads_of(current):
        raise NotNowError(f"Nobody leads in {current.area.name}, so nobody would get the agenda.")
    kept = _kept(current, by)
    if kept.agenda_sent_at and not again:
        raise NotNowError("The agenda was sent already. Say that it goes again.")
    kept.agenda_sent_at, kept.agenda_sent_by = timezone.now(), by
    _save(kept, by)
    event = _record(current, "check_in.agenda", "sent the agenda of", by)
    emails.agenda(current, contents=agenda_of(current), event=event, by=by)
    return kept


def refuse_if_cancelled(check_in: CheckIn) -> None:
    """Raises NotNowError saying that it was called off."""
    if check_in.is_cancelled:
        raise NotNowError("This check-in was called off.")


def refuse_unless_planned(check_in: CheckIn) -> None:
    """Raises NotNowError when nobody has to look after it any more."""
    refuse_if_cancelled(check_in)
    if check_in.is_closed:
        raise NotNowError("The area and DfE have agreed this check-in.")


def _locked(check_in: CheckIn) -> CheckIn:
    rows = CheckIn.objects.of_programme().select_for_update(of=("self",))
    found: CheckIn = rows.select_related("area", "baseline__area").get(pk=check_in.pk)
    return found


def _kept(check_in: CheckIn, by: User) -> ProgrammeRecord:
    """What is kept so far; a new row, version 0, where nothing is."""
    rows = ProgrammeRecord.objects.select_related("saved_by", "owner", "agenda_sent_by")
    found = rows.filter(pk=check_in.pk).first()
    return found or ProgrammeRecord(check_in=check_in, version=0, saved_by=by)


def _check_version(kept: ProgrammeRecord, version: int) -> None:
    if kept.version != version:
        raise ConflictError(kept)


def _save(kept: ProgrammeRecord, by: User) -> None:
    kept.version += 1
    kept.saved_at, kept.saved_by = timezone.now(), by
    kept.save()


def _record(check_in: CheckIn, verb: str, act: str, by: User) -> AuditEvent:
    """The area reads this. Never with a word of what DfE keeps."""
    return record(
        verb, sentence_of(check_in, act), by=by, area=check_in.area,
        assessment_id=check_in.baseline_id,
    )  # fmt: skip
