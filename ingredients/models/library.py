"""The public libraries: guidance, support menu, glossary and the policy pages."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse


class LibraryQuerySet(models.QuerySet[Any]):
    def search(self, words: str) -> Self:
        """Rows whose text holds every word, whatever its case."""
        found = self
        for word in words.split()[:8]:
            condition = Q()
            for field in self.model.SEARCHED:
                condition |= Q(**{f"{field}__icontains": word})
            found = found.filter(condition)
        return found

    def helping(self, ingredient: str) -> Self:
        # The bars keep whole slugs apart: "culture" is never found inside another slug.
        return self.filter(ingredient_list__contains=f"|{ingredient}|")


class LibraryItem(models.Model):
    class Standing(models.TextChoices):
        CURRENT = "current", "Current"
        CHECK = "check", "Check before relying on it"
        ARCHIVED = "archived", "Kept for the record"

    slug = models.SlugField(max_length=80, unique=True)
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    provider = models.CharField(max_length=200)
    address = models.URLField(max_length=500)
    ingredient_list = models.CharField(
        max_length=300, help_text="Ingredient slugs between bars, as in |leadership|workforce|"
    )
    standing = models.CharField(max_length=10, choices=Standing)
    note = models.TextField(blank=True)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def ingredients(self) -> list[str]:
        return [slug for slug in self.ingredient_list.split("|") if slug]


class Guidance(LibraryItem):
    class Kind(models.TextChoices):
        CASE_STUDY = "case study", "Case study"
        TOOLKIT = "toolkit", "Toolkit"
        GUIDE = "guide", "Guide"
        FRAMEWORK = "framework", "Framework"
        LAW = "law", "Law"

    SEARCHED = ["title", "provider", "summary"]

    kind = models.CharField(max_length=12, choices=Kind)
    summary = models.TextField()
    lowest_level = models.PositiveSmallIntegerField()
    highest_level = models.PositiveSmallIntegerField()
    reading_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    last_seen = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name_plural = "guidance"
        constraints = [
            models.CheckConstraint(
                name="guidance_levels_1_to_4",
                condition=Q(lowest_level__gte=1, highest_level__lte=4)
                & Q(lowest_level__lte=models.F("highest_level")),
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("ingredients:guidance-item", args=[self.slug])


class SupportPackage(LibraryItem):
    class Term(models.TextChoices):
        SHORT = "short", "Short: under 6 months"
        LONG = "long", "Long: 6 months or more"
        SELF_SERVE = "self-serve", "Use it yourselves"

    class Cost(models.TextChoices):
        FREE = "free", "Free"
        GRANT = "grant", "Funded by a grant"
        PAID = "paid", "Paid for by the area"
        UNKNOWN = "unknown", "Ask the provider"

    SEARCHED = ["title", "provider", "outcome", "commitment_needed"]

    term = models.CharField(max_length=10, choices=Term)
    typical_length = models.TextField()
    commitment_needed = models.TextField()
    helps_when = models.JSONField(default=list)
    outcome = models.TextField()
    check_in_pattern = models.JSONField(default=list, help_text="Weeks after the start")
    cost = models.CharField(max_length=10, choices=Cost)
    source = models.URLField(max_length=500)
    regions = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["order", "pk"]

    def get_absolute_url(self) -> str:
        return reverse("ingredients:support-package", args=[self.slug])


class GlossaryTerm(models.Model):
    SEARCHED = ["term", "acronym", "meaning", "plain", "alias_text"]

    slug = models.SlugField(max_length=120, unique=True)
    order = models.PositiveSmallIntegerField()
    term = models.CharField(max_length=120, unique=True)
    acronym = models.CharField(max_length=20, blank=True)
    aliases = models.JSONField(default=list)
    alias_text = models.TextField(blank=True, help_text="The aliases again, for search")
    meaning = models.TextField()
    plain = models.TextField()
    see_also = models.JSONField(default=list)
    source = models.URLField(max_length=500, blank=True)
    auto_link = models.BooleanField(default=True)
    own_term = models.BooleanField(default=False)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        ordering = ["term"]

    def __str__(self) -> str:
        return f"{self.term} ({self.acronym})" if self.acronym else self.term

    def get_absolute_url(self) -> str:
        return reverse("ingredients:glossary-term", args=[self.slug])

    @property
    def letter(self) -> str:
        """Where it stands in the A to Z; terms that start with a digit stand under 0 to 9."""
        first = self.term[:1].upper()
        return "0 to 9" if first.isdecimal() else first


class Page(models.Model):
    """Help and policy pages. They start from a file; the host edits them in the admin."""

    class Slug(models.TextChoices):
        HELP = "help", "Help"
        ACCESSIBILITY = "accessibility", "Accessibility statement"
        PRIVACY = "privacy", "Privacy notice"
        COOKIES = "cookies", "Cookies"

    slug = models.SlugField(max_length=20, unique=True, choices=Slug)
    markdown = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.get_slug_display()
