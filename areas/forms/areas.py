from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from areas.models import Area, Partner, Sector
from send_portal.forms import Look, PortalForm


class AreaSearch(PortalForm):
    q = forms.CharField(label="Name of the area", required=False)

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"]
        return words[:100]

    def full_clean(self) -> None:
        """A page address is never refused: what does not fit counts as not asked."""
        super().full_clean()
        self.errors.clear()

    @property
    def words(self) -> str:
        self.full_clean()
        return self.cleaned_data.get("q", "")


class PartnerForm(PortalForm):
    sector = forms.ChoiceField(
        label="Sector",
        choices=[("", "Select a sector"), *Sector.choices],
        error_messages={"required": "Select a sector"},
    )
    name = forms.CharField(
        label="Name of the organisation or group",
        max_length=160,
        help_text="As it is printed on the report. For example, Northmoor Parent Carers.",
    )

    looks: ClassVar[dict[str, Look]] = {"name": Look(width="30")}

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.area = area

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Partner.objects.filter(
            area=self.area, name__iexact=name, closed_on__isnull=True
        ).exists():
            raise forms.ValidationError("This area already has a partner with this name")
        return name
