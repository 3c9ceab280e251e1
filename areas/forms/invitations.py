from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from areas.forms.people import RoleForm
from send_portal.forms import Look, Textarea

AT_ONCE = 50
SHOWN = 5
QUOTED = re.compile(r'"[^"\n]*"')
BRACKETED = re.compile(r"<([^<>\n]*)>")


def addresses_in(text: str) -> tuple[list[str], list[str]]:
    """The addresses in a pasted list, in small letters, each once; and the parts that are none.

    Parts are divided by line breaks, semicolons or commas. A name may stand before an address:
    `Amina Shah <amina@forum.example>`, also as mail programs write it, `Shah, Amina <…>`.
    """
    found: list[str] = []
    wrong: list[str] = []
    for piece in re.split(r"[;\n]", QUOTED.sub(" ", text)):
        for part in _parts(piece):
            words = [word.strip("<>()[]'").removeprefix("mailto:") for word in part.split()]
            given = [word.lower() for word in words if "@" in word]
            valid = [word for word in given if _is_address(word)]
            found += valid
            if len(valid) != len(given) or not given:
                wrong.append(" ".join(part.split()))
    return list(dict.fromkeys(found)), list(dict.fromkeys(wrong))


def _parts(piece: str) -> list[str]:
    parts = []
    at = 0
    for bracket in BRACKETED.finditer(piece):
        # Before a bracket stands a name, which may hold a comma, or after a comma an address.
        parts += [part for part in piece[at : bracket.start()].split(",") if "@" in part]
        parts.append(bracket[1].strip() or bracket[0])
        at = bracket.end()
    return [part for part in (*parts, *piece[at:].split(",")) if part.strip()]


def _is_address(word: str) -> bool:
    try:
        validate_email(word)
    except ValidationError:
        return False
    # The validator lets signs pass that turn the direction of a text.
    return len(word) <= 254 and word.isprintable()


class InviteForm(RoleForm):
    addresses = forms.CharField(
        label="Email addresses",
        max_length=10_000,
        widget=Textarea({"spellcheck": "false", "autocapitalize": "none"}, rows=5),
        help_text=f"One a line, up to {AT_ONCE}. You can paste them from an email.",
        error_messages={"required": "Enter at least one email address"},
    )

    field_order = ("addresses", "role", "partner")
    looks: ClassVar[dict[str, Look]] = {**RoleForm.looks, "addresses": Look(size="m")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # No count of characters: people count addresses.
        self.fields["addresses"].widget.attrs.pop("maxlength", None)

    def clean_addresses(self) -> list[str]:
        found, wrong = addresses_in(self.cleaned_data["addresses"])
        if wrong:
            named = ", ".join(f"‘{part[:60]}’" for part in wrong[:SHOWN])
            more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            verb = "is not an email address" if len(wrong) == 1 else "are not email addresses"
            raise ValidationError(f"{named}{more} {verb}")
        if len(found) > AT_ONCE:
            raise ValidationError(
                f"You can invite {AT_ONCE} people at once. These are {len(found)}"
            )
        if not found:
            raise ValidationError("Enter at least one email address")
        return found
