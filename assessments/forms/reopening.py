from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from assessments.models.scores import REASON_LENGTH
from send_portal.forms import DateInputField, Look, PortalForm, Textarea


class CancelForm(PortalForm):
    reason = forms.CharField(
        label="Why are you cancelling this assessment?",
        widget=Textarea,
        max_length=REASON_LENGTH,
        help_text="All partners can read this. Do not write anything about a child.",
        error_messages={"required": "Say why you are cancelling this assessment"},
    )
    confirm = forms.BooleanField(
        label="I understand that it cannot be opened again",
        error_messages={"required": "Confirm that you understand that it cannot be opened again"},
    )

    looks: ClassVar[dict[str, Look]] = {"reason": Look(size="m")}


class CorrectForm(PortalForm):
    reason = forms.CharField(
        label="What was wrong in the report?",
        widget=Textarea,
        max_length=REASON_LENGTH,
        help_text="It is printed in the corrected report, and shown on the page of the old one. "
        "Everyone who reads them sees it, DfE too. Do not write anything about a child.",
        error_messages={"required": "Say what was wrong in the report"},
    )
    sign_off_by = DateInputField(
        label="When should everyone have signed again?", called="The day for signing"
    )

    looks: ClassVar[dict[str, Look]] = {"reason": Look(size="m"), "sign_off_by": Look(size="m")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("sign_off_by")
        if day and day < timezone.localdate():
            self.add_error("sign_off_by", "The day for signing must be today or later")
        return data
