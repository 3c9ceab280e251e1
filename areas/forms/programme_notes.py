from __future__ import annotations

from datetime import date
from typing import ClassVar

from django import forms
from django.utils import timezone

from areas.models.programme_notes import NOTE_LENGTH, WITHDRAWN_LENGTH, Category
from send_portal.forms import (
    DateInputField,
    Hidden,
    Look,
    PortalForm,
    Select,
    Textarea,
    date_error,
)


class NoteForm(PortalForm):
    """`follow_up_kept` is the day that a note has already, which may be over by now."""

    text = forms.CharField(
        label="What you want to note",
        widget=Textarea(rows=6),
        max_length=NOTE_LENGTH,
        error_messages={"required": "Write the note"},
    )
    category = forms.ChoiceField(
        label="Kind of note",
        required=False,
        widget=Select,
        choices=[("", "None"), *Category.choices],
    )
    follow_up_on = DateInputField(
        label="Follow up on (optional)",
        called="Follow-up day",
        required=False,
        help_text="Everyone in programme staff sees it beside the note.",
    )

    looks: ClassVar[dict[str, Look]] = {
        "text": Look(size="m"), "category": Look(size="s"), "follow_up_on": Look(size="s"),
    }  # fmt: skip

    follow_up_kept: date | None = None

    def clean_follow_up_on(self) -> date | None:
        day: date | None = self.cleaned_data["follow_up_on"]
        if day and day < timezone.localdate() and day != self.follow_up_kept:
            raise date_error("Follow-up day must be today or later")
        if day and day.year > timezone.localdate().year + 5:
            raise date_error("Follow-up day must be in the next five years", "year")
        return day


class CorrectNoteForm(NoteForm):
    number = forms.IntegerField(widget=Hidden, min_value=1, max_value=32000)


class WithdrawNoteForm(PortalForm):
    reason = forms.CharField(
        label="Why do you withdraw it?",
        widget=Textarea,
        max_length=WITHDRAWN_LENGTH,
        help_text="Stays beside the note, with your name.",
        error_messages={"required": "Say why you withdraw it"},
    )
    number = forms.IntegerField(widget=Hidden, min_value=1, max_value=32000)

    looks: ClassVar[dict[str, Look]] = {"reason": Look(size="m")}
