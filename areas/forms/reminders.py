from __future__ import annotations

from typing import ClassVar

from django import forms

from send_portal.forms import Look, PortalForm, RadioSelect


class RemindersForm(PortalForm):
    wants = forms.TypedChoiceField(
        label="Do you want reminders by email?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        widget=RadioSelect,
        error_messages={"required": "Select whether you want reminders by email"},
    )

    looks: ClassVar[dict[str, Look]] = {"wants": Look(size="m")}
