"""Markdown pages in the portal's look."""

from __future__ import annotations

import re
from itertools import pairwise

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

register = template.Library()

CLASSES = {
    "h1": "govuk-heading-xl",
    "h2": "govuk-heading-l",
    "h3": "govuk-heading-m",
    "h4": "govuk-heading-s",
    "p": "govuk-body",
    "a": "govuk-link",
    "table": "govuk-table",
    "thead": "govuk-table__head",
    "tbody": "govuk-table__body",
    "tr": "govuk-table__row",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
    "div": "govuk-inset-text",
}
LISTS = {
    "bullet_list_open": "govuk-list govuk-list--bullet",
    "ordered_list_open": "govuk-list govuk-list--number",
}
# HTML in the source is never passed through: an editor's page cannot carry a script.
PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


@register.filter
def markdown(text: str) -> SafeString:
    tokens = _parse(text)
    for token in [inner for outer in tokens for inner in (outer, *(outer.children or []))]:
        if token.tag == "blockquote":
            token.tag = "div"  # a note to the reader, not a quotation
        if token.nesting == 1:
            _style(token)
    return mark_safe(PARSER.renderer.render(_with_scroll_regions(tokens), PARSER.options, {}))  # noqa: S308 -- HTML input is off


@register.filter
def first_heading(text: str) -> str:
    """The words of a page's first heading, for its title."""
    headings = _headings(_parse(text))
    return headings[0][2] if headings else ""


@register.filter
def contents(text: str) -> list[tuple[str, str]]:
    """The id and words of each second-level heading."""
    return [(anchor, words) for tag, anchor, words in _headings(_parse(text)) if tag == "h2"]


def _parse(text: str) -> list[Token]:
    tokens = PARSER.parse(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    used: set[str] = set()
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            anchor = base = slugify(inline.content) or "part"
            number = 2
            while anchor in used:
                anchor, number = f"{base}-{number}", number + 1
            used.add(anchor)
            token.attrSet("id", anchor)
    return tokens


def _headings(tokens: list[Token]) -> list[tuple[str, str, str]]:
    """Tag, id and words of each heading."""
    return [
        (token.tag, str(token.attrGet("id")), _words(inline))
        for token, inline in pairwise(tokens)
        if token.type == "heading_open"
    ]


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def _style(token: Token) -> None:
    name = LISTS.get(token.type) or CLASSES.get(token.tag)
    if name:
        token.attrSet("class", name)
    if token.tag == "th":
        token.attrSet("scope", "col")


def _with_scroll_regions(tokens: list[Token]) -> list[Token]:
    """Each table in a region of its own, named by the heading above it: it scrolls, not the page."""
    found: list[Token] = []
    heading, number = "Table", 0
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = _words(tokens[position + 1])
        if token.type == "table_open":
            number += 1
            label = f"Table {number}: {heading}"
            region = format_html(
                '<div class="app-scroll" tabindex="0" role="region" aria-label="{}">', label
            )
            found.append(Token("html_block", "", 0, content=region))
        found.append(token)
        if token.type == "table_close":
            found.append(Token("html_block", "", 0, content="</div>"))
    return found
