"""Markdown pages in the portal's look."""

from __future__ import annotations

import re

from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

register = template.Library()

CLASSES = {
    "h1": "govuk-heading-xl",
    "h2": "govuk-heading-l",
    "h3": "govuk-heading-m",
    "p": "govuk-body",
    "a": "govuk-link",
    "table": "govuk-table",
    "thead": "govuk-table__head",
    "tbody": "govuk-table__body",
    "tr": "govuk-table__row",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
    "blockquote": "govuk-inset-text",
}
LISTS = {
    "bullet_list_open": "govuk-list govuk-list--bullet",
    "ordered_list_open": "govuk-list govuk-list--number",
}
# HTML in the source is never passed through: an editor's page cannot carry a script.
PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


@register.filter
def markdown(text: str) -> SafeString:
    tokens = PARSER.parse(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    for token in [inner for outer in tokens for inner in (outer, *(outer.children or []))]:
        if token.nesting != 1:
            continue
        name = LISTS.get(token.type) or CLASSES.get(token.tag)
        if name:
            token.attrSet("class", name)
        if token.tag == "th":
            token.attrSet("scope", "col")
    return mark_safe(PARSER.renderer.render(tokens, PARSER.options, {}))  # noqa: S308 -- HTML input is off
