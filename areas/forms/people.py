from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from areas.models import Partner, User
from areas.permissions import FOR_A_PARTNER, Role
from send_portal.forms import Choice, Look, PortalForm, RadioSelect

ROLES = [
    Choice(Role.CONTRIBUTOR, "Contributor", hint="Scores for a partner, and records dissent."),
    Choice(Role.BOARD, "Board member", hint="Reads the draft report and signs it for a partner."),
    Choice(Role.VIEWER, "Viewer", hint="Reads submitted reports, and nothing else."),
    Choice(
        Role.LEAD,
        "SEND lead",
        hint="Runs assessments and invites people, as you do. With a partner, also scores for it.",
    ),
]


class RoleForm(PortalForm):
    """A role in an area, and the partner for which it is held."""

    role = forms.ChoiceField(
        label="What will they do?",
        choices=ROLES,
        widget=RadioSelect,
        error_messages={"required": "Select what they will do"},
    )
    partner = forms.TypedChoiceField(
        label="For which partner?",
        required=False,
        empty_value=None,
        help_text="Contributors and board members need one.",
    )

    looks: ClassVar[dict[str, Look]] = {"role": Look(size="m"), "partner": Look(size="m")}

    def __init__(self, *args: Any, partners: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_id = {str(partner.pk): partner for partner in partners}
        field: Any = self.fields["partner"]
        field.choices = [("", "No partner"), *((key, row.name) for key, row in by_id.items())]
        field.coerce = by_id.__getitem__

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs_partner = data.get("role") in FOR_A_PARTNER
        if needs_partner and "partner" in data and data["partner"] is None:
            self.add_error("partner", "Select the partner for which they will do this")
        return data


class PersonName(forms.CharField):
    """A name in one line. Signs that steer a text rather than being part of it are refused."""

    def clean(self, value: Any) -> str:
        name: str = super().clean(value)
        name = " ".join(name.split())
        # Cc: control signs. The others turn the direction of the text that follows.
        if any(
            unicodedata.category(c) == "Cc" or c in "\u202a\u202b\u202d\u202e\u2066\u2067"
            for c in name
        ):
            raise ValidationError(f"{self.label} must be letters, not control signs")
        return name


class DetailsForm(PortalForm):
    name = PersonName(
        label="Your name",
        max_length=120,
        help_text="Others in your area see it, and it is printed beside what you do.",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    job_title = PersonName(
        label="Job title (optional)",
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization-title"}),
    )

    looks: ClassVar[dict[str, Look]] = {"name": Look(width="20"), "job_title": Look(width="20")}


class OpenAccountForm(DetailsForm):
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        max_length=4096,
        help_text="At least 10 characters. Three words that do not belong together work well.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password"},
    )

    looks: ClassVar[dict[str, Look]] = {**DetailsForm.looks, "password": Look(width="20")}

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if password := data.get("password"):
            person = User(email=self.email, name=data.get("name") or "")
            try:
                password_validation.validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return data
