from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms

from assessments.forms.programme import AsAtForm
from assessments.reports.support_demand import Asking
from ingredients.models import SupportPackage
from send_portal.forms import Select


class SupportDemandForm(AsAtForm):
    """Whose requests are looked at, and for which kind of package."""

    ingredient = forms.ChoiceField(label="Ingredient it helps", required=False, widget=Select)
    term = forms.ChoiceField(
        label="Kind of package", required=False, widget=Select,
        choices=[("", "Any"), *SupportPackage.Term.choices],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = {
            row.slug: row.short_title
            for framework in reversed(self.frameworks.values())
            for row in framework.all_ingredients
        }
        field: Any = self.fields["ingredient"]
        field.choices = [("", "Any ingredient"), *slugs.items()]
        field.error_messages["invalid_choice"] = "Choose ingredient it helps from the list"
        self.fields["term"].error_messages["invalid_choice"] = (
            "Choose kind of package from the list"
        )

    @property
    def is_used(self) -> bool:
        asked = ("region", "ingredient", "term", "as_at", "version")
        return any(self.cleaned_data.get(name) for name in asked)

    def narrow(self, found: Iterable[Asking]) -> list[Asking]:
        """Areas of the region that is asked for, each with its requests that fit."""
        region = self.cleaned_data["region"]
        return [
            replace(row, requests=[one for one in row.requests if self._fits(one.package)])
            for row in found
            if region in {"", row.area.region}
        ]

    def _fits(self, package: SupportPackage) -> bool:
        ingredient, term = self.cleaned_data["ingredient"], self.cleaned_data["term"]
        return term in {"", package.term} and (not ingredient or ingredient in package.ingredients)
