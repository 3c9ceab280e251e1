"""The check-ins that DfE takes part in, in the order in which they ask for something.

Of a record in which the area still writes only its kind and day leave here. What the area wrote
comes from records that it has agreed, and nothing at all of kinds without DfE.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, TextChoices

from areas.models import Area, User
from assessments.models import CheckIn, CheckInPriority, ProgrammeRecord, SubmittedPicture
from assessments.models.check_ins import Kind
from assessments.reports.words import days_late, days_left

SOON = timedelta(days=30)


class State(TextChoices):
    """What a check-in asks for. The order is that of the page."""

    OVERDUE = "overdue", "Overdue"
    WAITS = "waits", "Waits for DfE to agree"
    DUE = "due", "Due in the next 30 days"
    LATER = "later", "Later"
    NOT_PLANNED = "not_planned", "Not planned"


def state_of(on: date, today: date, *, is_sent: bool) -> State:
    """Of one that is planned. `is_sent`: the area has agreed the record, and DfE has not."""
    if is_sent:
        return State.WAITS
    if on < today:
        return State.OVERDUE
    return State.DUE if on <= today + SOON else State.LATER


@dataclass(frozen=True, slots=True)
class Said:
    """What is in the way and what comes next, out of one priority that an area has agreed."""

    blocker: str
    next_step: str
    body: str
    next_on: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One check-in of the queue, or an area without one: then `id`, `kind` and `on` are empty.

    `last_on` is the day of the last one on which the area has agreed; `said` is what the area
    wrote in it, or in this one once it has agreed this one, on `said_on`.
    """

    area: Area
    state: State
    submitted_on: date | None
    id: int | None = None
    kind: str = ""
    on: date | None = None
    away: str = ""
    record: ProgrammeRecord | None = None
    owner: User | None = None
    last_on: date | None = None
    said: tuple[Said, ...] = ()
    said_on: date | None = None

    @property
    def picture(self) -> date | None:
        """Whether the area has anything to show: the day of its newest submitted report."""
        return self.submitted_on

    @property
    def kind_words(self) -> str:
        return Kind(self.kind).label if self.kind else ""

    @property
    def owner_gone(self) -> str:
        """Who looked after it and does not work on the programme any more."""
        named = self.record.owner if self.record else None
        return named.name if named and self.owner is None else ""

    @property
    def blockers(self) -> list[str]:
        return [row.blocker for row in self.said if row.blocker]

    @property
    def next_steps(self) -> list[Said]:
        return [row for row in self.said if row.next_step]


@dataclass(frozen=True, slots=True)
class Group:
    """The lines that ask for the same."""

    state: State
    lines: list[Line]


def with_check_ins(areas: QuerySet[Area], day: date) -> QuerySet[Area]:
    """Each area with `last_check_in`, the day of the newest of which DfE may read the record, and
    `next_check_in`, that of the first that is to come, both as they stood at the end of a day."""
    last = CheckIn.objects.sent_by(day).filter(area=OuterRef("pk")).order_by("-on", "-pk")
    following = CheckIn.objects.to_come(day).filter(area=OuterRef("pk")).order_by("on")
    return areas.annotate(
        last_check_in=Subquery(last.values("on")[:1]),
        next_check_in=Subquery(following.values("on")[:1]),
    )


def queue_of(areas: QuerySet[Area], people: Sequence[User], today: date) -> list[Line]:
    """Every line of the queue, in its order: four queries, however many areas and check-ins.

    `people` are those who may look after a check-in today.
    """
    rows: list[Any] = list(_with_pictures(with_check_ins(areas, today), today))
    planned = _planned(rows)
    sent = {row.pk for row in planned if row.area_agreed_at is not None}
    records = _records(row.pk for row in planned)
    said = said_in(sent | {row.last_id for row in rows} - {None})
    staff = {person.pk: person for person in people}
    by_area = defaultdict(list)
    for row in planned:
        by_area[row.area_id].append(row)
    lines = [
        line
        for area in rows
        for line in _lines(area, by_area[area.pk], records, said, staff, today)
    ]
    return sorted(lines, key=_place)


def _with_pictures(areas: QuerySet[Area], today: date) -> QuerySet[Area]:
    newest = SubmittedPicture.objects.as_at(today).newest_first().filter(area=OuterRef("pk"))
    last = CheckIn.objects.sent_by(today).filter(area=OuterRef("pk")).order_by("-on", "-pk")
    return areas.annotate(
        submitted_on=Subquery(newest.values("submitted_on")[:1]),
        last_id=Subquery(last.values("pk")[:1]),
    )


def _planned(areas: Iterable[Area]) -> list[CheckIn]:
    """Only what DfE may know of an open record is read at all."""
    found = CheckIn.objects.of_programme().planned().filter(area__in=[row.pk for row in areas])
    return list(found.only("pk", "area_id", "kind", "on", "area_agreed_at").order_by("on", "pk"))


def _records(ids: Iterable[int]) -> dict[int, ProgrammeRecord]:
    found = ProgrammeRecord.objects.filter(check_in__in=list(ids)).select_related("owner")
    return {row.pk: row for row in found}


def said_in(ids: Iterable[int]) -> dict[int, list[Said]]:
    """Check-in to what its area wrote, of those whose record the area has agreed."""
    agreed = CheckIn.objects.of_programme().filter(pk__in=list(ids), area_agreed_at__isnull=False)
    found: dict[int, list[Said]] = defaultdict(list)
    for check_in, *words in (
        CheckInPriority.objects.filter(check_in__in=agreed)
        .exclude(blocker="", next_step="")
        .order_by("check_in", "order")
        .values_list("check_in", "blocker", "next_step", "body__name", "next_on")
    ):
        found[check_in].append(Said(*words))
    return found


def _lines(
    area: Any,
    planned: list[CheckIn],
    records: dict[int, ProgrammeRecord],
    said: dict[int, list[Said]],
    staff: dict[int, User],
    today: date,
) -> Iterator[Line]:
    about = {"area": area, "submitted_on": area.submitted_on, "last_on": area.last_check_in}
    if not planned and area.submitted_on:
        before = tuple(said.get(area.last_id, ()))
        yield Line(
            **about, state=State.NOT_PLANNED, said=before, said_on=area.last_check_in
        )  # fmt: skip
    for row in planned:
        is_sent, record = row.area_agreed_at is not None, records.get(row.pk)
        state = state_of(row.on, today, is_sent=is_sent)
        yield Line(
            **about,
            state=state,
            id=row.pk,
            kind=row.kind,
            on=row.on,
            away=away(state, row.on, today),
            record=record,
            owner=staff.get(record.owner_id or 0) if record else None,
            said=tuple(said.get(row.pk if is_sent else area.last_id, ())),
            said_on=row.on if is_sent else area.last_check_in,
        )


def away(state: State, on: date, today: date) -> str:
    """How far off the day is, or how long ago."""
    if state == State.WAITS:
        return ""
    return days_late(on, today) if state == State.OVERDUE else days_left(on, today)


def _place(line: Line) -> tuple[Any, ...]:
    """By what it asks for, then by day: of areas without one, those that waited longest first."""
    order = list(State).index(line.state)
    return order, line.on or line.last_on or date.min, line.area.name, line.id or 0


def grouped(lines: Iterable[Line]) -> list[Group]:
    """The groups that have a line, in their order."""
    rows = list(lines)
    found = [Group(state, [row for row in rows if row.state == state]) for state in State]
    return [group for group in found if group.lines]
