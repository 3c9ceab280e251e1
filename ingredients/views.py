from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ingredients.models import (
    Framework,
    GlossaryTerm,
    Guidance,
    Ingredient,
    LibraryItem,
    Measure,
    Page,
    SourcePoint,
    SupportPackage,
    with_content,
)


def get_framework(request: HttpRequest) -> Framework:
    """The current version, or an older published one by `?version=`."""
    version = request.GET.get("version", "")
    if not version:
        framework = Framework.objects.current()
    elif version.isdecimal() and len(version) < 5:
        framework = Framework.objects.exclude(status=Framework.Status.DRAFT).filter(version=version).first()
    else:
        framework = None
    if framework is None:
        raise Http404("No such framework version is published.")
    return with_content(framework)


@login_not_required
@require_safe
def framework(request: HttpRequest) -> HttpResponse:
    found = get_framework(request)
    versions = Framework.objects.exclude(status=Framework.Status.DRAFT).order_by("-version")
    context = {"framework": found, "versions": versions, "current": found == versions.first()}
    return render(request, "ingredients/framework.html", context)


@login_not_required
@require_safe
def ingredient(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_framework(request)
    subject: Ingredient | None = next((i for i in found.all_ingredients if i.slug == slug), None)
    if subject is None:
        raise Http404("No such ingredient.")
    codes = {code for row in [subject, *subject.statements.all()] for code in row.source_points}
    points = {point.code: point for point in SourcePoint.objects.filter(framework=found, code__in=codes)}
    measures = {row.slug: row for row in Measure.objects.filter(framework=found)}
    statements = [
        {
            "row": row,
            "levels": [
                (level, found.level_labels[level], lines) for level, lines in row.level_sentences.items()
            ],
            "points": [points[code] for code in row.source_points],
            "measures": [measures[slug] for slug in row.indicators],
        }
        for row in subject.statements.all()
    ]
    others = [row for row in found.all_ingredients if row.pk != subject.pk]
    context = {
        "framework": found,
        "ingredient": subject,
        "statements": statements,
        "points": [points[code] for code in subject.source_points if code in points],
        "others": others,
        "guidance": Guidance.objects.helping(slug).exclude(standing=Guidance.Standing.ARCHIVED)[:6],
    }
    return render(request, "ingredients/ingredient.html", context)


def _filtered(
    request: HttpRequest, rows: QuerySet[Any], choices: dict[str, Any]
) -> tuple[QuerySet[Any], dict[str, str]]:
    """Narrow a library by words, ingredient and its own choices. Unknown values are ignored."""
    chosen = {"q": request.GET.get("q", "").strip()[:100]}
    if chosen["q"]:
        rows = rows.search(chosen["q"])  # type: ignore[attr-defined]
    for name, allowed in choices.items():
        value = request.GET.get(name, "")
        chosen[name] = value if value in allowed else ""
        if chosen[name] and name == "ingredient":
            rows = rows.helping(value)  # type: ignore[attr-defined]
        elif chosen[name]:
            rows = rows.filter(**{name: value})
    return rows, chosen


def _ingredient_choices() -> dict[str, str]:
    current = Framework.objects.current()
    return {i.slug: i.short_title for i in with_content(current).all_ingredients} if current else {}


@login_not_required
@require_safe
def guidance(request: HttpRequest) -> HttpResponse:
    ingredients = _ingredient_choices()
    kinds = dict(Guidance.Kind.choices)
    rows, chosen = _filtered(request, Guidance.objects.all(), {"ingredient": ingredients, "kind": kinds})
    context = {"items": rows, "chosen": chosen, "ingredients": ingredients, "kinds": kinds}
    return render(request, "ingredients/guidance.html", context)


@login_not_required
@require_safe
def guidance_item(request: HttpRequest, slug: str) -> HttpResponse:
    item = get_object_or_404(Guidance, slug=slug)
    return render(request, "ingredients/guidance_item.html", {"item": item, "names": _names(item)})


@login_not_required
@require_safe
def support(request: HttpRequest) -> HttpResponse:
    ingredients = _ingredient_choices()
    terms, costs = dict(SupportPackage.Term.choices), dict(SupportPackage.Cost.choices)
    rows, chosen = _filtered(
        request, SupportPackage.objects.all(), {"ingredient": ingredients, "term": terms, "cost": costs}
    )
    context = {"items": rows, "chosen": chosen, "ingredients": ingredients, "terms": terms, "costs": costs}
    return render(request, "ingredients/support.html", context)


@login_not_required
@require_safe
def support_package(request: HttpRequest, slug: str) -> HttpResponse:
    item = get_object_or_404(SupportPackage, slug=slug)
    return render(request, "ingredients/support_package.html", {"item": item, "names": _names(item)})


def _names(item: LibraryItem) -> list[tuple[str, str]]:
    choices = _ingredient_choices()
    return [(slug, choices[slug]) for slug in item.ingredients if slug in choices]


@login_not_required
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    rows, chosen = _filtered(request, GlossaryTerm.objects.all(), {})
    return render(request, "ingredients/glossary.html", {"terms": rows, "chosen": chosen})


@login_not_required
@require_safe
def glossary_term(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "ingredients/glossary_term.html", {"term": get_object_or_404(GlossaryTerm, slug=slug)})


@login_not_required
@require_safe
def policy_page(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "ingredients/page.html", {"page": get_object_or_404(Page, slug=slug)})
