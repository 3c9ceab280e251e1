from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

from assessments.models.assessments import Assessment
from assessments.models.guards import CLOSED_STAGES, FrozenWithAssessment, both_or_neither
from assessments.models.returns import PartnerReturn
from ingredients.models import Statement

if TYPE_CHECKING:
    from areas.models import User

REASON_LENGTH = 500
# A page that saves by itself saves many times: the log and the minutes tell one sitting once.
ONE_SITTING = timedelta(minutes=10)


class Answer(models.TextChoices):
    """What can be said of a statement. A partner never answers `not_agreed`: that is for the meeting."""

    LEVEL_1 = "1", "Level 1"
    LEVEL_2 = "2", "Level 2"
    LEVEL_3 = "3", "Level 3"
    LEVEL_4 = "4", "Level 4"
    CANNOT_SAY = "cannot_say", "Cannot say"
    NOT_APPLICABLE = "not_applicable", "Does not apply"
    NOT_AGREED = "not_agreed", "Not agreed"


LEVEL_ANSWERS = (Answer.LEVEL_1, Answer.LEVEL_2, Answer.LEVEL_3, Answer.LEVEL_4)
PARTNER_ANSWERS = (*LEVEL_ANSWERS, Answer.CANNOT_SAY, Answer.NOT_APPLICABLE)
AGREED_ANSWERS = (*PARTNER_ANSWERS, Answer.NOT_AGREED)


def answer_value(answer: str) -> int | str | None:
    """An answer as the rules take it: a whole number for a level, None for blank."""
    return int(answer) if answer in LEVEL_ANSWERS else (answer or None)


class VersionedAnswer(FrozenWithAssessment):
    """A row that two people may have open at once. `version` grows by one with each save."""

    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True

    def is_same_sitting(self, user: User, now: datetime) -> bool:
        """Whether this person saved it last, and not long ago."""
        return self.saved_by_id == user.pk and now - self.saved_at < ONE_SITTING


class Score(VersionedAnswer):
    """One partner's answer to one statement."""

    FROZEN_WHEN = models.Q(partner_return__assessment__revealed_at__isnull=False) | models.Q(
        partner_return__assessment__stage__in=CLOSED_STAGES
    )
    FROZEN_MESSAGE = (
        "Scores cannot be changed after the reveal, or once an assessment is cancelled."
    )

    partner_return = models.ForeignKey(
        PartnerReturn, on_delete=models.CASCADE, related_name="scores"
    )
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(
        max_length=14,
        choices=[(a.value, a.label) for a in PARTNER_ANSWERS],
        blank=True,
        help_text="Blank while only the reason has been written",
    )
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner_return", "statement"], name="score_once_per_statement"
            ),
            models.CheckConstraint(
                name="score_answer_known",
                condition=models.Q(answer__in=["", *(a.value for a in PARTNER_ANSWERS)]),
            ),
            models.CheckConstraint(
                name="score_not_applicable_has_reason",
                condition=~models.Q(answer="not_applicable") | ~models.Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_return}, {self.statement}"

    @property
    def is_closed(self) -> bool:
        assessment = self.partner_return.assessment
        return assessment.is_revealed or assessment.is_closed


class AgreedScore(VersionedAnswer):
    """What the partners agreed on one statement: its own record, never worked out."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="agreed_scores"
    )
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=14, choices=[(a.value, a.label) for a in AGREED_ANSWERS])
    rationale = models.TextField(blank=True)
    outside_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "statement"], name="agreed_once_per_statement"
            ),
            models.CheckConstraint(
                name="agreed_answer_known",
                condition=models.Q(answer__in=[a.value for a in AGREED_ANSWERS]),
            ),
            models.CheckConstraint(
                name="agreed_without_level_has_rationale",
                condition=models.Q(answer__in=[a.value for a in LEVEL_ANSWERS])
                | ~models.Q(rationale=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}, {self.statement}: {self.get_answer_display()}"


class Dissent(FrozenWithAssessment):
    """A partner's disagreement, on record. Only that partner withdraws it; nothing deletes it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="dissents")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    partner_return = models.ForeignKey(
        PartnerReturn, on_delete=models.PROTECT, related_name="dissents"
    )
    text = models.TextField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(name="dissent_has_text", condition=~models.Q(text="")),
            both_or_neither("withdrawn_at", "withdrawn_by", name="dissent_withdrawn_at_with_by"),
        ]

    def __str__(self) -> str:
        return f"{self.partner_return}: {self.text[:60]}"
