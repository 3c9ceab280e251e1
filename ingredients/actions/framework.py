"""Load, publish and retire a framework version."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from ingredients.actions.files import FrameworkFiles, differences, read_framework
from ingredients.models import (
    Framework,
    FrameworkSource,
    Ingredient,
    LevelDescriptor,
    Measure,
    SourcePoint,
    Statement,
    StatementMap,
)

REFERENCE_FIELDS = (
    "source", "licence", "levels", "states", "dimensions", "scoring_guidance", "terms", "sectors",
    "field_notes", "rule", "locale",
)  # fmt: skip


class VersionExistsError(Exception):
    """The same version was loaded before with other content. `differences` says where."""

    def __init__(self, framework: Framework, found: list[str]) -> None:
        self.differences = found
        super().__init__(
            f"{framework} is loaded already with other content. Give the new content a new "
            f"version number. {len(found)} differences:\n" + "\n".join(found)
        )


@transaction.atomic
def load_framework(*, folder: Path) -> tuple[Framework, bool]:
    """Load a framework version as a draft, or find that the same content is there already.

    Returns the framework and whether it was made now. Raises FrameworkFilesError with every
    fault in the files, or VersionExistsError where that version has other content. Either all
    of it is loaded or nothing.
    """
    files = read_framework(folder, _content_of)
    slug, version = files.framework["id"], files.framework["version"]
    existing = Framework.objects.filter(slug=slug, version=version).first()
    if existing is None:
        return _create(files), True
    if existing.fingerprint != files.fingerprint:
        old = json.loads(FrameworkSource.objects.get(framework=existing).canonical)
        raise VersionExistsError(existing, list(differences(old, json.loads(files.canonical))))
    return existing, False


def publish(*, framework: Framework, at: datetime | None = None) -> None:
    """Publish a draft: from now on its content never changes, and new assessments may pin it.

    Raises ValueError when it is not a draft.
    """
    changed = Framework.objects.filter(pk=framework.pk, status=Framework.Status.DRAFT).update(
        status=Framework.Status.PUBLISHED, published_at=at or timezone.now()
    )
    if changed != 1:
        raise ValueError("status: only a draft can be published")
    framework.refresh_from_db()


def retire(*, framework: Framework, at: datetime | None = None) -> None:
    """Retire a published version: no new assessment pins it, old ones keep it.

    Raises ValueError when it is not published.
    """
    changed = Framework.objects.filter(pk=framework.pk, status=Framework.Status.PUBLISHED).update(
        status=Framework.Status.RETIRED, retired_at=at or timezone.now()
    )
    if changed != 1:
        raise ValueError("status: only a published framework can be retired")
    framework.refresh_from_db()


def _content_of(slug: str, version: int) -> dict[str, Any] | None:
    """The whole content of a version as it was loaded; None where it was not."""
    rows = FrameworkSource.objects.filter(framework__slug=slug, framework__version=version)
    kept = rows.values_list("canonical", flat=True).first()
    found: dict[str, Any] | None = json.loads(kept) if kept else None
    return found


def _create(files: FrameworkFiles) -> Framework:
    data = files.framework
    framework = Framework.objects.create(
        slug=data["id"],
        version=data["version"],
        title=data["title"],
        plain_title=data["plain_title"],
        summary=data["summary"],
        plain_summary=data["plain_summary"],
        content={
            **{field: data[field] for field in REFERENCE_FIELDS if field in data},
            "commitment": files.commitment,
            "features": files.source_points.get("features", []),
            "measure_guidance": files.measures.get("guidance", []),
            "measure_sources": files.measures.get("sources", {}),
        },
        fingerprint=files.fingerprint,
    )
    FrameworkSource.objects.create(framework=framework, canonical=files.canonical)
    for ingredient in files.ingredients:
        _create_ingredient(framework, ingredient)
    SourcePoint.objects.bulk_create(
        SourcePoint(
            framework=framework,
            order=order,
            code=point["id"],
            ingredient_slug=point.get("ingredient") or "",
            scope=point["scope"],
            text=point["text"],
            covered_by=point["covered_by"],
            parts=point.get("parts", []),
        )
        for order, point in enumerate(files.source_points["points"], start=1)
    )
    Measure.objects.bulk_create(
        Measure(
            framework=framework,
            order=order,
            slug=measure["id"],
            **{key: value for key, value in measure.items() if key != "id"},
        )
        for order, measure in enumerate(files.measures["measures"], start=1)
    )
    rows = files.map["statements"] if files.map else []
    StatementMap.objects.bulk_create(
        StatementMap(framework=framework, order=order, **row)
        for order, row in enumerate(rows, start=1)
    )
    return framework


def _create_ingredient(framework: Framework, data: dict[str, Any]) -> None:
    plain = {key: value for key, value in data.items() if key not in {"id", "statements"}}
    ingredient = Ingredient.objects.create(framework=framework, slug=data["id"], **plain)
    renamed = {"id", "statement", "levels"}
    for number, statement in enumerate(data["statements"], start=1):
        row = Statement.objects.create(
            ingredient=ingredient,
            number=number,
            slug=statement["id"],
            text=statement["statement"],
            **{key: value for key, value in statement.items() if key not in renamed},
        )
        LevelDescriptor.objects.bulk_create(
            LevelDescriptor(statement=row, level=int(level), text=text.strip())
            for level, text in statement["levels"].items()
        )
