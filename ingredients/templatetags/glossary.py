"""Link the first use of each glossary term on a page to its meaning."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from ingredients.models import GlossaryTerm

register = template.Library()
PAGE = "glossary_terms"
Row = tuple[str, str, str, str]


@register.simple_tag(takes_context=True)
def link_terms(context: Context, text: str) -> SafeString:
    """The text, escaped, with a link at the first use on this page of each glossary term.

    Terms and aliases match without regard to case, acronyms as they are written. One query a page.
    """
    page: Any = context.render_context
    if PAGE not in page:
        page[PAGE] = (*_matcher(_rows()), set())
    pattern, slugs, seen = page[PAGE]
    parts, end = [], 0
    for found in pattern.finditer(text):
        slug = slugs.get(found[0]) or slugs.get(_key(found[0]))
        if slug and slug not in seen:
            seen.add(slug)
            parts += [conditional_escape(text[end : found.start()]), _link(slug, found[0])]
            end = found.end()
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))  # noqa: S308 -- every part is escaped


def _link(slug: str, words: str) -> SafeString:
    return format_html(
        '<a class="govuk-link" href="{}">{}</a>',
        reverse("ingredients:glossary-term", args=[slug]),
        words,
    )


def _rows() -> tuple[Row, ...]:
    terms = GlossaryTerm.objects.filter(auto_link=True).order_by("pk")
    rows = terms.values_list("slug", "term", "acronym", "aliases")
    return tuple((slug, term, acronym, "\n".join(aliases)) for slug, term, acronym, aliases in rows)


@lru_cache(maxsize=4)
def _matcher(rows: tuple[Row, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for all terms, the longest first, and each form's slug."""
    exact = {acronym: slug for slug, _, acronym, _ in rows if acronym}
    loose = {
        _key(form): slug
        for slug, term, _, aliases in rows
        for form in (term, *aliases.splitlines())
        if form
    }
    forms = [(form, re.escape(form)) for form in exact]
    forms += [(form, f"(?i:{re.escape(form)})".replace("\\ ", r"\s+")) for form in loose]
    forms.sort(key=lambda pair: -len(pair[0]))
    # Without any term it matches nothing: no text has a word character that is not one.
    words = "|".join(part for _, part in forms) or r"(?!\w)\w"
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])"), loose | exact


def _key(form: str) -> str:
    return " ".join(form.lower().split())
