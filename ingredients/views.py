"""The public pages: the framework, the libraries, help and policies."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ingredients.forms import GuidanceFilter, SearchFilter, SupportFilter
from ingredients.models import (
    Framework,
    GlossaryTerm,
    Guidance,
    Ingredient,
    LibraryItem,
    Measure,
    Page,
    SourcePoint,
    StatementMap,
    SupportPackage,
    framework_with_content,
)

# The framework names sectors by id. Their words follow sectors.yaml (tested).
SECTOR_NAMES = {
    "local_authority": "Council",
    "health": "Health",
    "social_care": "Social care",
    "schools": "Schools",
    "parent_carers": "Parent carers",
    "young_people": "Young people",
}


def get_framework(request: HttpRequest) -> tuple[Framework, dict[str, Any]]:
    """The current version, or an older published one by `?version=`; and what its pages say of it."""
    current = Framework.objects.current()
    version = request.GET.get("version", "")
    if not version:
        found = current
    elif version.isdecimal() and len(version) < 5:
        found = (
            Framework.objects.exclude(status=Framework.Status.DRAFT).filter(version=version).first()
        )
    else:
        found = None
    if found is None:
        raise Http404("No such framework version is published.")
    is_current = found == current
    words = {"is_current": is_current, "query": "" if is_current else f"?version={found.version}"}
    return framework_with_content(found.pk), words


def changes_of(found: Framework) -> list[tuple[str, str, str]]:
    """What the map of a version says of each statement that is not the same: in words, its title
    before and its title now. Nothing for a version that declares no map."""
    rows = list(found.map_rows.exclude(kind=StatementMap.Kind.SAME)) if found.version > 1 else []
    if not rows:
        return []
    pk = Framework.objects.values_list("pk", flat=True).get(
        slug=found.slug, version=found.version - 1
    )
    before, now = framework_with_content(pk).statement_by_slug, found.statement_by_slug
    return [
        (
            row.get_kind_display(),
            before[row.before].title if row.before else "",
            now[row.after].title if row.after else "",
        )
        for row in rows
    ]


@login_not_required
@require_safe
def framework(request: HttpRequest) -> HttpResponse:
    found, words = get_framework(request)
    others = Framework.objects.exclude(status=Framework.Status.DRAFT).exclude(pk=found.pk)
    context = {
        **words,
        "framework": found,
        "other_versions": others.order_by("-version"),
        "changes": changes_of(found),
        "recommendations": SourcePoint.objects.filter(framework=found, ingredient_slug=""),
    }
    return render(request, "ingredients/framework.html", context)


@login_not_required
@require_safe
def ingredient(request: HttpRequest, slug: str) -> HttpResponse:
    found, words = get_framework(request)
    subject = next((row for row in found.all_ingredients if row.slug == slug), None)
    if subject is None:
        raise Http404("No such ingredient.")
    context = {
        **words,
        "framework": found,
        "ingredient": subject,
        "statements": _statements(found, subject),
        "others": [row for row in found.all_ingredients if row.pk != subject.pk],
        "guidance": Guidance.objects.helping(slug).exclude(standing=Guidance.Standing.ARCHIVED)[:6],
        "support": SupportPackage.objects.helping(slug).exclude(
            standing=SupportPackage.Standing.ARCHIVED
        )[:6],
    }
    return render(request, "ingredients/ingredient.html", context)


def _statements(found: Framework, subject: Ingredient) -> list[dict[str, Any]]:
    points = {point.code: point for point in SourcePoint.objects.filter(framework=found)}
    measures = {measure.slug: measure for measure in Measure.objects.filter(framework=found)}
    sources = found.content["measure_sources"]
    return [
        {
            "row": row,
            "levels": [
                (level, found.level_labels[level], lines)
                for level, lines in row.level_sentences.items()
            ],
            "well_placed": [SECTOR_NAMES.get(sector, sector) for sector in row.well_placed],
            "next_steps": sorted(row.next_step.items()),
            "points": [points[code] for code in row.source_points],
            "measures": [
                (
                    measures[slug],
                    sources.get((measures[slug].national_reference or {}).get("source")),
                )
                for slug in row.indicators
            ],
        }
        for row in subject.statements.all()
    ]


def _ingredient_names() -> dict[str, str]:
    current = Framework.objects.current()
    return (
        {row.slug: row.short_title for row in framework_with_content(current.pk).all_ingredients}
        if current
        else {}
    )


def _named(item: LibraryItem, names: dict[str, str]) -> tuple[LibraryItem, list[tuple[str, str]]]:
    """An item with the slug and name of each ingredient it helps."""
    return item, [(slug, names[slug]) for slug in item.ingredients if slug in names]


@login_not_required
@require_safe
def guidance(request: HttpRequest) -> HttpResponse:
    names = _ingredient_names()
    filters = GuidanceFilter(request.GET, ingredients=names)
    rows = [_named(item, names) for item in filters.narrow(Guidance.objects.all())]
    return render(request, "ingredients/guidance.html", {"rows": rows, "filters": filters})


@login_not_required
@require_safe
def guidance_item(request: HttpRequest, slug: str) -> HttpResponse:
    item, names = _named(get_object_or_404(Guidance, slug=slug), _ingredient_names())
    return render(request, "ingredients/guidance_item.html", {"item": item, "names": names})


@login_not_required
@require_safe
def support(request: HttpRequest) -> HttpResponse:
    names = _ingredient_names()
    filters = SupportFilter(request.GET, ingredients=names)
    rows = [_named(item, names) for item in filters.narrow(SupportPackage.objects.all())]
    return render(request, "ingredients/support.html", {"rows": rows, "filters": filters})


@login_not_required
@require_safe
def support_package(request: HttpRequest, slug: str) -> HttpResponse:
    item, names = _named(get_object_or_404(SupportPackage, slug=slug), _ingredient_names())
    return render(request, "ingredients/support_package.html", {"item": item, "names": names})


@login_not_required
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    filters = SearchFilter(request.GET)
    # Sorted here: databases do not agree on where "20-week" and "SEND" come.
    terms = sorted(filters.narrow(GlossaryTerm.objects.all()), key=lambda row: row.term.casefold())
    return render(request, "ingredients/glossary.html", {"terms": terms, "filters": filters})


@login_not_required
@require_safe
def glossary_term(request: HttpRequest, slug: str) -> HttpResponse:
    term = get_object_or_404(GlossaryTerm, slug=slug)
    related = GlossaryTerm.objects.filter(term__in=term.see_also)
    return render(request, "ingredients/glossary_term.html", {"term": term, "related": related})


@login_not_required
@require_safe
def policy_page(request: HttpRequest, slug: str) -> HttpResponse:
    page = get_object_or_404(Page, slug=slug)
    return render(request, "ingredients/page.html", {"page": page})
