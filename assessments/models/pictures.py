"""What a comparison of areas reads: the picture of each submitted assessment as narrow rows.

All of it is worked out from the frozen facts, can be worked out again, and is checked against
them (`verify_reports`, `rebuild_pictures`). No partner's score, reason or dissent is in here.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models

from areas.models import Area
from areas.permissions import Permission
from assessments.models.assessments import Assessment
from assessments.models.scores import AGREED_ANSWERS, LEVEL_ANSWERS
from assessments.readiness import Band, Confidence
from ingredients.models import Framework, Ingredient, Statement

if TYPE_CHECKING:
    from areas.models import User


class SubmittedPictureQuerySet(models.QuerySet["SubmittedPicture"]):
    def visible_to(self, user: User) -> Self:
        """Of the areas whose reports this person may read."""
        if user.can_everywhere(Permission.REPORT_SEE):
            return self
        return self.filter(area__in=user.area_ids_with(Permission.REPORT_SEE))

    def as_at(self, day: date) -> Self:
        """Submitted by the end of that day, and not corrected by then: a version that was
        replaced never counts beside the one that replaced it."""
        replaced_later = models.Q(replaced_on__isnull=True) | models.Q(replaced_on__gt=day)
        return self.filter(replaced_later, submitted_on__lte=day)

    def newest_first(self) -> Self:
        """An area has one assessment under way at a time, so of two on a day the later started
        was submitted later."""
        return self.order_by("-submitted_on", "-assessment_id")


class SubmittedPicture(models.Model):
    """The whole of one submitted assessment: its band, and the figures that stand beside it."""

    assessment = models.OneToOneField(
        Assessment, on_delete=models.PROTECT, primary_key=True, related_name="submitted_picture"
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="+")
    submitted_on = models.DateField()
    replaced_on = models.DateField(
        null=True, blank=True, help_text="The day on which a correction of it was submitted"
    )
    version = models.PositiveSmallIntegerField(help_text="1, or of a correction its number")
    rule_version = models.CharField(max_length=40)
    band = models.CharField(max_length=20)
    confidence = models.CharField(max_length=6)
    contested = models.PositiveSmallIntegerField(help_text="Contested statements")
    levelled = models.PositiveSmallIntegerField(help_text="Statements with an agreed level")
    applicable = models.PositiveSmallIntegerField(help_text="Statements that apply")
    evidenced = models.PositiveSmallIntegerField(help_text="Of claimed, with evidence in date")
    claimed = models.PositiveSmallIntegerField(help_text="Agreed levels of 3 or 4")
    returns_submitted = models.PositiveSmallIntegerField()
    partners_invited = models.PositiveSmallIntegerField()

    objects = SubmittedPictureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="submitted_picture_words_known",
                condition=models.Q(
                    band__in=[b.value for b in Band],
                    confidence__in=[c.value for c in Confidence],
                ),
            ),
            models.CheckConstraint(
                name="submitted_picture_counts_fit",
                condition=models.Q(
                    levelled__lte=models.F("applicable"),
                    evidenced__lte=models.F("claimed"),
                    returns_submitted__lte=models.F("partners_invited"),
                ),
            ),
            models.CheckConstraint(
                name="submitted_picture_replaced_later",
                condition=models.Q(replaced_on__isnull=True)
                | models.Q(replaced_on__gte=models.F("submitted_on")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["area", "framework", "-submitted_on", "-assessment"],
                name="submitted_picture_newest",
            )
        ]

    def __str__(self) -> str:
        return f"{self.area}, {self.submitted_on:%d %B %Y}: {self.band}"


class SubmittedLevel(models.Model):
    """One ingredient of a submitted assessment. `level` is null where it is not yet rated."""

    picture = models.ForeignKey(SubmittedPicture, on_delete=models.CASCADE, related_name="levels")
    ingredient = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    is_limiting = models.BooleanField()
    is_contested = models.BooleanField()
    is_not_evidenced = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "ingredient"], name="submitted_level_once"),
            models.CheckConstraint(
                name="submitted_level_1_to_4",
                condition=models.Q(level__isnull=True) | models.Q(level__range=(1, 4)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ingredient}: {self.level or 'not yet rated'}"


class SubmittedAnswer(models.Model):
    """One statement of a submitted assessment: what was agreed (blank where nothing was), and the
    level at which it counts for ingredient and band."""

    picture = models.ForeignKey(SubmittedPicture, on_delete=models.CASCADE, related_name="answers")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(
        max_length=14, blank=True, choices=[(a.value, a.label) for a in AGREED_ANSWERS]
    )
    counts_as = models.PositiveSmallIntegerField(null=True, blank=True)
    is_contested = models.BooleanField()
    is_not_evidenced = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "statement"], name="submitted_answer_once"),
            models.CheckConstraint(
                name="submitted_answer_counts_if_levelled",
                condition=models.Q(
                    answer__in=[a.value for a in LEVEL_ANSWERS],
                    counts_as__isnull=False,
                    counts_as__range=(1, 4),
                )
                | models.Q(
                    answer__in=["", "cannot_say", "not_applicable", "not_agreed"],
                    counts_as__isnull=True,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {self.answer or 'blank'}"
