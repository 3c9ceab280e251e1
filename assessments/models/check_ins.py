"""Check-ins: what moved since the last picture, looked at with a few priorities in hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from areas.models import Area, Partner
from areas.models.audit import midnight
from areas.permissions import Permission
from assessments.models.assessments import Assessment
from assessments.models.evidence import Evidence
from assessments.models.guards import FrozenWithAssessmentQuerySet, both_or_neither
from assessments.models.scores import LEVEL_ANSWERS, VersionedAnswer
from ingredients.models import Statement

if TYPE_CHECKING:
    from datetime import date

    from areas.models import User

MOST_PRIORITIES = 6
TEXT_LENGTH, NEXT_LENGTH, REASON_LENGTH = 1000, 300, 500


class Kind(models.TextChoices):
    INTERNAL = "internal", "Internal"
    BOARD = "board", "With the partnership board"
    DFE = "dfe", "With DfE or NHS England"
    ANNUAL = "annual", "Annual engagement"
    AD_HOC = "ad_hoc", "Ad hoc"


# The record of these is agreed by DfE programme staff too.
WITH_PROGRAMME = (Kind.DFE, Kind.ANNUAL)


class CheckInQuerySet(FrozenWithAssessmentQuerySet):
    def visible_to(self, user: User) -> Self:
        """Those of areas in which this person takes part. DfE reads what an area has sent it."""
        takes_part = models.Q(area_id__in=user.area_ids_with(Permission.PROGRESS_SEE))
        if user.can_everywhere(Permission.PROGRAMME_SEE):
            return self.filter(
                takes_part | models.Q(kind__in=WITH_PROGRAMME, area_agreed_at__isnull=False)
            )
        return self.filter(takes_part)

    def planned(self) -> Self:
        """Not closed, and not called off."""
        return self.filter(closed_at__isnull=True, cancelled_at__isnull=True)

    def closed(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def of_programme(self) -> Self:
        """Of the kinds in which DfE takes part."""
        return self.filter(kind__in=WITH_PROGRAMME)

    def run_by(self, user: User) -> Self:
        """Those whose kind and day DfE programme staff may see, and which they run."""
        sees = user.can_everywhere(Permission.PROGRAMME_SEE)
        return self.of_programme() if sees else self.none()

    def sent_by(self, day: date) -> Self:
        """DfE's, and the area had agreed the record by the end of that day: DfE may read it."""
        return self.of_programme().filter(area_agreed_at__lt=midnight(day + timedelta(days=1)))

    def to_come(self, day: date) -> Self:
        """DfE's, and at the end of that day planned, not agreed by the area and not called off."""
        if day >= timezone.localdate():
            return self.of_programme().planned().filter(area_agreed_at__isnull=True)
        after = midnight(day + timedelta(days=1))
        return self.of_programme().filter(
            models.Q(area_agreed_at__isnull=True) | models.Q(area_agreed_at__gte=after),
            models.Q(cancelled_at__isnull=True) | models.Q(cancelled_at__gte=after),
            planned_at__lt=after,
        )

    def next_of(self, area_id: int, on: date) -> Self:
        """Those that are planned, on this day or later, the next one first."""
        return self.planned().filter(area=area_id, on__gte=on).order_by("on", "pk")


