from __future__ import annotations

from typing import ClassVar

from django import forms

from send_portal.forms import Look, PortalForm


class TokenForm(PortalForm):
    name = forms.CharField(
        label="What will use it?",
        help_text="Such as the name of the program or the dashboard. It helps you to tell your tokens apart.",
        max_length=60,
        error_messages={
            "required": "Enter what will use the token",
            "max_length": "What will use the token must be 60 characters or fewer",
        },
    )

    looks: ClassVar[dict[str, Look]] = {"name": Look(size="m")}
