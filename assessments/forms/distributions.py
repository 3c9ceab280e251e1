from __future__ import annotations

from typing import Any

from django import forms

from assessments.forms.programme import AsAtForm
from ingredients.models import Ingredient
from send_portal.forms import Select


class DistributionsForm(AsAtForm):
    """Whose distributions are looked at, and of which ingredient in detail."""

    ingredient = forms.ChoiceField(label="Ingredient in detail", required=False, widget=Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Slugs stay from version to version; one that this version does not have is its first.
        slugs = {
            row.slug: row.short_title
            for framework in reversed(self.frameworks.values())
            for row in framework.all_ingredients
        }
        field: Any = self.fields["ingredient"]
        field.choices = list(slugs.items())
        field.error_messages["invalid_choice"] = "Choose ingredient in detail from the list"

    @property
    def ingredient_asked(self) -> Ingredient:
        """The one asked for, else the first."""
        rows = self.framework.all_ingredients if self.framework else []
        slug = self.cleaned_data["ingredient"]
        return next((row for row in rows if row.slug == slug), rows[0])

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("region", "as_at", "version"))
