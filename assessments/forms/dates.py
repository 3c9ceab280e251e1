from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms

from assessments.actions.dates import days_of, wrong_days, wrong_grace
from assessments.models import Assessment, PartnerReturn
from assessments.models.scores import REASON_LENGTH
from send_portal.forms import DateInputField, Look, PortalForm, Textarea


class ChangeDatesForm(PortalForm):
    """Asks for the days that the stage still lets move."""

    scoring_closes_on = DateInputField(
        label="When does scoring close?",
        called="The day scoring closes",
        help_text="Partners can score until the end of that day.",
    )
    moderation_on = DateInputField(
        label="When do you meet to agree levels?", called="The day you meet"
    )
    sign_off_by = DateInputField(
        label="When should everyone have signed?", called="The day for signing"
    )
    reason = forms.CharField(
        label="Why are you changing the days?",
        widget=Textarea,
        max_length=REASON_LENGTH,
        help_text="The people concerned get it by email, and everyone who takes part can read it in the history. "
        "Do not write anything about a child.",
        error_messages={"required": "Say why you are changing the days"},
    )

    looks: ClassVar[dict[str, Look]] = {
        "scoring_closes_on": Look(size="m"),
        "moderation_on": Look(size="m"),
        "sign_off_by": Look(size="m"),
        "reason": Look(size="m"),
    }

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        days = days_of(assessment)
        super().__init__(*args, **{"initial": days, **kwargs})
        self.assessment = assessment
        self.fields = {
            name: field for name, field in self.fields.items() if name in {*days, "reason"}
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        # A day that was no day is said to be none; the others wait until it is one.
        if len(self.days) == len(days_of(self.assessment)):
            for name, problem in wrong_days(self.assessment, self.days).items():
                self.add_error(name, problem)
        # Found first, but asked last: the summary follows the page.
        if "reason" in self.errors:
            self.errors["reason"] = self.errors.pop("reason")
        return data

    @property
    def days(self) -> dict[str, date]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "reason" and value is not None
        }


class GraceForm(PortalForm):
    until = DateInputField(
        label="Until when may this partner score?",
        called="The last day to score",
        help_text="Until the end of that day. It must be before you meet, or on that day.",
    )
    reason = forms.CharField(
        label="Why does this partner need more time?",
        widget=Textarea,
        max_length=REASON_LENGTH,
        help_text="This partner gets it by email, and everyone who takes part can read it in the history. "
        "Do not write anything about a child.",
        error_messages={"required": "Say why this partner needs more time"},
    )

    looks: ClassVar[dict[str, Look]] = {"until": Look(size="m"), "reason": Look(size="m")}

    def __init__(self, *args: Any, partner_return: PartnerReturn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner_return = partner_return

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if problem := wrong_grace(self.partner_return, until):
            raise forms.ValidationError(problem)
        return until
