from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from areas.models import Area, Partner
from areas.permissions import Permission
from assessments.models.assessments import Assessment
from assessments.models.guards import (
    FrozenWithAssessment,
    FrozenWithAssessmentQuerySet,
    both_or_neither,
)
from assessments.models.returns import PartnerReturn
from ingredients.models import Statement
from send_portal.uploads import FileType

if TYPE_CHECKING:
    from datetime import date

    from areas.models import User


SEARCHED = ("title", "shows", "file_name")
MOST_WORDS = 8


class EvidenceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The library of areas in which this person takes part."""
        return self.filter(area_id__in=user.area_ids_with(Permission.PROGRESS_SEE))

    def offered(self) -> Self:
        """What may still be laid beside a statement."""
        return self.filter(retired_at__isnull=True)

    def retired(self) -> Self:
        return self.filter(retired_at__isnull=False)

    def lapsed(self, on: date) -> Self:
        """Out of date on this day: what has no review date never is."""
        return self.filter(review_on__lte=on)

    def lapsing(self, after: date, until: date) -> Self:
        """In date on the first day, and out of date on the last."""
        return self.filter(review_on__gt=after, review_on__lte=until)

    def search(self, words: str) -> Self:
        """Each of the words in the title, the file’s name or what it shows."""
        found = self
        for word in words.split()[:MOST_WORDS]:
            condition = models.Q()
            for field in SEARCHED:
                condition |= models.Q(**{f"{field}__icontains": word})
            found = found.filter(condition)
        return found


FILE_FIELDS = ("stored_as", "file_name", "file_type", "file_sha256")


def is_file_or_link() -> models.Q:
    no_file = models.Q(**dict.fromkeys(FILE_FIELDS, ""), file_size__isnull=True)
    whole_file = models.Q(file_type__in=FileType.values, file_size__gt=0)
    for field in FILE_FIELDS:
        whole_file &= ~models.Q(**{field: ""})
    return (no_file & ~models.Q(address="")) | (whole_file & models.Q(address=""))


class Evidence(models.Model):
    """One document or page that shows something. It may serve many statements and cycles.

    It is a file that we keep or a link, never both. A file stays as it is: what was signed must
    be what can still be opened. `version` grows by one with each change of the other fields.
    """

    class Kind(models.TextChoices):
        POLICY = "policy", "Policy or agreement"
        PLAN = "plan", "Plan or strategy"
        MINUTES = "minutes", "Minutes or terms of reference"
        DATA = "data", "Data or dashboard"
        AUDIT = "audit", "Audit or review"
        FEEDBACK = "feedback", "What families, young people or staff said"
        OTHER = "other", "Something else"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.URLField(max_length=500, blank=True)
    stored_as = models.CharField(
        max_length=60, blank=True, help_text="The file's random name in the store"
    )
    file_name = models.CharField(
        max_length=120, blank=True, help_text="The file's own name, made safe"
    )
    file_type = models.CharField(max_length=4, choices=FileType, blank=True)
    file_size = models.PositiveIntegerField(null=True, blank=True, help_text="Bytes")
    file_sha256 = models.CharField(max_length=64, blank=True)
    shows = models.TextField()
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    dated_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(name="evidence_file_or_link", condition=is_file_or_link()),
            models.CheckConstraint(
                name="evidence_dates_in_order",
                condition=models.Q(dated_on__isnull=True)
                | models.Q(review_on__isnull=True)
                | models.Q(review_on__gte=models.F("dated_on")),
            ),
            models.UniqueConstraint(
                fields=["stored_as"],
                condition=~models.Q(stored_as=""),
                name="evidence_file_of_one_item",
            ),
            both_or_neither("retired_at", "retired_by", name="evidence_retired_at_with_by"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("assessments:evidence-item", args=[self.area.dfe_code, self.pk])

    @property
    def opens_at(self) -> str:
        """Where a person reads it."""
        return self.address or reverse(
            "assessments:evidence-file", args=[self.area.dfe_code, self.pk]
        )

    @property
    def is_file(self) -> bool:
        return bool(self.stored_as)

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def is_in_date(self, day: date) -> bool:
        return self.review_on is None or self.review_on > day


class EvidenceLinkQuerySet(FrozenWithAssessmentQuerySet):
    def visible_to(self, user: User) -> Self:
        """A partner's links are its own alone until the reveal. From then on whoever sees every
        partner's scores sees them too, and from sign-off on whoever reads the draft."""
        revealed = models.Q(assessment__revealed_at__isnull=False)
        drafted = models.Q(
            assessment__stage__in=[Assessment.Stage.SIGN_OFF, Assessment.Stage.SUBMITTED]
        )
        return self.filter(
            models.Q(partner_return__partner_id__in=user.partner_ids(Permission.SCORE))
            | revealed & models.Q(assessment__area_id__in=user.area_ids_with(Permission.SCORES_SEE))
            | drafted & models.Q(assessment__area_id__in=user.area_ids_with(Permission.DRAFT_SEE))
        )


class EvidenceLink(FrozenWithAssessment):
    """Evidence laid beside a statement in one assessment. Linked by a partner while it scores
    (seen by that partner alone until the reveal), or by the meeting."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="evidence_links"
    )
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="links")
    partner_return = models.ForeignKey(
        PartnerReturn,
        on_delete=models.PROTECT,
        related_name="evidence_links",
        null=True,
        blank=True,
    )
    linked_at = models.DateTimeField(default=timezone.now)
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = EvidenceLinkQuerySet.as_manager()

    class Meta:
        ordering = ["linked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "assessment",
                "statement",
                "evidence",
                Coalesce("partner_return", 0, output_field=models.BigIntegerField()),
                name="evidence_link_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.evidence} for {self.statement}"
