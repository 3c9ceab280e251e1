"""The reminders and digests that a day calls for, each once.

What is due follows from the days alone, so the job may run at any time, twice, or on two
workers: the key of each mail keeps it from going again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from areas.models import AuditEvent, User
from areas.permissions import Permission
from assessments.emails.people import People
from assessments.emails.schedule import (
    BEFORE_CLOSING,
    BEFORE_SIGN_OFF,
    digest_day,
    due,
    meeting_is_due,
)
from assessments.models import Assessment, PartnerReturn, SignOff
from send_portal import mail
from send_portal.models import Mail

Stage = Assessment.Stage
# Acts after which everyone concerned has a mail that names the days.
TELLING = ("assessment.open", "dates.change", "moderation.finish")
KEYS_AT_ONCE = 500  # within what any database takes in one question


@dataclass(frozen=True)
class Letter:
    """A mail that is due. `write` puts it into the outbox, unless one of this key is there."""

    key: str
    user: User
    write: Callable[[User, str], Mail | None]

    def post(self) -> bool:
        return self.write(self.user, self.key) is not None


@dataclass(frozen=True)
class Cycle:
    """An assessment under way, with what its reminders need."""

    assessment: Assessment
    returns: Sequence[PartnerReturn]
    signed: frozenset[int]
    people: People
    since: date

    def leads(self) -> list[User]:
        return self.people.who_may(Permission.ASSESSMENT_MANAGE, self.assessment.area_id)

    def of_partner(self, permission: Permission, row: PartnerReturn) -> list[User]:
        return self.people.of_partner(permission, self.assessment.area_id, row.partner_id)


def post_due(today: date) -> int:
    """Put every reminder of this day that has not gone yet into the outbox; how many."""
    return sum(letter.post() for letter in letters_due(today))


def letters_due(today: date) -> list[Letter]:
    """The reminders of this day that have not gone yet. The number of queries does not grow
    with the number of areas."""
    wanted = [
        letter
        for cycle in _cycles(today)
        for letter in _of_cycle(cycle, today)
        if letter.user.wants_reminders
    ]
    gone: set[str] = set()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        keys = [letter.key for letter in wanted[start : start + KEYS_AT_ONCE]]
        gone |= set(Mail.objects.filter(key__in=keys).values_list("key", flat=True))
    return [letter for letter in wanted if letter.key not in gone]


# ---- What is due -------------------------------------------------------------------------------


def _of_cycle(cycle: Cycle, today: date) -> Iterator[Letter]:
    stage = cycle.assessment.stage
    if stage == Stage.SCORING:
        yield from _to_score(cycle, today)
        yield from _digests(cycle, today)
    elif stage == Stage.MODERATION:
        yield from _meetings(cycle, today)
    elif stage == Stage.SIGN_OFF:
        yield from _to_sign(cycle, today)


def _to_score(cycle: Cycle, today: date) -> Iterator[Letter]:
    for row in cycle.returns:
        since = max(cycle.since, timezone.localdate(row.grace_at) if row.grace_at else cycle.since)
        before = due(row.closes_on, BEFORE_CLOSING, today, since)
        if row.is_submitted or before is None:
            continue
        for user in cycle.of_partner(Permission.SCORE, row):
            key = f"reminder:{row.pk}:{before}:{row.closes_on:%Y%m%d}:{user.pk}"
            yield Letter(key, user, partial(_reminder, row, before < 0))


def _digests(cycle: Cycle, today: date) -> Iterator[Letter]:
    closes = cycle.assessment.scoring_closes_on
    on = digest_day(closes, today, timezone.localdate(cycle.assessment.started_at))
    if on is None:
        return
    for user in cycle.leads():
        key = f"digest:{cycle.assessment.pk}:{on:%Y%m%d}:{user.pk}"
        yield Letter(key, user, partial(_digest, cycle, closes < today))


def _meetings(cycle: Cycle, today: date) -> Iterator[Letter]:
    assessment = cycle.assessment
    if not meeting_is_due(assessment.moderation_on, today, cycle.since):
        return
    scoring = cycle.people.of_partners(
        Permission.SCORE, assessment.area_id, {row.partner_id for row in cycle.returns}
    )
    for user in {person.pk: person for person in [*scoring, *cycle.leads()]}.values():
        key = f"meeting:{assessment.pk}:{assessment.moderation_on:%Y%m%d}:{user.pk}"
        yield Letter(key, user, partial(_meeting, assessment))


def _to_sign(cycle: Cycle, today: date) -> Iterator[Letter]:
    by = cycle.assessment.sign_off_by
    before = due(by, BEFORE_SIGN_OFF, today, cycle.since)
    missing = [row for row in cycle.returns if row.pk not in cycle.signed]
    if before is None or not missing:
        return
    for row in missing:
        for user in cycle.of_partner(Permission.SIGN, row):
            key = f"sign:{row.pk}:{before}:{by:%Y%m%d}:{user.pk}"
            yield Letter(key, user, partial(_signature, row, before < 0))
    for user in cycle.leads():
        key = f"signatures:{cycle.assessment.pk}:{before}:{by:%Y%m%d}:{user.pk}"
        yield Letter(key, user, partial(_signatures, cycle, missing, before < 0))


# ---- One function a mail -----------------------------------------------------------------------


def _reminder(row: PartnerReturn, late: bool, user: User, key: str) -> Mail | None:
    url = reverse("assessments:return", args=[row.assessment_id, row.pk])
    done: int = row.answered  # type: ignore[attr-defined]
    goes_on = "?continue=1" if done < row.asked and not late else ""
    context = _about(user, row.assessment, f"{url}{goes_on}") | {
        "row": row,
        "late": late,
        "left": row.asked - done,
    }
    return mail.post("reminder", user.email, context, key=key, unsubscribe_url=_stop_at_once(user))


def _digest(cycle: Cycle, late: bool, user: User, key: str) -> Mail | None:
    waiting = [row for row in cycle.returns if not row.is_submitted]
    started = [row for row in waiting if row.answered]  # type: ignore[attr-defined]
    alone = [row for row in waiting if not cycle.of_partner(Permission.SCORE, row)]
    context = _about(user, cycle.assessment, cycle.assessment.get_absolute_url()) | {
        "late": late,
        "partners": cycle.returns,
        "submitted": [row for row in cycle.returns if row.is_submitted],
        "started": started,
        "not_started": [row for row in waiting if row not in started and row not in alone],
        "invited": [row for row in alone if row.partner_id in cycle.people.invited],
        "alone": [row for row in alone if row.partner_id not in cycle.people.invited],
    }
    return mail.post("digest", user.email, context, key=key, unsubscribe_url=_stop_at_once(user))


def _meeting(assessment: Assessment, user: User, key: str) -> Mail | None:
    url = reverse("assessments:moderation", args=[assessment.pk])
    context = _about(user, assessment, url)
    return mail.post("meeting", user.email, context, key=key, unsubscribe_url=_stop_at_once(user))


def _signature(row: PartnerReturn, late: bool, user: User, key: str) -> Mail | None:
    url = reverse("assessments:sign-off", args=[row.assessment_id])
    context = _about(user, row.assessment, url) | {"row": row, "late": late}
    return mail.post("signature", user.email, context, key=key, unsubscribe_url=_stop_at_once(user))


def _signatures(
    cycle: Cycle, missing: Sequence[PartnerReturn], late: bool, user: User, key: str
) -> Mail | None:
    url = reverse("assessments:sign-off", args=[cycle.assessment.pk])
    context = _about(user, cycle.assessment, url) | {
        "late": late,
        "partners": cycle.returns,
        "missing": missing,
        "alone": [row for row in missing if not cycle.of_partner(Permission.SIGN, row)],
    }
    return mail.post(
        "signatures", user.email, context, key=key, unsubscribe_url=_stop_at_once(user)
    )


def _about(user: User, assessment: Assessment, path: str) -> dict[str, object]:
    stop = reverse("areas:stop-reminders", args=[user.reminders_token])
    return {
        "person": user,
        "assessment": assessment,
        "area": assessment.area,
        "url": mail.link(path),
        "stop_url": mail.link(stop),
    }


def _stop_at_once(user: User) -> str:
    return mail.link(reverse("areas:stop-reminders-at-once", args=[user.reminders_token]))


# ---- Reading, in a few queries for all areas ---------------------------------------------------


def _cycles(today: date) -> Iterator[Cycle]:
    """Assessments under way that may have something due. Most days have nothing for most."""
    rows = {row.pk: row for row in _under_way()}
    returns = _returns(rows)
    ids = [pk for pk, row in rows.items() if _may_be_due(row, returns[pk], today)]
    if not ids:
        return
    _add_progress(returns[pk] for pk in ids)
    people = People.of_areas(rows[pk].area_id for pk in ids)
    signed = frozenset(
        SignOff.objects.filter(assessment_id__in=ids)
        .standing()
        .values_list("partner_return_id", flat=True)
    )
    told = dict(
        AuditEvent.objects.filter(assessment_id__in=ids, verb__in=TELLING)
        .order_by()
        .values_list("assessment_id")
        .annotate(at=Max("at"))
    )
    for pk in ids:
        row = rows[pk]
        moments = [row.started_at, row.revealed_at, told.get(pk)]
        since = max(timezone.localdate(at) for at in moments if at)
        yield Cycle(row, returns[pk], signed, people, since)


def _under_way() -> Iterable[Assessment]:
    return Assessment.objects.under_way().exclude(stage=Stage.SETUP).select_related("area")


def _returns(assessments: dict[int, Assessment]) -> dict[int, list[PartnerReturn]]:
    found: dict[int, list[PartnerReturn]] = defaultdict(list)
    for row in PartnerReturn.objects.filter(assessment_id__in=list(assessments)):
        row.assessment = assessments[row.assessment_id]
        found[row.assessment_id].append(row)
    return found


def _add_progress(groups: Iterable[Sequence[PartnerReturn]]) -> None:
    """Counts are the costly part, so only the partners concerned are counted."""
    rows = [row for group in groups for row in group]
    counts = dict(
        PartnerReturn.objects.filter(pk__in=[row.pk for row in rows])
        .with_progress()
        .order_by()
        .values_list("pk", "answered")
    )
    for row in rows:
        row.answered = counts[row.pk]  # type: ignore[attr-defined]


def _may_be_due(assessment: Assessment, returns: Iterable[PartnerReturn], today: date) -> bool:
    if assessment.stage == Stage.SCORING:
        days = {row.closes_on for row in returns}
        return bool(digest_day(assessment.scoring_closes_on, today, date.min)) or any(
            due(day, BEFORE_CLOSING, today, date.min) is not None for day in days
        )
    if assessment.stage == Stage.MODERATION:
        return meeting_is_due(assessment.moderation_on, today, date.min)
    return due(assessment.sign_off_by, BEFORE_SIGN_OFF, today, date.min) is not None
