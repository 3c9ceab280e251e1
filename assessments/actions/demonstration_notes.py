"""The notes of DfE programme staff on a demonstration area."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from areas.actions import record
from areas.models import Area, Audience, ProgrammeNote, ProgrammeNoteVersion, User


def write_notes(
    *, area: Area, notes: Iterable[dict[str, Any]] | None, moment: Callable[[int], datetime]
) -> None:
    """Written by the programme adviser on the days that the file says, the oldest first."""
    for row in notes or []:
        at, by = moment(row["day"]), User.objects.get(email=row["by"])
        note = ProgrammeNote.objects.create(area=area, written_at=at, written_by=by)
        ProgrammeNoteVersion.objects.create(
            note=note, number=1, text=row["text"].strip(), category=row["category"],
            follow_up_on=_day(row.get("follow_up")), saved_at=at, saved_by=by,
        )  # fmt: skip
        told = {"area": area, "audience": Audience.PROGRAMME, "at": at}
        record("note.write", "wrote a programme note", by=by, **told)


def _day(offset: int | None) -> date | None:
    return None if offset is None else timezone.localdate() + timedelta(days=offset)
