"""The filters of the public libraries. They read the address of the page and change nothing."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from ingredients.models import Guidance, SupportPackage
from send_portal.forms import PortalForm

LONGEST_SEARCH = 100


class SearchFilter(PortalForm):
    q = forms.CharField(label="Search words", required=False)

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"]
        return words[:LONGEST_SEARCH]

    def full_clean(self) -> None:
        """A page address is never refused: what does not fit counts as not asked."""
        super().full_clean()
        self.errors.clear()

    @property
    def chosen(self) -> dict[str, str]:
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen
        if words := chosen.pop("q", ""):
            rows = rows.search(words)  # type: ignore[attr-defined]
        if ingredient := chosen.pop("ingredient", ""):
            rows = rows.helping(ingredient)  # type: ignore[attr-defined]
        return rows.filter(**chosen)


class LibraryFilter(SearchFilter):
    ingredient = forms.ChoiceField(label="Ingredient", required=False)

    def __init__(self, *args: Any, ingredients: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["ingredient"])
        field.choices = [("", "All ingredients"), *ingredients.items()]


class GuidanceFilter(LibraryFilter):
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "All kinds"), *Guidance.Kind.choices]
    )


class SupportFilter(LibraryFilter):
    term = forms.ChoiceField(
        label="How long", required=False, choices=[("", "Any length"), *SupportPackage.Term.choices]
    )
    cost = forms.ChoiceField(
        label="Cost", required=False, choices=[("", "Any cost"), *SupportPackage.Cost.choices]
    )
