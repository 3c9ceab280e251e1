from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from areas.models import Area, Sector
from areas.permissions import Permission
from assessments.models.guards import (
    CLOSED_MESSAGE,
    CLOSED_STAGES,
    FrozenWithAssessment,
    SubmittedError,
    both_or_neither,
)
from ingredients.models import Framework, framework_with_content

if TYPE_CHECKING:
    from datetime import date

    from areas.models import User
    from ingredients.models import Statement


def visible_assessment(user: User, *, at: str = "") -> models.Q:
    """People who take part see their area's assessments at every stage; everyone else who may
    read reports sees submitted ones only. `at` leads to the assessment, such as "assessment__"."""
    takes_part = models.Q((f"{at}area__in", user.area_ids_with(Permission.PROGRESS_SEE)))
    submitted = models.Q((f"{at}stage", Assessment.Stage.SUBMITTED))
    if user.can_everywhere(Permission.REPORT_SEE):
        return takes_part | submitted
    reads = models.Q((f"{at}area__in", user.area_ids_with(Permission.REPORT_SEE)))
    return takes_part | (reads & submitted)


def _corrections() -> AssessmentQuerySet:
    """The submitted corrections of the assessment of an outer query."""
    return Assessment.objects.submitted().filter(corrects=models.OuterRef("pk"))


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible_assessment(user))

    def submitted(self) -> Self:
        return self.filter(stage=Assessment.Stage.SUBMITTED)

    def current(self, *, on: date | None = None) -> Self:
        """Submitted and not superseded by a correction; `on` as it stood at the end of that day."""
        found = self.submitted()
        newer = _corrections()
        if on is not None:
            found = found.filter(submitted_at__date__lte=on)
            newer = newer.filter(submitted_at__date__lte=on)
        return found.exclude(models.Exists(newer))

    def versions_of(self, assessment: Assessment) -> list[int]:
        """The ids of an assessment and of every version before and after it, in no order."""
        found = {assessment.pk}
        while True:
            related = models.Q(corrects__in=found) | models.Q(corrections__in=found)
            more = set(self.filter(related).values_list("pk", flat=True)) - found
            if not more:
                return list(found)
            found |= more

    def under_way(self) -> Self:
        return self.exclude(stage__in=CLOSED_STAGES)

    def closed(self) -> Self:
        """Submitted or cancelled: nothing in it changes any more."""
        return self.filter(stage__in=CLOSED_STAGES)

    def latest_submitted(self, area: Area, *, on: date | None = None) -> Assessment | None:
        """The area's current picture: of a corrected report, its newest version."""
        return self.current(on=on).filter(area=area).order_by("-submitted_at").first()

    def at_hand(self) -> tuple[Assessment | None, Assessment | None]:
        """Of one area the assessment under way, and its latest picture, in one query."""
        rows = self.exclude(stage=Assessment.Stage.CANCELLED).exclude(models.Exists(_corrections()))
        newest = models.F("submitted_at").desc(nulls_first=True)
        found = list(rows.order_by(newest)[:2])
        under_way = found.pop(0) if found and not found[0].is_submitted else None
        return under_way, found[0] if found else None

    def update(self, **values: Any) -> int:
        # Consent may be given and withdrawn after submission: it changes who reads, not what.
        if set(values) - {"dfe_sees_partners"} and self.closed().exists():
            raise SubmittedError(CLOSED_MESSAGE)
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.closed().exists():
            raise SubmittedError(CLOSED_MESSAGE)
        return super().delete()


