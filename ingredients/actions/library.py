"""Load the public libraries and the policy pages from their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.text import slugify

from ingredients.actions.files import SafeLoader
from ingredients.models import GlossaryTerm, Guidance, Page, SupportPackage

PAGE_FILES = {
    Page.Slug.HELP: "help.md",
    Page.Slug.ACCESSIBILITY: "accessibility-statement.md",
    Page.Slug.PRIVACY: "privacy-notice.md",
    Page.Slug.COOKIES: "cookies.md",
}


@transaction.atomic
def load_library(*, folder: Path) -> dict[str, int]:
    """Load guidance, support packages, glossary and pages; the number of each loaded.

    Items are found again by their id and brought up to date. A page that exists is left alone,
    because the host fills in its own details there.
    """
    return {
        "guidance": _load_guidance(_items(folder, "guidance", "items")),
        "support packages": _load_packages(_items(folder, "support_packages", "packages")),
        "glossary terms": _load_glossary(_items(folder, "glossary", "terms")),
        "pages": _load_pages(folder / "pages"),
    }


def _items(folder: Path, name: str, key: str) -> list[dict[str, Any]]:
    text = (folder / f"{name}.yaml").read_text("utf-8")
    items: list[dict[str, Any]] = yaml.load(text, Loader=SafeLoader)[key]  # noqa: S506 -- it is safe
    return items


def _shared(item: dict[str, Any], order: int) -> dict[str, Any]:
    return {
        "order": order,
        "title": item["title"],
        "provider": item["provider"],
        "address": item["address"],
        "ingredient_list": "|" + "|".join(item["ingredients"]) + "|",
        "standing": item["status"],
        "note": item.get("note") or "",
    }


def _load_guidance(items: list[dict[str, Any]]) -> int:
    for order, item in enumerate(items, start=1):
        Guidance.objects.update_or_create(
            slug=item["id"],
            defaults={
                **_shared(item, order),
                "kind": item["kind"],
                "summary": item["summary"],
                "lowest_level": item["level_band"][0],
                "highest_level": item["level_band"][1],
                "reading_minutes": item["reading_minutes"],
                "last_seen": item["last_seen"],
            },
        )
    return len(items)


def _load_packages(items: list[dict[str, Any]]) -> int:
    copied = (
        "term",
        "typical_length",
        "commitment_needed",
        "helps_when",
        "outcome",
        "cost",
        "source",
    )
    for order, item in enumerate(items, start=1):
        SupportPackage.objects.update_or_create(
            slug=item["id"],
            defaults={
                **_shared(item, order),
                **{field: item[field] for field in copied},
                "check_in_pattern": item["check_in_pattern"],
                "regions": item.get("regions") or [],
            },
        )
    return len(items)


def _load_glossary(items: list[dict[str, Any]]) -> int:
    for order, item in enumerate(items, start=1):
        GlossaryTerm.objects.update_or_create(
            slug=slugify(item["term"]),
            defaults={
                "order": order,
                "term": item["term"],
                "acronym": item["acronym"] or "",
                "aliases": item["aliases"],
                "alias_text": ", ".join(item["aliases"]),
                "meaning": item["meaning"],
                "plain": item["plain"],
                "see_also": item["see_also"],
                "source": item["source"] or "",
                "auto_link": item.get("auto_link", True),
                "own_term": item.get("own_term", False),
            },
        )
    return len(items)


def _load_pages(folder: Path) -> int:
    for slug, name in PAGE_FILES.items():
        Page.objects.get_or_create(
            slug=slug, defaults={"markdown": (folder / name).read_text("utf-8")}
        )
    return len(PAGE_FILES)
