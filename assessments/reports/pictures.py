"""The rows that a comparison of areas reads, worked out from frozen facts and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict

from assessments.models import (
    Assessment,
    SectorGap,
    StoredReport,
    SubmittedAnswer,
    SubmittedLevel,
    SubmittedPicture,
)
from assessments.readiness import Mark, Picture, sector_gaps
from assessments.reports.facts import Facts, picture_of
from ingredients.models import Framework

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PictureRows:
    """Columns of one picture; of its ingredients and of its statements by slug. `gaps` says where
    a family sector sits, by the sector and the slug of either."""

    picture: Values
    levels: dict[str, Values]
    answers: dict[str, Values]
    gaps: dict[tuple[str, str], str]


def rows_of(facts: Facts, framework: Framework) -> PictureRows:
    """What the facts of a submitted assessment come to. Partners are counted and not named."""
    picture = picture_of(facts, framework)
    coverage, evidence, returns = picture.coverage, picture.evidence_coverage, picture.returns
    return PictureRows(
        picture={
            "submitted_on": date.fromisoformat(facts["assessment"]["submitted_on"]),
            "version": (facts.get("correction") or {}).get("version", 1),
            "rule_version": facts["rule"],
            "band": picture.band.value,
            "confidence": picture.confidence.value,
            "contested": picture.contested,
            "levelled": coverage.levelled,
            "applicable": coverage.applicable,
            "evidenced": evidence.evidenced,
            "claimed": evidence.claimed,
            "returns_submitted": returns.submitted,
            "partners_invited": returns.invited,
        },
        levels={
            slug: {
                "level": row.level,
                "is_limiting": slug in picture.limiting,
                "is_contested": Mark.CONTESTED in row.marks,
                "is_not_evidenced": Mark.NOT_EVIDENCED in row.marks,
            }
            for slug, row in picture.ingredients.items()
        },
        answers={
            slug: {
                "answer": "" if row.agreed is None else str(row.agreed),
                "counts_as": row.evidenced_level,
                "is_contested": row.contested,
                "is_not_evidenced": row.not_evidenced,
            }
            for slug, row in picture.statements.items()
        },
        gaps=_gaps(facts, picture),
    )


def _gaps(facts: Facts, picture: Picture) -> dict[tuple[str, str], str]:
    """By place on each ingredient, and by level of each statement."""
    sectors = {row["id"]: row["sector"] for row in facts["partners"]}
    levels = {slug: row.places for slug, row in picture.ingredients.items()}
    levels |= {slug: dict(row.agreement.levels) for slug, row in picture.statements.items()}
    return {
        (sector, slug): sits.value
        for slug, given in levels.items()
        for sector, sits in sector_gaps(given, sectors).items()
    }


def keep_picture(stored: StoredReport) -> None:
    """Keep the rows of a report that has just been submitted; the version that it corrects counts
    no more from that day on."""
    keep_pictures([stored])


@transaction.atomic
def keep_pictures(reports: Iterable[StoredReport]) -> int:
    """Work out and keep the rows of these reports, in place of those there were; how many reports.

    Corrected reports must be among them or be kept already.
    """
    pictures, levels, answers, gaps = [], [], [], []
    for stored in reports:
        assessment, framework = stored.assessment, stored.assessment.content
        rows = rows_of(json.loads(stored.facts), framework)
        pk = assessment.pk
        pictures.append(
            SubmittedPicture(
                assessment_id=pk,
                area_id=assessment.area_id,
                framework_id=assessment.framework_id,
                **rows.picture,
            )
        )
        ids = {row.slug: row.pk for row in framework.all_ingredients}
        levels += [
            SubmittedLevel(picture_id=pk, ingredient_id=ids[slug], **row)
            for slug, row in rows.levels.items()
        ]
        inside = {row.slug: row.pk for row in framework.all_statements}
        answers += [
            SubmittedAnswer(picture_id=pk, statement_id=inside[slug], **row)
            for slug, row in rows.answers.items()
        ]
        gaps += [
            SectorGap(
                picture_id=pk,
                sector=sector,
                ingredient_id=ids.get(slug),
                statement_id=inside.get(slug),
                sits=sits,
            )
            for (sector, slug), sits in rows.gaps.items()
        ]
    SubmittedPicture.objects.filter(pk__in=[row.pk for row in pictures]).delete()
    SubmittedPicture.objects.bulk_create(pictures, batch_size=500)
    SubmittedLevel.objects.bulk_create(levels, batch_size=2000)
    SubmittedAnswer.objects.bulk_create(answers, batch_size=2000)
    SectorGap.objects.bulk_create(gaps, batch_size=2000)
    _mark_replaced([row.pk for row in pictures])
    return len(pictures)


def _mark_replaced(ids: list[int]) -> None:
    """Every picture among these that a submitted correction replaced, and every one that a
    correction among these replaces."""
    corrections = Assessment.objects.submitted().filter(corrects__isnull=False)
    found = corrections.filter(pk__in=ids) | corrections.filter(corrects__in=ids)
    kept = SubmittedPicture.objects.filter(pk__in=found.values("pk"))
    for corrected, day in kept.values_list("assessment__corrects", "submitted_on"):
        SubmittedPicture.objects.filter(pk=corrected).update(replaced_on=day)


def picture_problems(stored: StoredReport, facts: Facts) -> Iterator[str]:
    """Where the kept rows are not what the facts come to, in one sentence."""
    picture = SubmittedPicture.objects.filter(pk=stored.assessment_id).first()
    if picture is None:
        yield "it is missing from the comparison of areas"
        return
    assessment, framework = stored.assessment, stored.assessment.content
    rows = rows_of(facts, framework)
    correction = SubmittedPicture.objects.filter(assessment__corrects=assessment).first()
    wanted = rows.picture | {
        "area": assessment.area_id,
        "framework": assessment.framework_id,
        "replaced_on": correction and correction.submitted_on,
    }
    levels = {row.ingredient_id: row for row in picture.levels.all()}
    answers = {row.statement_id: row for row in picture.answers.all()}
    same = (
        model_to_dict(picture, wanted) == wanted
        and rows.levels == _by_slug(framework.all_ingredients, levels)
        and rows.answers == _by_slug(framework.all_statements, answers)
        and rows.gaps == _kept_gaps(picture)
    )
    if not same:
        yield "its rows in the comparison of areas are not what its facts come to"


def _kept_gaps(picture: SubmittedPicture) -> dict[tuple[str, str], str]:
    rows = SectorGap.objects.filter(picture=picture)
    keys = ("sector", "ingredient__slug", "statement__slug", "sits")
    return {
        (sector, ingredient or statement): sits
        for sector, ingredient, statement, sits in rows.values_list(*keys)
    }


def _by_slug(parts: Iterable[Any], rows: dict[int, Any]) -> dict[str, Values]:
    """The kept rows as `rows_of` gives them. One that is missing has no values."""
    hidden = {"id", "picture", "ingredient", "statement"}
    return {
        part.slug: model_to_dict(rows[part.pk], exclude=hidden) if part.pk in rows else {}
        for part in parts
    }