class Assessment(models.Model):
    """One cycle of one area: scored apart, agreed, signed, submitted."""

    class Stage(models.TextChoices):
        SETUP = "setup", "Set up"
        SCORING = "scoring", "Score apart"
        MODERATION = "moderation", "Agree together"
        SIGN_OFF = "sign_off", "Sign off"
        SUBMITTED = "submitted", "Submitted"
        CANCELLED = "cancelled", "Cancelled"

    class Purpose(models.TextChoices):
        BASELINE = "baseline", "Baseline: our first picture"
        CHECK_IN = "check_in", "Check-in: a new picture to compare with the last"
        BOARD_REVIEW = "board_review", "Board review: for our own partnership board"
        OTHER = "other", "Another reason"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="assessments")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose)
    title = models.CharField(max_length=80)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.SETUP)
    baseline = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    scoring_closes_on = models.DateField()
    moderation_on = models.DateField()
    sign_off_by = models.DateField()
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    revealed_at = models.DateTimeField(null=True, blank=True)
    revealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reveal_reason = models.TextField(
        blank=True, help_text="Why the lead closed scoring before every partner had submitted"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    submit_reason = models.TextField(
        blank=True, help_text="Why the lead submitted without every required signature"
    )
    dfe_sees_partners = models.BooleanField(
        default=False, help_text="The area lets DfE see each partner's scores and reasons"
    )

    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    cancelled_from = models.CharField(
        max_length=10,
        choices=Stage,
        blank=True,
        help_text="The stage it had: who could read it then can read it still",
    )
    cancel_reason = models.TextField(blank=True)
    # A submitted report is never edited. A correction is an assessment of its own, and the report
    # it corrects is superseded once this one is submitted.
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    correct_reason = models.TextField(blank=True)
    version = models.PositiveSmallIntegerField(default=1)
    evidence_on = models.DateField(
        null=True,
        blank=True,
        help_text="For a correction: the day the first version was submitted, on which evidence is "
        "judged. Evidence that lapsed since does not lower a level that was not corrected.",
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            both_or_neither("revealed_at", "revealed_by", name="assessment_revealed_at_with_by"),
            both_or_neither("submitted_at", "submitted_by", name="assessment_submitted_at_with_by"),
            models.CheckConstraint(
                name="assessment_stage_matches_reveal",
                condition=models.Q(stage__in=["setup", "scoring"], revealed_at__isnull=True)
                | models.Q(
                    stage__in=["moderation", "sign_off", "submitted"], revealed_at__isnull=False
                )
                | models.Q(
                    stage="cancelled",
                    cancelled_from__in=["setup", "scoring"],
                    revealed_at__isnull=True,
                )
                | models.Q(
                    stage="cancelled",
                    cancelled_from__in=["moderation", "sign_off"],
                    revealed_at__isnull=False,
                ),
            ),
            both_or_neither("cancelled_at", "cancelled_by", name="assessment_cancelled_at_with_by"),
            models.CheckConstraint(
                name="assessment_cancelled_with_reason",
                condition=(
                    models.Q(stage="cancelled", cancelled_at__isnull=False)
                    & ~models.Q(cancel_reason="")
                )
                | (
                    ~models.Q(stage="cancelled")
                    & models.Q(cancelled_at__isnull=True, cancel_reason="", cancelled_from="")
                ),
            ),
            models.CheckConstraint(
                name="assessment_correction_is_whole",
                condition=models.Q(
                    corrects__isnull=True, correct_reason="", version=1, evidence_on__isnull=True
                )
                | (
                    models.Q(corrects__isnull=False, version__gt=1, evidence_on__isnull=False)
                    & ~models.Q(correct_reason="")
                ),
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=~models.Q(stage="cancelled"),
                name="assessment_corrected_once",
                violation_error_message="This report has a correction already.",
            ),
            models.CheckConstraint(
                name="assessment_stage_matches_submission",
                condition=models.Q(stage="submitted", submitted_at__isnull=False)
                | (~models.Q(stage="submitted") & models.Q(submitted_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="assessment_dates_in_order",
                condition=models.Q(moderation_on__gte=models.F("scoring_closes_on"))
                & models.Q(sign_off_by__gte=models.F("moderation_on")),
            ),
            models.UniqueConstraint(
                fields=["area"],
                condition=~models.Q(stage__in=CLOSED_STAGES),
                name="assessment_one_under_way_per_area",
                violation_error_message="This area already has an assessment under way.",
            ),
        ]
        indexes = [models.Index(fields=["area", "-submitted_at"], name="assessment_area_submitted")]

    def __str__(self) -> str:
        return f"{self.area}: {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and Assessment.objects.filter(pk=self.pk).closed().exists():
            raise SubmittedError(CLOSED_MESSAGE)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("assessments:task-list", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if Assessment.objects.filter(pk=self.pk).closed().exists():
            raise SubmittedError(CLOSED_MESSAGE)
        return super().delete(*args, **kwargs)

    @property
    def name(self) -> str:
        """Its title; of a correction, with its version."""
        return self.title if self.version == 1 else f"{self.title}, version {self.version}"

    @property
    def is_scoring(self) -> bool:
        return self.stage == self.Stage.SCORING

    @property
    def closing_has_passed(self) -> bool:
        """Scoring stays open for whoever has grace, and until the lead closes it; nothing is
        revealed by the mere passing of a day."""
        return self.is_scoring and timezone.localdate() > self.scoring_closes_on

    @property
    def is_revealed(self) -> bool:
        return self.revealed_at is not None

    @property
    def is_submitted(self) -> bool:
        return self.stage == self.Stage.SUBMITTED

    @property
    def is_cancelled(self) -> bool:
        return self.stage == self.Stage.CANCELLED

    @property
    def is_closed(self) -> bool:
        """Submitted or cancelled: nothing in it changes any more."""
        return self.stage in CLOSED_STAGES

    @property
    def reached(self) -> str:
        """Its stage; of a cancelled one, the stage it had, which still says who may read it."""
        return self.cancelled_from or self.stage

    @property
    def day(self) -> date:
        """The day on which evidence is in date or not: today, and for good the day of submission
        (of a correction, that of the first version; of what was cancelled, the day of that)."""
        closed_at = self.submitted_at or self.cancelled_at
        return self.evidence_on or timezone.localdate(closed_at)

    @cached_property
    def content(self) -> Framework:
        """The pinned framework with its ingredients, statements and levels at hand."""
        return framework_with_content(self.framework_id)

    def statements_for(self, sector: str) -> list[Statement]:
        """What a partner of this sector is asked, in framework order."""
        family = Sector(sector).is_family
        return [s for s in self.content.all_statements if s.families_can_score or not family]


class QuorumReason(FrozenWithAssessment):
    """Why a required sector gave no scores: recorded by the lead, printed in the report."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="quorum_reasons"
    )
    sector = models.CharField(max_length=20, choices=Sector)
    ingredient = models.CharField(max_length=60, blank=True, help_text="Blank: for all ingredients")
    reason = models.TextField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "sector", "ingredient"], name="quorum_reason_unique"
            ),
            models.CheckConstraint(name="quorum_reason_given", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_sector_display()}: {self.reason}"
