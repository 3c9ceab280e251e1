"""Write a programme note, correct it, withdraw it. What was written stays on record."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from areas.actions.audit import record
from areas.actions.errors import NoteMovedOnError
from areas.models import Area, Audience, ProgrammeNote, ProgrammeNoteVersion, User


@transaction.atomic
def write_note(
    *, area: Area, text: str, category: str, follow_up_on: date | None, by: User
) -> ProgrammeNote:
    """Note something about an area, for programme staff alone. Raises ValueError without a text."""
    _check(text)
    note: ProgrammeNote = ProgrammeNote.objects.create(area=area, written_by=by)
    ProgrammeNoteVersion.objects.create(
        note=note, number=1, text=text, category=category, follow_up_on=follow_up_on, saved_by=by
    )
    _record(note, "note.write", "wrote", by=by)
    return note


@transaction.atomic
def correct_note(
    *,
    note: ProgrammeNote,
    number: int,
    text: str,
    category: str,
    follow_up_on: date | None,
    by: User,
) -> None:
    """Say something else from now on; what it said before stays with it.

    `number` is the version that was read. Raises NoteMovedOnError where there is a newer one, or
    where it is withdrawn; ValueError without a text or where somebody else wrote the note.
    """
    _check(text)
    if note.written_by_id != by.pk:
        raise ValueError("by: only the person who wrote a note corrects it")
    _make_sure_it_is_the_last(note, number)
    ProgrammeNoteVersion.objects.create(
        note=note, number=number + 1, text=text, category=category, follow_up_on=follow_up_on,
        saved_by=by,
    )  # fmt: skip
    _record(note, "note.correct", "corrected", by=by)


@transaction.atomic
def withdraw_note(*, note: ProgrammeNote, number: int, reason: str, by: User) -> None:
    """Say that a note no longer holds, and why. Any of the programme staff may, as whoever wrote
    it may have left.

    `number` is the version that was read. Raises NoteMovedOnError as `correct_note` does;
    ValueError without a reason.
    """
    if not reason:
        raise ValueError("reason: say why")
    _make_sure_it_is_the_last(note, number)
    ProgrammeNoteVersion.objects.create(
        note=note, number=number + 1, withdrawn_because=reason, saved_by=by
    )
    _record(note, "note.withdraw", "withdrew", by=by)


def _check(text: str) -> None:
    if not text:
        raise ValueError("text: write something")


def _make_sure_it_is_the_last(note: ProgrammeNote, number: int) -> None:
    """That the next version follows the one that was read, whoever else saves now."""
    ProgrammeNote.objects.select_for_update().get(pk=note.pk)
    last = ProgrammeNoteVersion.objects.filter(note=note)[0]
    if last.is_withdrawal:
        raise NoteMovedOnError("This note has been withdrawn, so nothing was saved.")
    if last.number != number:
        raise NoteMovedOnError(
            "This note was corrected after you opened this page, so nothing was saved."
        )


def _record(note: ProgrammeNote, verb: str, act: str, *, by: User) -> None:
    """That there is a note, and not a word of it: told to programme staff alone."""
    told = {"area": note.area, "audience": Audience.PROGRAMME}
    record(verb, f"{act} a programme note", by=by, **told)
