from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.validators import URLValidator

from areas.models import Partner
from assessments.models import Evidence
from send_portal.forms import DateInputField, Hidden, Look, PortalForm, RadioSelect, Textarea


class WebAddressField(forms.URLField):
    """What a browser opens: Django's own field also takes ftp."""

    default_validators = [URLValidator(schemes=["http", "https"])]


class EvidenceForm(PortalForm):
    title = forms.CharField(
        label="Title", max_length=160, help_text="As people call it, with its year."
    )
    kind = forms.ChoiceField(
        label="What kind of evidence is it?", choices=Evidence.Kind, widget=RadioSelect
    )
    address = WebAddressField(
        label="Web address",
        max_length=500,
        assume_scheme="https",
        help_text="Where your partners can open it. It must not lead to anything about a child.",
        error_messages={"invalid": "Enter a web address, like https://example.org/minutes"},
    )
    shows = forms.CharField(
        label="What does it show?",
        widget=Textarea(rows=3),
        max_length=500,
        help_text="One or two sentences.",
    )
    dated_on = DateInputField(
        label="Date of the evidence", required=False, help_text="If it has one."
    )
    review_on = DateInputField(
        label="Review date",
        required=False,
        help_text="From this day on it no longer counts as in date. Leave blank if it stays true.",
    )

    looks: ClassVar[dict[str, Look]] = {
        name: Look(size="s")
        for name in ("title", "kind", "address", "shows", "dated_on", "review_on")
    }

    def __init__(self, *args: Any, owners: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {str(partner.pk): partner for partner in owners}
        self.fields["owner"] = forms.ChoiceField(
            label="Whose evidence is it?",
            choices=[(pk, partner.name) for pk, partner in self.owners.items()],
            widget=forms.Select if len(owners) > 1 else Hidden,
            initial=next(iter(self.owners), None),
        )

    @property
    def owner(self) -> Partner:
        return self.owners[self.cleaned_data["owner"]]


class LinkEvidenceForm(PortalForm):
    evidence = forms.ModelChoiceField(
        label="Evidence that is in your library already",
        queryset=Evidence.objects.none(),
        empty_label="Select one",
        error_messages={"required": "Select a piece of evidence"},
    )

    looks: ClassVar[dict[str, Look]] = {"evidence": Look(size="m")}

    def __init__(self, *args: Any, library: Sequence[Evidence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["evidence"]
        field.queryset = Evidence.objects.filter(pk__in=[item.pk for item in library])
        field.choices = [("", "Select one"), *((item.pk, item.title) for item in library)]
