from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from areas.models import Membership, Partner, Sector
from areas.permissions import Permission, roles_with
from assessments.models.assessments import Assessment
from assessments.models.guards import (
    FrozenWithAssessment,
    FrozenWithAssessmentQuerySet,
    both_or_neither,
)

if TYPE_CHECKING:
    from areas.models import User


class PartnerReturnQuerySet(FrozenWithAssessmentQuerySet):
    def visible_to(self, user: User) -> Self:
        """Own partner's return. Others' returns are never pages, only rows on the agenda."""
        return self.filter(partner_id__in=user.partner_ids(Permission.SCORE))

    def submitted(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def with_progress(self) -> Self:
        """Adds `answered`: how many statements have an answer. A count, never which answer."""
        given = models.Count("scores", filter=~models.Q(scores__answer=""))
        # Said here, as Django leaves the model's own order out of a query that counts.
        return self.annotate(answered=given).order_by("assessment_id", "order")

    def with_people(self) -> Self:
        """Adds `has_people`: whether somebody with an open account may score for the partner."""
        scorers = Membership.objects.filter(
            partner=models.OuterRef("partner"),
            role__in=roles_with(Permission.SCORE),
            user__is_active=True,
        )
        return self.annotate(has_people=models.Exists(scorers))

    def with_signature(self) -> Self:
        """Adds `has_signed`: whether a signature of the partner stands."""
        signed = PartnerReturn.objects.filter(
            pk=models.OuterRef("pk"), sign_offs__isnull=False, sign_offs__voided_at__isnull=True
        )
        return self.annotate(has_signed=models.Exists(signed))


class PartnerReturn(FrozenWithAssessment):
    """One partner's set of scores in one assessment. Sector and name stay as they were."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="returns")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="returns")
    sector = models.CharField(max_length=20, choices=Sector)
    name = models.CharField(max_length=160)
    short_name = models.CharField(
        max_length=40, help_text="Council, or Health 2 where a sector has two"
    )
    code = models.CharField(max_length=6, help_text="C, or H2 where a sector has two")
    order = models.PositiveSmallIntegerField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    grace_until = models.DateField(
        null=True, blank=True, help_text="The last day to score, where the lead gave more time"
    )
    grace_reason = models.TextField(blank=True)
    grace_at = models.DateTimeField(null=True, blank=True)
    grace_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects: ClassVar[Any] = PartnerReturnQuerySet.as_manager()

    class Meta:
        ordering = ["assessment_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "partner"], name="return_once_per_partner"
            ),
            models.UniqueConstraint(fields=["assessment", "code"], name="return_code_unique"),
            both_or_neither("submitted_at", "submitted_by", name="return_submitted_at_with_by"),
            both_or_neither("grace_until", "grace_at", "grace_by", name="return_grace_with_at_by"),
            models.CheckConstraint(
                name="return_grace_with_reason",
                condition=models.Q(grace_until__isnull=True, grace_reason="")
                | (models.Q(grace_until__isnull=False) & ~models.Q(grace_reason="")),
            ),
            models.CheckConstraint(
                name="return_sector_known", condition=models.Q(sector__in=Sector.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None

    @property
    def closes_on(self) -> date:
        """The last day on which this partner may score: until midnight, London time."""
        closes = self.assessment.scoring_closes_on
        return max(closes, self.grace_until) if self.grace_until else closes

    @property
    def has_grace(self) -> bool:
        return self.closes_on > self.assessment.scoring_closes_on

    @property
    def is_late(self) -> bool:
        """Not submitted, though the day has passed; until the lead gives more time, closed."""
        waits = self.assessment.is_scoring and not self.is_submitted
        return waits and timezone.localdate() > self.closes_on

    @property
    def is_open(self) -> bool:
        """Whether this partner may still answer and submit."""
        return self.assessment.is_scoring and not self.is_submitted and not self.is_late

    @property
    def may_be_taken_back(self) -> bool:
        """After its last day a partner could not submit again, so it keeps what it submitted."""
        in_time = timezone.localdate() <= self.closes_on
        return self.assessment.is_scoring and self.is_submitted and in_time

    @property
    def is_family(self) -> bool:
        return Sector(self.sector).is_family

    @property
    def is_required(self) -> bool:
        return Sector(self.sector).is_required

    @property
    def asked(self) -> int:
        """How many statements this partner is asked."""
        return len(self.assessment.statements_for(self.sector))
