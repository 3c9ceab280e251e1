from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.conf import settings

from areas.models import Area, Partner, Sector
from send_portal.forms import Choice, DateInputField, Look, PortalForm, RadioSelect, date_error

NAME_TAKEN = "This area already has a partner with this name"


@cache
def care_boards() -> list[str]:
    """The integrated care boards as they were in July 2022. Several have merged since, so this
    only spares typing."""
    with (settings.FIXTURES / "icbs_july_2022.csv").open(encoding="utf-8", newline="") as file:
        return [row["name"] for row in csv.DictReader(file)]


def is_taken(area: Area, name: str, but: Partner | None = None) -> bool:
    open_ones = Partner.objects.filter(area=area, name__iexact=name, closed_on__isnull=True)
    return (open_ones.exclude(pk=but.pk) if but else open_ones).exists()


class PartnerForm(PortalForm):
    sector = forms.ChoiceField(
        label="Sector",
        choices=[("", "Select a sector"), *Sector.choices],
        error_messages={"required": "Select a sector"},
    )
    icb = forms.ChoiceField(
        label="Integrated care board",
        required=False,
        help_text="For health only. These are the boards of July 2022. If yours has merged "
        "since, leave this and type the name of the new board.",
    )
    name = forms.CharField(
        label="Name of the organisation or group",
        max_length=160,
        required=False,
        help_text="As it is printed on the report. For example, Northmoor Parent Carers.",
    )

    looks: ClassVar[dict[str, Look]] = {"name": Look(width="30")}

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.area = area
        icb: Any = self.fields["icb"]
        icb.choices = [("", "Another organisation"), *((name, name) for name in care_boards())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        sector, icb, name = (data.get(key) or "" for key in ("sector", "icb", "name"))
        if icb and sector and sector != Sector.HEALTH:
            self.add_error("icb", "Only a partner of the sector Health is an integrated care board")
        elif icb and name and icb != name:
            self.add_error("name", "Select an integrated care board or type a name, not both")
        elif "name" in data and "icb" in data and not (icb or name):
            self.add_error("name", "Enter name of the organisation or group")
        elif is_taken(self.area, icb or name):
            self.add_error("name", NAME_TAKEN)
        data["name"] = " ".join((icb or name).split())
        data.pop("icb", None)
        return data


class ChangePartnerForm(PortalForm):
    sector = forms.ChoiceField(label="Sector", choices=Sector.choices)
    name = forms.CharField(
        label="Name of the organisation or group",
        max_length=160,
        help_text="Reports and assessments that have begun keep the name they have.",
    )
    opened_on = DateInputField(label="When did it open?", called="The day it opened")
    closed_on = DateInputField(
        label="When does it close?",
        called="The day it closes",
        required=False,
        help_text="Leave the boxes empty if it stays open.",
    )

    looks: ClassVar[dict[str, Look]] = {"name": Look(width="30")}

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner = partner
        if partner.has_work:
            field = self.fields["sector"]
            field.disabled = True
            field.help_text = "It took part in an assessment, so its sector stays."
        if partner.closed_on is None:
            del self.fields["closed_on"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data.setdefault("closed_on", None)
        opened, closed, name = data.get("opened_on"), data["closed_on"], data.get("name")
        if opened and closed and closed < opened:
            self.add_error("closed_on", "The day it closes must be on or after the day it opened")
        if closed is None and self.partner.replaced_by_id and "closed_on" not in self.errors:
            self.add_error("closed_on", "Another partner has replaced it, so it stays closed")
        if name and closed is None and is_taken(self.partner.area, name, self.partner):
            self.add_error("name", NAME_TAKEN)
        return data


class ClosePartnerForm(PortalForm):
    closed_on = DateInputField(
        label="When does it close?",
        called="The day it closes",
        help_text="From this day on it is not offered for a new assessment.",
    )

    looks: ClassVar[dict[str, Look]] = {"closed_on": Look(size="m")}

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner = partner

    def clean_closed_on(self) -> date:
        return not_before_opening(self.cleaned_data["closed_on"], self.partner)


def not_before_opening(day: date, partner: Partner) -> date:
    if day < partner.opened_on:
        opened = f"{partner.opened_on.day} {partner.opened_on:%B %Y}"
        raise date_error(f"This day must be on or after {opened}, when it opened")
    return day


class ReplacePartnerForm(PortalForm):
    successor = forms.TypedChoiceField(
        label="Which partner takes its place?",
        widget=RadioSelect,
        required=False,
        empty_value=None,
    )
    name = forms.CharField(
        label="Name of the new partner",
        max_length=160,
        required=False,
        help_text="Only for a new partner. As it is printed on the report.",
    )
    opens_on = DateInputField(
        label="From which day?",
        called="The day of the change",
        help_text="The old partner closes and the new one opens on this day.",
    )
    move_people = forms.BooleanField(
        label="Its people take part for the new partner too", required=False, initial=True
    )

    looks: ClassVar[dict[str, Look]] = {
        "successor": Look(size="m"),
        "name": Look(width="30"),
        "opens_on": Look(size="m"),
    }

    def __init__(
        self, *args: Any, partner: Partner, others: Sequence[Partner], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.partner = partner
        by_id = {str(row.pk): row for row in others}
        field: Any = self.fields["successor"]
        field.choices = [
            Choice("", "A new partner"),
            *(Choice(key, row.name, hint="It is here already") for key, row in by_id.items()),
        ]
        field.coerce = by_id.__getitem__
        field.initial = ""

    def clean_opens_on(self) -> date:
        return not_before_opening(self.cleaned_data["opens_on"], self.partner)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, successor = data.get("name") or "", data.get("successor")
        if successor and name:
            self.add_error("name", "Type a name only if a new partner takes its place")
        elif not successor and "successor" in data and "name" in data:
            if not name:
                self.add_error("name", "Enter the name of the new partner")
            elif is_taken(self.partner.area, name, self.partner):
                self.add_error("name", NAME_TAKEN)
        return data
