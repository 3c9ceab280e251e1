"""The check-in queue as files: exactly what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event  # type: ignore[import-untyped]

from assessments.models import ProgrammeRecord
from assessments.reports.queue import Line

# Name and meaning of each column, in order. Columns are added at the end and never change.
COLUMNS = {
    "area_code": "Code of the area, as DfE gives it",
    "area": "Name of the area",
    "region": "Region of the area",
    "demonstration": "yes where the area is made up",
    "state": "What it asks for, in words",
    "check_in_id": "Number of the check-in; empty where none is planned",
    "kind": "Kind of the check-in",
    "on": "Its day",
    "owner": "Who looks after it at DfE",
    "held_on": "The day on which it was held, as DfE noted",
    "not_held_because": "Why it was not held, as DfE noted",
    "programme_blocker": "What is in the way, as DfE noted",
    "programme_next_step": "Next step, as DfE noted",
    "programme_next_on": "By when, as DfE noted",
    "area_blockers": "What is in the way, as the area wrote in a record that it has agreed",
    "area_next_steps": "Next steps, as the area wrote in a record that it has agreed",
    "area_said_on": "The day of the check-in in which the area wrote this",
    "agenda_sent_on": "The day on which the agenda was sent last",
    "last_check_in": "The day of the last check-in on which the area has agreed",
}


def queue_rows(lines: Iterable[Line]) -> Iterator[list[str]]:
    """One row for each line of the queue."""
    for line in lines:
        yield [_text(value) for value in (*_about(line), *_noted(line.record), *_rest(line))]


def _about(line: Line) -> list[Any]:
    area = line.area
    made_up = "yes" if area.is_demonstration else ""
    return [
        area.dfe_code, area.name, area.region, made_up, line.state.label, line.id, line.kind_words,
        line.on, line.owner.name if line.owner else "",
    ]  # fmt: skip


def _noted(record: ProgrammeRecord | None) -> list[Any]:
    names = ("held_on", "not_held_because", "blocker", "next_step", "next_on")
    return [getattr(record, name, None) for name in names]


def _rest(line: Line) -> list[Any]:
    steps = [
        f"{row.next_step} ({row.body}, by {row.next_on.isoformat() if row.next_on else ''})"
        for row in line.next_steps
    ]
    sent = line.record.agenda_sent_at if line.record else None
    return [
        "\n".join(line.blockers), "\n".join(steps), line.said_on if line.said else None,
        timezone.localdate(sent) if sent else None, line.last_on,
    ]  # fmt: skip


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def queue_calendar(lines: Iterable[Line], host: str, whole: Callable[[str], str]) -> bytes:
    """An entry for the whole day of each check-in. `whole` makes an address of a path. Nothing in
    it of what anybody wrote."""
    calendar = Calendar()
    calendar.add("prodid", "-//SEND improvement portal//check-in queue//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    now = timezone.now()
    for line in lines:
        if line.on is not None:
            calendar.add_component(_event(line, line.on, host, whole, now))
    text: bytes = calendar.to_ical()
    return text


def _event(line: Line, on: date, host: str, whole: Callable[[str], str], now: datetime) -> Event:
    event = Event()
    # As in the area's own calendar entry, so that nobody who has both sees it twice.
    event.add("uid", f"check-in-{line.id}@{host}")
    event.add("dtstamp", now)
    # Each export replaces the one before. The check-in's own version would tell how often the
    # area has changed its open record.
    event.add("sequence", int(now.timestamp()) // 60)
    event.add("dtstart", on)
    event.add("dtend", on + timedelta(days=1))
    made_up = " (made up)" if line.area.is_demonstration else ""
    event.add("summary", f"{line.area.name}{made_up}: SEND check-in ({line.kind_words})")
    who = line.owner.name if line.owner else "nobody yet"
    event.add("description", f"{line.state.label}. Looked after by {who}.")
    event.add("url", whole(reverse("assessments:programme-check-in", args=[line.id])))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event
