"""Plan a check-in, choose its priorities, record what moved, agree on the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Area, Partner, User
from assessments.actions.errors import ConflictError, NotNowError
from assessments.emails.queue import check_in_changed, check_in_waits
from assessments.models import Assessment, CheckIn, CheckInPriority, Evidence
from assessments.models.check_ins import MOST_PRIORITIES, Kind
from assessments.reports.build import contents_of
from assessments.reports.check_in_facts import gather_check_in
from assessments.reports.words import day, inside

RECORDING = (
    "level", "what_changed", "how_we_know", "evidence", "blocker", "next_step", "body", "next_on",
)  # fmt: skip


def proposed_for(baseline: Assessment) -> list[str]:
    """The statements that the rule of the report proposes as priorities, at most six."""
    return [row.statement.slug for row in contents_of(baseline).priorities]


@transaction.atomic
def plan_check_in(
    *, area: Area, kind: str, on: date, by: User, for_programme: bool = False
) -> CheckIn:
    """Plan a check-in against the area's last submitted picture, with the priorities proposed.

    Raises NotNowError when the area has not submitted one, ValueError naming `on` when the day is
    before that, or `kind`.
    """
    baseline = Assessment.objects.latest_submitted(area)
    if baseline is None:
        raise NotNowError("A check-in is compared with a submitted report, and there is none yet.")
    _check(baseline, kind, on)
    check_in = CheckIn.objects.create(
        area=area, baseline=baseline, kind=kind, on=on, planned_by=by, saved_by=by
    )
    statements = baseline.content.statement_by_slug
    for order, slug in enumerate(proposed_for(baseline), start=1):
        CheckInPriority.objects.create(
            check_in=check_in, statement=statements[slug], order=order, saved_by=by
        )
    planned = "planned for DfE" if for_programme else "planned"
    _record(check_in, "check_in.plan", planned, by=by)
    return check_in


def _check(baseline: Assessment, kind: str, on: date) -> None:
    if kind not in Kind.values:
        raise ValueError(f"kind: {kind!r} is not a kind of check-in")
    if on < timezone.localdate(baseline.submitted_at):
        raise ValueError(f"on: {on} is before the report that it is compared with")


@transaction.atomic
def change_check_in(
    *,
    check_in: CheckIn,
    version: int,
    kind: str,
    on: date,
    by: User,
    for_programme: bool = False,
) -> CheckIn:
    """Move a check-in to another day, or make it one of another kind. Who looks after it at DfE is
    told what the area changed.

    Raises ValueError as `plan_check_in`, NotNowError once the area has agreed it, ConflictError
    when someone else saved in between.
    """
    current = _open(check_in)
    _check(current.baseline, kind, on)
    if (current.kind, current.on) == (kind, on):
        return current
    if current.version != version:
        raise ConflictError(current)
    was, was_with_programme = current.on, current.needs_programme
    current.kind, current.on = kind, on
    _save(current, by)
    moved = f"moved from {day(was)}" if was != on else "changed the kind of"
    _record(current, "check_in.change", f"{moved} for DfE" if for_programme else moved, by=by)
    leaves = was_with_programme and not current.needs_programme
    if not for_programme and was_with_programme and (leaves or was != on):
        check_in_changed(current, was=was)
    return current


@transaction.atomic
def cancel_check_in(*, check_in: CheckIn, by: User, for_programme: str = "") -> None:
    """Call a check-in off. It stays on record. `for_programme` is why DfE does; otherwise the area
    does, and who looks after it at DfE is told.

    Raises NotNowError once the area has agreed it.
    """
    current = _open(check_in)
    current.cancelled_at, current.cancelled_by = timezone.now(), by
    _save(current, by)
    act = "called off for DfE" if for_programme else "called off"
    details = {"reason": for_programme} if for_programme else None
    _record(current, "check_in.cancel", act, by=by, details=details)
    if current.needs_programme and not for_programme:
        check_in_changed(current, was=current.on)


@transaction.atomic
def choose_priorities(
    *, check_in: CheckIn, version: int, statements: Sequence[str], reason: str, by: User
) -> None:
    """Look at other statements than those proposed by rule, for a reason.

    Raises ValueError naming `statements` or `reason` on invalid input, NotNowError once the area
    has agreed the record or when one that was recorded would go, ConflictError when someone else
    saved in between.
    """
    current = _open(check_in)
    known, proposed = current.baseline.content.statement_by_slug, proposed_for(current.baseline)
    if not 1 <= len(set(statements)) <= MOST_PRIORITIES or set(statements) - set(known):
        raise ValueError(f"statements: choose one to {MOST_PRIORITIES} of the framework")
    if set(statements) != set(proposed) and not reason:
        raise ValueError("reason: say why you choose other priorities")
    if current.version != version:
        raise ConflictError(current)
    rows = {row.statement.slug: row for row in current.priorities.select_related("statement")}
    if any(rows[slug].version > 1 for slug in set(rows) - set(statements)):
        raise NotNowError("A priority that has been recorded already cannot be left out.")
    current.priorities.exclude(statement__slug__in=statements).delete()
    order = [*proposed, *(slug for slug in known if slug not in proposed)]
    for place, slug in enumerate((slug for slug in order if slug in statements), start=1):
        row = rows.get(slug) or CheckInPriority(
            check_in=current, statement=known[slug], saved_by=by
        )
        row.check_in, row.order = current, place
        row.save()
    current.choice_reason = reason if set(statements) != set(proposed) else ""
    _save(current, by)
    details = {"reason": reason} if current.choice_reason else None
    _record(current, "check_in.choose", "chose the priorities of", by=by, details=details)


@transaction.atomic
def record_priority(
    *,
    priority: CheckInPriority,
    version: int,
    level: str,
    what_changed: str,
    how_we_know: str,
    evidence: Evidence | None,
    blocker: str,
    next_step: str,
    body: Partner | None,
    next_on: date | None,
    by: User,
) -> CheckInPriority:
    """Record what a check-in says of one statement; `level` is empty for not looked at again.

    Raises ValueError naming the field on half an answer or another area's evidence or partner,
    NotNowError once the area has agreed the record, ConflictError when someone else saved.
    """
    check_in = _open(priority.check_in)
    _check_whole(check_in, level, how_we_know, evidence, next_step, body, next_on)
    rows = CheckInPriority.objects.select_for_update(of=("self",))
    current: CheckInPriority = rows.select_related("statement", "saved_by").get(pk=priority.pk)
    current.check_in = check_in
    given: dict[str, Any] = dict(
        zip(
            RECORDING,
            (level, what_changed, how_we_know, evidence, blocker, next_step, body, next_on),
            strict=True,
        )
    )
    if all(getattr(current, name) == value for name, value in given.items()):
        return current
    if current.version != version:
        raise ConflictError(current)
    for name, value in given.items():
        setattr(current, name, value)
    _save(current, by)
    said = f"recorded ‘{current.statement.title}’ at"
    _record(check_in, "check_in.record", said, by=by, statement=current.statement.slug)
    return current


def _check_whole(
    check_in: CheckIn,
    level: str,
    how_we_know: str,
    evidence: Evidence | None,
    next_step: str,
    body: Partner | None,
    next_on: date | None,
) -> None:
    if level and not how_we_know:
        raise ValueError("how_we_know: a level needs how you know")
    if evidence is not None and evidence.area_id != check_in.area_id:
        raise ValueError(f"evidence: {evidence} is not of {check_in.area}")
    if body is not None and body.area_id != check_in.area_id:
        raise ValueError(f"body: {body} is not a partner of {check_in.area}")
    if len({bool(next_step), body is not None, next_on is not None}) > 1:
        raise ValueError("next_step: a next step needs its body and its day")


@transaction.atomic
def agree_check_in(*, check_in: CheckIn, by: User, for_programme: bool = False) -> CheckIn:
    """Agree the record for the area, then for DfE where it takes part. The last to agree closes it:
    what it says is kept, and nothing in it changes any more.

    Raises NotNowError when it is not this one's turn, and before its day: until then actions may
    still be done in time, and evidence may lapse.
    """
    current = _locked(check_in)
    if for_programme:
        if not current.waits_for_programme:
            raise NotNowError("This check-in does not wait for DfE to agree.")
        current.programme_agreed_at, current.programme_agreed_by = timezone.now(), by
    else:
        refuse_unless_held(current)
        current.area_agreed_at, current.area_agreed_by = timezone.now(), by
    if for_programme or not current.needs_programme:
        current.facts = gather_check_in(current)
        current.closed_at = timezone.now()
    _save(current, by)
    who = "agreed for DfE" if for_programme else f"agreed for {current.area.name}"
    _record(current, "check_in.agree", who, by=by)
    if current.waits_for_programme:
        check_in_waits(current)
    return current


@transaction.atomic
def reopen_check_in(*, check_in: CheckIn, reason: str, by: User) -> None:
    """Give a record that waits for DfE back to the area, which writes in it again.

    Raises ValueError without a reason, NotNowError when it does not wait for DfE.
    """
    if not reason:
        raise ValueError("reason: say why")
    current = _locked(check_in)
    refuse_unless_waiting(current)
    current.area_agreed_at = current.area_agreed_by = None
    _save(current, by)
    _record(current, "check_in.reopen", "opened again", by=by, details={"reason": reason})


def _locked(check_in: CheckIn) -> CheckIn:
    rows = CheckIn.objects.select_for_update(of=("self",))
    found: CheckIn = rows.select_related("area", "baseline__area", "saved_by").get(pk=check_in.pk)
    return found


def _open(check_in: CheckIn) -> CheckIn:
    current = _locked(check_in)
    refuse_unless_open(current)
    return current


def refuse_unless_open(check_in: CheckIn) -> None:
    """Raises NotNowError saying why the area cannot write in it."""
    if check_in.cancelled_at:
        raise NotNowError("This check-in was called off.")
    if not check_in.is_open:
        raise NotNowError("The area has agreed this record, so it cannot be changed.")


def refuse_unless_held(check_in: CheckIn) -> None:
    """Raises NotNowError unless the area can agree it now."""
    refuse_unless_open(check_in)
    if check_in.on > timezone.localdate():
        raise NotNowError(
            f"This check-in can be agreed from its day on, {day(check_in.on)}. "
            "If you held it earlier, change the day."
        )


def refuse_unless_waiting(check_in: CheckIn) -> None:
    """Raises NotNowError unless DfE is the one who still has to agree."""
    if not check_in.waits_for_programme:
        raise NotNowError("Only a check-in that waits for DfE to agree can go back.")


def _save(row: CheckIn | CheckInPriority, by: User) -> None:
    row.version += 1
    row.saved_at, row.saved_by = timezone.now(), by
    row.save()


def _record(
    check_in: CheckIn,
    verb: str,
    act: str,
    *,
    by: User,
    statement: str = "",
    details: dict[str, str] | None = None,
) -> None:
    """Never with a level: who may read the record reads it there."""
    record(
        verb,
        sentence_of(check_in, act),
        by=by,
        area=check_in.area,
        assessment_id=check_in.baseline_id,
        statement=statement,
        details=details,
    )


def sentence_of(check_in: CheckIn, act: str) -> str:
    """What the log says that somebody did with a check-in."""
    kind = inside(str(check_in.get_kind_display()))
    return f"{act} the check-in of {day(check_in.on)} ({kind})"
