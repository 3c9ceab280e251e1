from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone

from areas.models.append_only import AppendOnly, AppendOnlyQuerySet
from areas.permissions import Permission

if TYPE_CHECKING:
    from areas.models.people import User

# Every actor of an area by as many steps through the index as there are actors, not by reading
# the area's whole history.
ACTORS_IN_AREA = """
WITH RECURSIVE found(actor) AS (
  SELECT MIN(actor_id) FROM areas_auditevent WHERE area_id = %s AND audience NOT IN ('partner', 'programme')
  UNION ALL
  SELECT (SELECT MIN(actor_id) FROM areas_auditevent
          WHERE area_id = %s AND audience NOT IN ('partner', 'programme') AND actor_id > actor)
  FROM found WHERE actor IS NOT NULL
)
SELECT actor FROM found WHERE actor IS NOT NULL
"""


def midnight(day: date) -> datetime:
    """The moment at which a day begins here."""
    return timezone.make_aware(datetime.combine(day, time()))


class Audience(models.TextChoices):
    """Who reads of an act, for good: the reveal changes nothing about it.

    What a partner did while it scored apart stays with those who score for it. Before the reveal
    it could tell what the partner chose; after it, how often a volunteer had second thoughts, and
    at what time of night, is still nobody else's business. The scores themselves are in the report.
    """

    AREA = "area", "Everyone who takes part in the area"
    SCORERS = "scorers", "Those who see every partner's scores after the reveal"
    PARTNER = "partner", "Those who score for the partner"
    PROGRAMME = "programme", "DfE programme staff, and nobody in the area"


class AuditEventQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> Self:
        """The history as this person may read it, in every area where they take part."""
        takes_part = models.Q(area_id__in=user.area_ids_with(Permission.HISTORY_SEE))
        scores = models.Q(area_id__in=user.area_ids_with(Permission.SCORES_SEE))
        own = models.Q(partner_id__in=user.partner_ids(Permission.SCORE))
        return self.filter(
            (takes_part & models.Q(audience=Audience.AREA))
            | (scores & models.Q(audience=Audience.SCORERS))
            | (takes_part & own & models.Q(audience=Audience.PARTNER))
        )

    def told_to_programme(self, user: User) -> Self:
        """What is told to programme staff alone. Apart from the history of an area, so that it is
        not there even for somebody who is of both."""
        is_told = user.can_everywhere(Permission.NOTES_KEEP)
        return self.filter(audience=Audience.PROGRAMME) if is_told else self.none()

    def for_assessment(self, assessment_id: int) -> Self:
        return self.filter(assessment_id=assessment_id)

    def lately(self, area_id: int) -> Self:
        """Of an area, for a short list: without what people do while they score, one at a time."""
        return self.filter(area_id=area_id).exclude(audience=Audience.PARTNER)

    def on_days(self, first: date | None, last: date | None) -> Self:
        """Both days included; a missing one is no limit."""
        found = self.filter(at__gte=midnight(first)) if first else self
        return found.filter(at__lt=midnight(last + timedelta(days=1))) if last else found

    def older_than(self, event: AuditEvent) -> Self:
        """What comes after this event when the newest comes first."""
        later_in_list = models.Q(at__lt=event.at) | models.Q(pk__lt=event.pk)
        return self.filter(later_in_list, at__lte=event.at)

    def newer_than(self, event: AuditEvent) -> Self:
        """What comes before this event when the newest comes first, the nearest first."""
        earlier_in_list = models.Q(at__gt=event.at) | models.Q(pk__gt=event.pk)
        return self.filter(earlier_in_list, at__gte=event.at).order_by("at", "pk")

    def actors_in(self, area_id: int) -> RawSQL:
        """The ids of everyone who ever did something in an area that is not for one partner alone."""
        return RawSQL(ACTORS_IN_AREA, [area_id, area_id])  # noqa: S611 -- no text of anybody's in it


class AuditEvent(AppendOnly):
    """One act, in words, with the names as they were. No foreign key to what it describes.

    It never holds a partner's level or reason: the log must not be a way to read scores
    before the reveal.
    """

    ROWS = "Audit events"

    at = models.DateTimeField(default=timezone.now)
    verb = models.CharField(max_length=40)
    sentence = models.TextField()
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.AREA)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=120)
    area_id = models.BigIntegerField(null=True, blank=True)
    area_code = models.CharField(max_length=3, blank=True)
    assessment_id = models.BigIntegerField(null=True, blank=True)
    partner_id = models.BigIntegerField(null=True, blank=True)
    statement = models.CharField(max_length=60, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects: ClassVar[AuditEventQuerySet] = AuditEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="audit_audience_known", condition=models.Q(audience__in=Audience.values)
            ),
            models.CheckConstraint(
                name="audit_partner_audience_has_partner",
                condition=~models.Q(audience="partner") | models.Q(partner_id__isnull=False),
            ),
        ]
        # One for each filter of the history page, each in the order in which the page reads.
        indexes = [
            models.Index(fields=["area_id", "-at", "-id"], name="audit_area"),
            models.Index(fields=["area_id", "actor_id", "-at", "-id"], name="audit_actor"),
            models.Index(fields=["area_id", "verb", "-at", "-id"], name="audit_verb"),
            models.Index(
                fields=["partner_id", "-at", "-id"],
                name="audit_partner",
                condition=models.Q(partner_id__isnull=False),
            ),
            models.Index(
                fields=["assessment_id", "-at", "-id"],
                name="audit_assessment",
                condition=models.Q(assessment_id__isnull=False),
            ),
            models.Index(
                fields=["area_id", "statement", "-at", "-id"],
                name="audit_statement",
                condition=~models.Q(statement=""),
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def act(self) -> str:
        """The sentence without the person, whose name it begins with."""
        return self.sentence.removeprefix(self.actor_name).strip()

    @property
    def reason(self) -> str:
        """Why, where the person had to say so."""
        said: str = self.details.get("reason", "")
        return said
