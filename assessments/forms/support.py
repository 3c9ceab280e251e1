from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from areas.models import Area
from assessments.models.support import WHY_LENGTH
from send_portal.forms import Hidden, Look, PortalForm, Select, Textarea


class AskSupportForm(PortalForm):
    area = forms.ChoiceField(
        label="For which area?", error_messages={"required": "Select the area"}
    )
    why = forms.CharField(
        label="Why do you ask for it?",
        widget=Textarea,
        max_length=WHY_LENGTH,
        help_text="What it should help you change. DfE programme staff read this. "
        "Never write a child’s name, or anything about one child.",
        error_messages={"required": "Say why you ask for it"},
    )

    looks: ClassVar[dict[str, Look]] = {"area": Look(size="m"), "why": Look(size="m")}

    def __init__(self, *args: Any, areas: Sequence[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = {area.dfe_code: area for area in areas}
        field: Any = self.fields["area"]
        field.choices = [(code, area.name) for code, area in self.areas.items()]
        if len(self.areas) == 1:
            field.widget, field.initial = Hidden(), next(iter(self.areas))
        else:
            field.widget = Select(choices=[("", "Select an area"), *field.choices])

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {
            "area": self.areas[self.cleaned_data["area"]],
            "why": self.cleaned_data["why"],
        }
