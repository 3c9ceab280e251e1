"""Where families sat beside the agencies in each submitted assessment: what sector gaps count.

Kept apart from the other rows of a comparison, as it rests on partners' levels: read it by
`consented` alone. Worked out from the frozen facts, and checked and rebuilt as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from django.db import models

from assessments.models.pictures import SubmittedPicture
from assessments.readiness import FAMILY_SECTORS, Sits
from ingredients.models import Ingredient, Statement


class SectorGapQuerySet(models.QuerySet["SectorGap"]):
    def consented(self, pictures: Collection[int]) -> Self:
        """Of these pictures, those whose area lets DfE see each partner's scores as of now."""
        return self.filter(picture__in=pictures, picture__assessment__dfe_sees_partners=True)


class SectorGap(models.Model):
    """One family sector on one ingredient or one statement. No row where it cannot be compared."""

    picture = models.ForeignKey(SubmittedPicture, on_delete=models.CASCADE, related_name="+")
    sector = models.CharField(max_length=20)
    ingredient = models.ForeignKey(
        Ingredient, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    sits = models.CharField(max_length=6)

    objects = SectorGapQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sector_gap_of_ingredient_or_statement",
                condition=models.Q(ingredient__isnull=True, statement__isnull=False)
                | models.Q(ingredient__isnull=False, statement__isnull=True),
            ),
            models.CheckConstraint(
                name="sector_gap_words_known",
                condition=models.Q(sector__in=FAMILY_SECTORS, sits__in=[s.value for s in Sits]),
            ),
            models.UniqueConstraint(
                fields=["picture", "sector", "ingredient"], name="sector_gap_of_ingredient_once"
            ),
            models.UniqueConstraint(
                fields=["picture", "sector", "statement"], name="sector_gap_of_statement_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sector}, {self.ingredient or self.statement}: {self.sits}"
