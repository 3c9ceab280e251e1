"""The admin site for editors: published frameworks to read, libraries and pages to edit."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpRequest

from ingredients.models import (
    Framework,
    GlossaryTerm,
    Guidance,
    Ingredient,
    LevelDescriptor,
    Measure,
    Page,
    SourcePoint,
    Statement,
    SupportPackage,
    framework_with_content,
)
from send_portal.admin import ForEditors, ReadOnly, ReadOnlyRows


@admin.register(Framework)
class FrameworkAdmin(ReadOnly):
    """Loaded and published by the command load_framework; the content of a version never changes."""

    list_display = ["title", "version", "status", "published_at"]
    fields = [
        "title",
        "version",
        "status",
        "summary",
        "plain_summary",
        "fingerprint",
        "loaded_at",
        "published_at",
        "retired_at",
    ]


@admin.register(Ingredient)
class IngredientAdmin(ReadOnly):
    list_display = ["title", "number", "framework"]
    list_filter = ["framework"]
    list_select_related = ["framework"]


class Descriptors(ReadOnlyRows):
    model = LevelDescriptor
    fields = ("level", "text")


@admin.register(Statement)
class StatementAdmin(ReadOnly):
    list_display = ["title", "number", "ingredient"]
    list_filter = ["ingredient__framework"]
    list_select_related = ["ingredient"]
    search_fields = ["title", "text"]
    inlines = [Descriptors]


@admin.register(SourcePoint)
class SourcePointAdmin(ReadOnly):
    list_display = ["code", "text", "framework"]
    list_select_related = ["framework"]
    search_fields = ["code", "text"]


@admin.register(Measure)
class MeasureAdmin(ReadOnly):
    list_display = ["title", "unit", "framework"]
    list_select_related = ["framework"]
    search_fields = ["title", "definition"]


class Lines(forms.Field):
    """A list, written one a line."""

    widget = forms.Textarea({"rows": 4, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(item) for item in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        # Checked here: the field's own validator would look for it in the list.
        ProhibitNullCharactersValidator()(str(value or ""))
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [str(item) for item in initial or []] != self.to_python(data)


class Numbers(Lines):
    def to_python(self, value: Any) -> list[Any]:
        lines = super().to_python(value)
        if not all(line.isdecimal() and len(line) < 4 for line in lines):
            raise forms.ValidationError("Write one whole number a line.")
        return [int(line) for line in lines]


def web_address(*, required: bool = True, label: str = "Address") -> forms.URLField:
    return forms.URLField(label=label, max_length=500, required=required, assume_scheme="https")


class LibraryForm(forms.ModelForm):
    ingredient_list = forms.MultipleChoiceField(
        label="Ingredients", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = Framework.objects.current()
        rows = framework_with_content(current.pk).all_ingredients if current else []
        # An ingredient of an older version stays to choose from as long as the item names it.
        names = {row.slug: row.short_title for row in rows}
        names = {slug: slug for slug in self.instance.ingredients} | names
        cast(forms.ChoiceField, self.fields["ingredient_list"]).choices = list(names.items())
        self.initial["ingredient_list"] = self.instance.ingredients

    def clean_ingredient_list(self) -> str:
        return "|" + "|".join(self.cleaned_data["ingredient_list"]) + "|"


class GuidanceForm(LibraryForm):
    address = web_address()

    class Meta:
        model = Guidance
        fields = [
            "title", "slug", "order", "provider", "kind", "address", "summary", "ingredient_list", "lowest_level",
            "highest_level", "reading_minutes", "last_seen", "standing", "note",
        ]  # fmt: skip


class SupportPackageForm(LibraryForm):
    address = web_address()
    source = web_address(label="Source")
    helps_when = Numbers(label="Helps at levels", help_text="One a line")
    check_in_pattern = Numbers(
        label="Check-ins", help_text="Weeks after the start, one a line", required=False
    )
    regions = Lines(
        help_text="Only where the offer is for some regions, one a line", required=False
    )

    class Meta:
        model = SupportPackage
        fields = [
            "title", "slug", "order", "provider", "term", "address", "outcome", "typical_length", "commitment_needed",
            "ingredient_list", "helps_when", "check_in_pattern", "cost", "source", "regions", "standing", "note",
        ]  # fmt: skip


class GlossaryTermForm(forms.ModelForm):
    source = web_address(label="Source", required=False)
    aliases = Lines(help_text="Other forms that pages link, one a line", required=False)
    see_also = Lines(help_text="Other terms, as they are written there, one a line", required=False)

    class Meta:
        model = GlossaryTerm
        fields = [
            "term", "slug", "order", "acronym", "aliases", "meaning", "plain", "see_also", "source", "auto_link",
            "own_term",
        ]  # fmt: skip

    def clean_see_also(self) -> list[str]:
        wanted: list[str] = self.cleaned_data["see_also"]
        known = set(GlossaryTerm.objects.filter(term__in=wanted).values_list("term", flat=True))
        if missing := [term for term in wanted if term not in known]:
            raise forms.ValidationError(f"Not in the glossary: {', '.join(missing)}")
        return wanted


class LibraryAdmin(ForEditors):
    list_filter = ["standing"]
    search_fields = ["title", "provider"]
    prepopulated_fields = {"slug": ["title"]}


@admin.register(Guidance)
class GuidanceAdmin(LibraryAdmin):
    form = GuidanceForm
    list_display = ["title", "kind", "provider", "standing"]
    list_filter = ["kind", "standing"]


@admin.register(SupportPackage)
class SupportPackageAdmin(LibraryAdmin):
    form = SupportPackageForm
    list_display = ["title", "term", "cost", "provider", "standing"]
    list_filter = ["term", "cost", "standing"]


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(ForEditors):
    form = GlossaryTermForm
    list_display = ["term", "acronym", "auto_link", "own_term"]
    search_fields = ["term", "acronym", "meaning", "alias_text"]
    prepopulated_fields = {"slug": ["term"]}

    def save_model(
        self, request: HttpRequest, obj: GlossaryTerm, form: forms.ModelForm, change: bool
    ) -> None:
        obj.alias_text = ", ".join(obj.aliases)
        super().save_model(request, obj, form, change)


@admin.register(Page)
class PageAdmin(ForEditors):
    """Four pages, each with its place in the footer: none is added or removed."""

    may_add = may_delete = False
    list_display = ["slug", "changed_at"]
    readonly_fields = ["slug", "changed_at"]
    fields = ["slug", "markdown", "changed_at"]
