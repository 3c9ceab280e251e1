from __future__ import annotations

import re
from typing import ClassVar

from django import forms

from assessments.models.summaries import CONTACT_LENGTH
from send_portal.forms import Look, PortalForm, Textarea

MOST_LINES = 10


class PublishSummaryForm(PortalForm):
    contact = forms.CharField(
        label="How can families get in touch? (optional)",
        widget=Textarea,
        max_length=CONTACT_LENGTH,
        required=False,
        help_text="For example, the parent carer forum’s email address and when it meets. Everyone "
        "can read this. Do not name a child, and do not give a person’s own address or phone number.",
    )
    confirm = forms.BooleanField(
        label="I have read the summary, and the partnership agrees that everyone can see it",
        error_messages={
            "required": "Confirm that you have read the summary and that everyone can see it"
        },
    )

    def clean_contact(self) -> str:
        """An empty line parts paragraphs; more of them would only make the PDF longer."""
        text = re.sub(r"\n\s*\n", "\n\n", self.cleaned_data["contact"])
        if text.count("\n") >= MOST_LINES:
            raise forms.ValidationError(f"How to get in touch must be {MOST_LINES} lines or fewer")
        return text

    looks: ClassVar[dict[str, Look]] = {"contact": Look(size="m")}
