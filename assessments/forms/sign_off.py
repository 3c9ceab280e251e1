from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from assessments.models import SignOff
from send_portal.forms import Look, PortalForm, RadioSelect, Textarea


class SignForm(PortalForm):
    decision = forms.ChoiceField(
        label="Does your organisation agree with this report?",
        choices=SignOff.Decision,
        widget=RadioSelect,
        help_text="Any answer is printed in the report. None of them lowers the band.",
        error_messages={"required": "Select whether your organisation agrees with this report"},
    )
    text = forms.CharField(
        label="Your reservation, or why you do not agree",
        widget=Textarea,
        max_length=1000,
        required=False,
        help_text="Needed unless you agree in full. It is printed word for word. "
        "Do not write anything about a child.",
    )
    name = forms.CharField(
        label="Your full name", max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    role = forms.CharField(
        label="Your role",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "organization-title"}),
    )

    looks: ClassVar[dict[str, Look]] = {
        "decision": Look(size="m"),
        "text": Look(size="s"),
        "name": Look(size="s", width="20"),
        "role": Look(size="s", width="20"),
    }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        decision = data.get("decision")
        needs_text = bool(decision) and decision != SignOff.Decision.AGREE
        if needs_text and not data.get("text") and "text" not in self.errors:
            is_reservation = decision == SignOff.Decision.RESERVATION
            what = "what your reservation is" if is_reservation else "why you do not agree"
            self.add_error("text", f"Say {what}")
        return data


class ReasonForm(PortalForm):
    reason = forms.CharField(label="Why?", widget=Textarea, max_length=500)

    looks: ClassVar[dict[str, Look]] = {"reason": Look(size="m")}

    def __init__(
        self, *args: Any, label: str, help_text: str, required: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.label, field.help_text = label, help_text
        field.error_messages["required"] = required
