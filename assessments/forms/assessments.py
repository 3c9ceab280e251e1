from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from areas.models import REQUIRED_SECTORS, Partner
from assessments.actions.dates import WHAT, wrong_order
from assessments.models import Assessment
from send_portal.forms import Choice, DateInputField, Look, PortalForm, RadioSelect, Textarea


class StartForm(PortalForm):
    purpose = forms.ChoiceField(
        label="Why are you doing this assessment?",
        choices=Assessment.Purpose,
        widget=RadioSelect,
        error_messages={"required": "Select why you are doing this assessment"},
    )
    title = forms.CharField(
        label="Title",
        max_length=80,
        help_text="It is printed on the report. For example, Autumn 2026 assessment.",
    )
    scoring_closes_on = DateInputField(
        label="When does scoring close?",
        called="The day scoring closes",
        help_text="Allow partners about three weeks. Avoid school holidays if you can.",
    )
    moderation_on = DateInputField(
        label="When do you meet to agree levels?",
        called="The day you meet",
        help_text="Most partnerships need one meeting of two to three hours.",
    )
    sign_off_by = DateInputField(
        label="When should everyone have signed?", called="The day for signing"
    )

    looks: ClassVar[dict[str, Look]] = {
        "purpose": Look(size="m"),
        "title": Look(size="m", width="20"),
        "scoring_closes_on": Look(size="m"),
        "moderation_on": Look(size="m"),
        "sign_off_by": Look(size="m"),
    }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        days = {name: data[name] for name in WHAT if data.get(name)}
        for name, problem in wrong_order(days).items():
            self.add_error(name, problem)
        return data


class PartnersForm(PortalForm):
    """Who scores. A required sector may be left out only with a reason, which is printed."""

    partners = forms.TypedMultipleChoiceField(
        label="Which partners will score?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one partner"},
    )

    looks: ClassVar[dict[str, Look]] = {"partners": Look(size="m")}

    def __init__(self, *args: Any, partners: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_id = {str(partner.pk): partner for partner in partners}
        field: Any = self.fields["partners"]
        field.choices = [
            Choice(
                id_,
                f"{partner.name} ({partner.sector_enum.label.lower()})",
                hint="" if getattr(partner, "scorers", 1) else "Nobody can score for it yet",
            )
            for id_, partner in by_id.items()
        ]
        field.coerce = by_id.__getitem__
        field.initial = list(by_id)
        for sector in REQUIRED_SECTORS:
            self.fields[f"reason_{sector}"] = forms.CharField(
                label=f"If no partner from {sector.label.lower()} scores, why not?",
                widget=Textarea(rows=2),
                max_length=500,
                required=False,
                help_text="Only if you leave this sector out. It is printed in the report.",
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = {partner.sector for partner in data.get("partners") or []}
        for sector in REQUIRED_SECTORS:
            if "partners" in data and sector not in chosen and not data.get(f"reason_{sector}"):
                self.add_error(
                    f"reason_{sector}",
                    f"Choose a partner from {sector.label.lower()}, or say why there is none",
                )
        return data

    @property
    def reason_fields(self) -> list[BoundField]:
        return [self[f"reason_{sector}"] for sector in REQUIRED_SECTORS]

    @property
    def reasons(self) -> dict[str, str]:
        return {
            str(sector): self.cleaned_data[f"reason_{sector}"]
            for sector in REQUIRED_SECTORS
            if self.cleaned_data[f"reason_{sector}"]
        }


class ConsentForm(PortalForm):
    dfe_sees_partners = forms.TypedChoiceField(
        label="May DfE see each partner’s scores and reasons in this assessment?",
        choices=[
            ("no", "No, DfE sees the agreed levels only"),
            ("yes", "Yes, for this assessment"),
        ],
        coerce=lambda value: value == "yes",
        widget=RadioSelect,
    )

    looks: ClassVar[dict[str, Look]] = {"dfe_sees_partners": Look(size="m")}
