"""A framework version: what is asked. Published content never changes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.urls import reverse


class FrozenError(Exception):
    """Raised by any attempt to change what must not change."""


class FrameworkQuerySet(models.QuerySet["Framework"]):
    def published(self) -> Self:
        return self.filter(status=Framework.Status.PUBLISHED)

    def current(self) -> Framework | None:
        """The version a new assessment pins."""
        return self.published().order_by("-version").first()

    def with_content(self) -> Self:
        """Everything a page or report prints, in four queries whatever the size."""
        return self.prefetch_related("ingredients__statements__descriptors")

    def update(self, **values: Any) -> int:
        # Status moves on through the actions; words in a published version never move.
        if set(values) - {"status", "published_at", "retired_at"}:
            refuse_if_published(self.exclude(status=Framework.Status.DRAFT))
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        refuse_if_published(self.exclude(status=Framework.Status.DRAFT))
        return super().delete()


class PartQuerySet(models.QuerySet[Any]):
    """Rows that belong to a framework version and freeze with it."""

    def frozen(self) -> Self:
        path = self.model.FRAMEWORK_PATH
        return self.exclude(**{f"{path}__status": Framework.Status.DRAFT})

    def update(self, **values: Any) -> int:
        refuse_if_published(self.frozen())
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        refuse_if_published(self.frozen())
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.refuse_if_frozen()
        return super().bulk_create(rows, *args, **kwargs)


def refuse_if_published(rows: models.QuerySet[Any]) -> None:
    if rows.exists():
        raise FrozenError("Published framework content cannot be changed. Publish a new version.")


class Framework(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    slug = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    title = models.CharField(max_length=200)
    plain_title = models.CharField(max_length=200)
    summary = models.TextField()
    plain_summary = models.TextField()
    # The parts of framework.yaml that no other row points at: source, licence, levels, states,
    # dimensions, scoring_guidance, terms, field_notes, rule; and commitment.yaml whole.
    content = models.JSONField()
    fingerprint = models.CharField(max_length=64, help_text="sha256 of the canonical content")
    loaded_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "version"], name="framework_slug_version_unique"
            ),
            models.CheckConstraint(
                name="framework_published_has_a_date",
                condition=models.Q(status="draft", published_at__isnull=True)
                | models.Q(status__in=["published", "retired"], published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="framework_retired_has_a_date",
                condition=models.Q(status="retired", retired_at__isnull=False)
                | models.Q(status__in=["draft", "published"], retired_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if (
            self.pk
            and Framework.objects.filter(pk=self.pk).exclude(status=self.Status.DRAFT).exists()
        ):
            raise FrozenError(
                "Published framework content cannot be changed. Publish a new version."
            )
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        refuse_if_published(Framework.objects.filter(pk=self.pk).exclude(status=self.Status.DRAFT))
        return super().delete(*args, **kwargs)

    @property
    def statement_count(self) -> int:
        return len(self.all_statements)

    @property
    def levels(self) -> dict[int, dict[str, Any]]:
        """Level value to its label, meaning and plain words."""
        return {level["value"]: level for level in self.content["levels"]}

    @property
    def level_labels(self) -> dict[int, str]:
        return {level["value"]: level["label"] for level in self.content["levels"]}

    @property
    def states(self) -> dict[str, dict[str, Any]]:
        """`cannot_say` and `not_applicable` to their label, meaning and plain words."""
        return {state["id"]: state for state in self.content["states"]}

    @property
    def bands(self) -> dict[str, dict[str, Any]]:
        return {band["id"]: band for band in self.content["rule"]["bands"]}

    @cached_property
    def all_ingredients(self) -> list[Ingredient]:
        return list(self.ingredients.all())

    @cached_property
    def all_statements(self) -> list[Statement]:
        """Statements in framework order, each with its ingredient at hand."""
        found = []
        for ingredient in self.all_ingredients:
            for statement in ingredient.statements.all():
                statement.ingredient = ingredient
                found.append(statement)
        return found

    @cached_property
    def statement_by_slug(self) -> dict[str, Statement]:
        return {statement.slug: statement for statement in self.all_statements}


class Part(models.Model):
    """A row of a framework version. It freezes when the version is published."""

    FRAMEWORK_PATH = "framework"

    objects = PartQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.refuse_if_frozen()
        return super().delete(*args, **kwargs)

    def refuse_if_frozen(self) -> None:
        """Neither may a row change, nor a new one join a published version."""
        if self.pk:
            refuse_if_published(type(self).objects.filter(pk=self.pk).frozen())
        owner: Any = self
        for step in self.FRAMEWORK_PATH.split("__"):
            owner = getattr(owner, step)
        if owner.status != Framework.Status.DRAFT:
            refuse_if_published(Framework.objects.filter(pk=owner.pk))


class FrameworkSource(Part):
    """The whole content as loaded, kept apart because only a comparison of versions reads it."""

    framework = models.OneToOneField(Framework, on_delete=models.CASCADE, related_name="source")
    canonical = models.TextField(help_text="Canonical JSON of every file")

    def __str__(self) -> str:
        return f"Source of {self.framework}"


class Ingredient(Part):
    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="ingredients")
    slug = models.SlugField(max_length=60)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    short_title = models.CharField(max_length=60)
    summary = models.TextField()
    plain_title = models.CharField(max_length=200)
    plain_summary = models.TextField()
    why_it_matters = models.TextField()
    source_points = models.JSONField(default=list)

    class Meta:
        ordering = ["framework", "number"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "slug"], name="ingredient_slug_unique"),
            models.UniqueConstraint(
                fields=["framework", "number"], name="ingredient_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("ingredients:ingredient", args=[self.slug])


class Statement(Part):
    FRAMEWORK_PATH = "ingredient__framework"

    ingredient = models.ForeignKey(Ingredient, on_delete=models.CASCADE, related_name="statements")
    slug = models.SlugField(max_length=60)
    number = models.PositiveSmallIntegerField(help_text="Place within its ingredient, from 1")
    title = models.CharField(max_length=120)
    text = models.TextField()
    plain = models.TextField()
    dimension = models.CharField(max_length=20)
    families_can_score = models.BooleanField()
    source_points = models.JSONField(default=list)
    evidence_prompts = models.JSONField(default=list)
    look_for = models.JSONField(default=list)
    next_step = models.JSONField(default=dict, help_text="Agreed level 1, 2 or 3 to the next step")
    well_placed = models.JSONField(default=list)
    indicators = models.JSONField(default=list)

    class Meta:
        ordering = ["ingredient__number", "number"]
        constraints = [
            models.UniqueConstraint(fields=["ingredient", "slug"], name="statement_slug_unique"),
            models.UniqueConstraint(
                fields=["ingredient", "number"], name="statement_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        """Its place in the framework as people say it: `2.3`."""
        return f"{self.ingredient.number}.{self.number}"

    @cached_property
    def level_sentences(self) -> dict[int, list[str]]:
        """Level to its descriptor, one sentence a line: level 3 or 4 needs every line to be true."""
        return {row.level: sentences(row.text) for row in self.descriptors.all()}


class LevelDescriptor(Part):
    FRAMEWORK_PATH = "statement__ingredient__framework"

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="descriptors")
    level = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["statement", "level"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "level"], name="descriptor_level_unique"),
            models.CheckConstraint(
                name="descriptor_level_1_to_4", condition=models.Q(level__gte=1, level__lte=4)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement}, level {self.level}"


class SourcePoint(Part):
    """One finding or recommendation of the research brief, paraphrased."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="source_points")
    order = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=10)
    ingredient_slug = models.SlugField(max_length=60, blank=True)
    scope = models.CharField(max_length=20)
    text = models.TextField()
    covered_by = models.JSONField(default=list)
    parts = models.JSONField(default=list, help_text="Where one bullet holds several findings")

    class Meta:
        ordering = ["framework", "order"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "code"], name="source_point_code_unique")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Measure(Part):
    """An optional local measure that informs the discussion. It never sets a level."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="measures")
    order = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    unit = models.CharField(max_length=20)
    numerator = models.TextField()
    denominator = models.TextField()
    definition = models.TextField()
    direction = models.CharField(max_length=10)
    period = models.CharField(max_length=120)
    statements = models.JSONField(default=list)
    national_reference = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["framework", "order"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "slug"], name="measure_slug_unique")
        ]

    def __str__(self) -> str:
        return self.title


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+", text.strip()) if part]


_published: dict[int, Framework] = {}


def framework_with_content(framework_id: int) -> Framework:
    """A framework version with its ingredients, statements and descriptors at hand.

    Published content never changes, so each process reads a version once and keeps it: the
    task list, the statement page and the report would otherwise fetch the same 170 rows each time.
    Only its status may have moved on since.
    """
    kept = _published.get(framework_id)
    if kept is None:
        kept = Framework.objects.with_content().get(pk=framework_id)
        if kept.status != Framework.Status.DRAFT:
            _published[framework_id] = kept
    return kept


def forget_published() -> None:
    """For tests, which roll the database back under the process."""
    _published.clear()