class CheckIn(VersionedAnswer):
    """One look at the priorities of an area against its last submitted picture.

    The area agrees the record, and for some kinds DfE too; then its facts are kept and nothing in
    it changes any more. `version` grows with each change of its kind, day or priorities.
    """

    FROZEN_WHEN = models.Q(closed_at__isnull=False)
    FROZEN_MESSAGE = "A check-in on which all agreed cannot be changed."

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="check_ins")
    kind = models.CharField(max_length=8, choices=Kind)
    on = models.DateField()
    baseline = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="check_ins", help_text="Compared with"
    )
    choice_reason = models.TextField(
        blank=True, help_text="Why other priorities than those proposed by rule"
    )
    planned_at = models.DateTimeField(default=timezone.now)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    area_agreed_at = models.DateTimeField(null=True, blank=True)
    area_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    programme_agreed_at = models.DateTimeField(null=True, blank=True)
    programme_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When the last had agreed")
    facts = models.JSONField(
        null=True, blank=True, help_text="What the record says, kept when it was closed"
    )

    objects: ClassVar[Any] = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        indexes = [
            models.Index(fields=["area", "-on"], name="check_in_of_area"),
            # Few of all, whatever the history: what DfE's queue and the grid look for.
            models.Index(
                fields=["area", "on"],
                name="check_in_of_queue",
                condition=models.Q(
                    kind__in=WITH_PROGRAMME, closed_at__isnull=True, cancelled_at__isnull=True
                ),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="check_in_kind_known", condition=models.Q(kind__in=Kind.values)
            ),
            both_or_neither("area_agreed_at", "area_agreed_by", name="check_in_area_at_with_by"),
            both_or_neither(
                "programme_agreed_at", "programme_agreed_by", name="check_in_programme_at_with_by"
            ),
            both_or_neither("cancelled_at", "cancelled_by", name="check_in_cancelled_at_with_by"),
            models.CheckConstraint(
                name="check_in_programme_agrees_after_area",
                condition=models.Q(programme_agreed_at__isnull=True)
                | models.Q(area_agreed_at__isnull=False, kind__in=WITH_PROGRAMME),
            ),
            models.CheckConstraint(
                name="check_in_closed_by_all_with_facts",
                condition=models.Q(closed_at__isnull=True, facts__isnull=True)
                | (
                    models.Q(
                        closed_at__isnull=False,
                        facts__isnull=False,
                        area_agreed_at__isnull=False,
                        cancelled_at__isnull=True,
                    )
                    & (
                        ~models.Q(kind__in=WITH_PROGRAMME)
                        | models.Q(programme_agreed_at__isnull=False)
                    )
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}: check-in of {self.on:%d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("assessments:check-in", args=[self.pk])

    @property
    def is_closed(self) -> bool:
        """All whose agreement it needs have agreed: it stays as it is."""
        return self.closed_at is not None

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def is_open(self) -> bool:
        """Whether the area still writes in it."""
        return self.area_agreed_at is None and self.cancelled_at is None

    @property
    def needs_programme(self) -> bool:
        return self.kind in WITH_PROGRAMME

    @property
    def waits_for_programme(self) -> bool:
        return self.needs_programme and self.area_agreed_at is not None and not self.is_closed


class CheckInPriority(VersionedAnswer):
    """What a check-in says of one statement. Without a level it is not yet re-confirmed."""

    FROZEN_WHEN = models.Q(check_in__closed_at__isnull=False)
    FROZEN_MESSAGE = CheckIn.FROZEN_MESSAGE

    check_in = models.ForeignKey(CheckIn, on_delete=models.CASCADE, related_name="priorities")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField()
    level = models.CharField(
        max_length=1, choices=[(a.value, a.label) for a in LEVEL_ANSWERS], blank=True
    )
    what_changed = models.TextField(blank=True)
    how_we_know = models.TextField(blank=True)
    evidence = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    blocker = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    body = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    next_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name_plural = "check-in priorities"
        constraints = [
            models.UniqueConstraint(
                fields=["check_in", "statement"], name="check_in_priority_once"
            ),
            models.CheckConstraint(
                name="check_in_priority_order",
                condition=models.Q(order__gte=1, order__lte=MOST_PRIORITIES),
            ),
            models.CheckConstraint(
                name="check_in_level_known",
                condition=models.Q(level__in=["", *(a.value for a in LEVEL_ANSWERS)]),
            ),
            models.CheckConstraint(
                name="check_in_level_says_how_we_know",
                condition=models.Q(level="") | ~models.Q(how_we_know=""),
            ),
            models.CheckConstraint(
                name="check_in_next_step_is_whole",
                condition=models.Q(next_step="", body__isnull=True, next_on__isnull=True)
                | (~models.Q(next_step="") & models.Q(body__isnull=False, next_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_in}, {self.statement}"

    @property
    def is_closed(self) -> bool:
        return self.check_in.is_closed
