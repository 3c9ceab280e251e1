from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse

from areas.permissions import Permission, roles_with

if TYPE_CHECKING:
    from areas.models.people import User


class Sector(models.TextChoices):
    """Who a partner speaks for. Codes, names and which are required follow sectors.yaml (tested)."""

    LOCAL_AUTHORITY = "local_authority", "Council"
    HEALTH = "health", "Health"
    SOCIAL_CARE = "social_care", "Social care"
    SCHOOLS = "schools", "Schools"
    PARENT_CARERS = "parent_carers", "Parent carers"
    YOUNG_PEOPLE = "young_people", "Young people"
    EARLY_YEARS = "early_years", "Early years"
    POST16 = "post16", "Post-16"
    VOLUNTARY_SECTOR = "voluntary_sector", "Voluntary sector"

    @property
    def code(self) -> str:
        return SECTOR_CODES[self]

    @property
    def is_required(self) -> bool:
        return self in REQUIRED_SECTORS

    @property
    def is_family(self) -> bool:
        return self in FAMILY_SECTORS

    @classmethod
    def position(cls, value: str) -> int:
        """Partner order on every page: council first, then as listed."""
        return list(cls.values).index(value)


SECTOR_CODES = {
    Sector.LOCAL_AUTHORITY: "C",
    Sector.HEALTH: "H",
    Sector.SOCIAL_CARE: "SC",
    Sector.SCHOOLS: "S",
    Sector.PARENT_CARERS: "PC",
    Sector.YOUNG_PEOPLE: "YP",
    Sector.EARLY_YEARS: "EY",
    Sector.POST16: "P16",
    Sector.VOLUNTARY_SECTOR: "VS",
}
# The ONS's codes of the regions of England, by name as in areas.csv.
REGION_CODES = {
    "North East": "E12000001",
    "North West": "E12000002",
    "Yorkshire and The Humber": "E12000003",
    "East Midlands": "E12000004",
    "West Midlands": "E12000005",
    "East of England": "E12000006",
    "London": "E12000007",
    "South East": "E12000008",
    "South West": "E12000009",
}
# In the order in which rules and pages name them.
REQUIRED_SECTORS = (
    Sector.LOCAL_AUTHORITY,
    Sector.HEALTH,
    Sector.SOCIAL_CARE,
    Sector.PARENT_CARERS,
)
FAMILY_SECTORS = frozenset({Sector.PARENT_CARERS, Sector.YOUNG_PEOPLE})


class AreaQuerySet(models.QuerySet["Area"]):
    def visible_to(self, user: User) -> Self:
        """Own areas. Programme staff see all areas, but never a draft in them."""
        if user.can_everywhere(Permission.PROGRAMME_SEE):
            return self.all()
        return self.filter(pk__in=user.area_ids)

    def demonstration(self) -> Self:
        return self.filter(is_demonstration=True)


class Area(models.Model):
    """One council's footprint."""

    dfe_code = models.CharField(max_length=3, unique=True)
    gss_code = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=120)
    region = models.CharField(max_length=60)
    is_demonstration = models.BooleanField(
        default=False, help_text="Not a real place. Every page of the area says so."
    )

    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="area_code_is_real_or_demonstration",
                condition=models.Q(is_demonstration=True, dfe_code__startswith="D")
                | (models.Q(is_demonstration=False) & ~models.Q(dfe_code__startswith="D")),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("assessments:area-home", args=[self.dfe_code])


class AreaCode(models.Model):
    """Codes that an area, or the areas it was made from, had before."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="codes")
    dfe_code = models.CharField(max_length=3)
    gss_code = models.CharField(max_length=9)
    name = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["area", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["area", "gss_code"], name="area_code_unique"),
            models.CheckConstraint(
                name="area_code_dates_in_order",
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gss_code} {self.name}"


class StatisticalNeighbour(models.Model):
    """One of the ten areas most like an area, as the DfE's model names them: a starting point for a
    comparison, never the whole of it. Not the same both ways."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="neighbours")
    neighbour = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField(help_text="1 is the closest")
    closeness = models.CharField(max_length=20)

    class Meta:
        ordering = ["area", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["area", "neighbour"], name="neighbour_once"),
            models.CheckConstraint(
                name="neighbour_is_another_area",
                condition=~models.Q(area=models.F("neighbour")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}, {self.rank}: {self.neighbour}"


class PartnerQuerySet(models.QuerySet["Partner"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(area_id__in=user.area_ids)

    def open_on(self, day: date) -> Self:
        return self.filter(opened_on__lte=day).filter(
            models.Q(closed_on__isnull=True) | models.Q(closed_on__gt=day)
        )

    def with_people(self) -> Self:
        """Adds `scorers` and `signers`: how many people with an open account may do that for it."""
        return self.annotate(
            scorers=_people_who(Permission.SCORE), signers=_people_who(Permission.SIGN)
        )

    def in_order(self) -> list[Partner]:
        """Council first, then as the sectors are listed, then by name."""
        return sorted(self, key=lambda row: (Sector.position(row.sector), row.name))


def _people_who(permission: Permission) -> models.Count:
    return models.Count(
        "memberships__user",
        filter=models.Q(
            memberships__role__in=roles_with(permission), memberships__user__is_active=True
        ),
        distinct=True,
    )


class Partner(models.Model):
    """An organisation or group in an area, of one sector. Closed when it merges, never deleted."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="partners")
    sector = models.CharField(max_length=20, choices=Sector)
    name = models.CharField(max_length=160)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    # Two that merge may both be replaced by one.
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="replaces", null=True, blank=True
    )

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["area", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "name"],
                condition=models.Q(closed_on__isnull=True),
                name="partner_name_unique_while_open",
                violation_error_message="This area already has a partner with this name.",
            ),
            models.CheckConstraint(
                name="partner_dates_in_order",
                condition=models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gte=models.F("opened_on")),
            ),
            models.CheckConstraint(
                name="partner_sector_known", condition=models.Q(sector__in=Sector.values)
            ),
            models.CheckConstraint(
                name="partner_replaced_is_closed",
                condition=models.Q(replaced_by__isnull=True)
                | (models.Q(closed_on__isnull=False) & ~models.Q(replaced_by=models.F("id"))),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sector_enum(self) -> Sector:
        return Sector(self.sector)

    def is_closed_on(self, day: date) -> bool:
        return self.closed_on is not None and self.closed_on <= day

    @property
    def has_work(self) -> bool:
        """Whether anything was done for it, such as a return or evidence that it owns.

        Asked of whatever refers to it: this app does not know what others keep.
        """
        others = (
            relation.field
            for relation in self._meta.get_fields(include_hidden=True)
            if isinstance(relation, models.ManyToOneRel)
        )
        return any(
            field.model._base_manager.filter(**{field.name: self}).exists()  # noqa: SLF001
            for field in others
            if field.model._meta.app_label != self._meta.app_label  # noqa: SLF001
        )
