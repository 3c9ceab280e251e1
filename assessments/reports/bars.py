"""A 100% bar of counts, drawn. The numbers stand in it and in the table beside it."""

from __future__ import annotations

from typing import Protocol

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Fill and ink of each part, in order from the left; what has no level is white with an edge.
COLOURS = {1: ("#f9ecd2", "#0b0c0c"), 2: ("#dce9e7", "#0b0c0c"), 3: ("#a6cdce", "#0b0c0c"),
           4: ("#1f6f78", "#ffffff"), 0: ("#ffffff", "#0b0c0c")}  # fmt: skip
# In per cent of the bar: a number needs so much to stand in its part.
ROOM = 4.5
SVG = (
    '<svg class="app-hundred" width="100%" height="40" role="img" aria-label="{}: {}">'
    '<rect width="100%" height="40" fill="#ffffff"/>{}</svg>'
)
PART = (
    '<rect x="{}%" width="{}%" height="40" fill="{}" stroke="#0d3b47"/>'
    '<text x="{}%" y="26" fill="{}" font-size="16" font-weight="700" text-anchor="middle">{}</text>'
)
# Around the part in which an area stands that is looked at: plum is where you are.
HERE = '<rect x="{}%" y="2" width="{}%" height="36" fill="none" stroke="#7a1f5c" stroke-width="4"/>'


class Counted(Protocol):
    """Areas by level or place from the left, those without one, and the bar in words."""

    title: str
    levels: dict[int, int]

    @property
    def unrated(self) -> int: ...

    @property
    def sentence(self) -> str: ...


def hundred(counts: Counted, here: int | None = None) -> SafeString:
    """The bar of one ingredient or statement. Its parts add up to all areas of the group to which
    it applies; nothing where there are none. `here` is the level of which the part is marked."""
    parts = [*counts.levels.items(), (0, counts.unrated)]
    whole = sum(number for _, number in parts)
    if not whole:
        return SafeString("")
    left, drawn, mark = 0.0, [], SafeString("")
    for key, number in parts:
        share = 100 * number / whole
        if number:
            fill, ink = COLOURS[key]
            label = str(number) if share >= ROOM else ""
            middle = f"{left + share / 2:.2f}"
            drawn.append((f"{left:.2f}", f"{share:.2f}", fill, middle, ink, label))
            if key == here:
                mark = format_html(HERE, f"{left:.2f}", f"{share:.2f}")
        left += share
    return format_html(SVG, counts.title, counts.sentence, format_html_join("", PART, drawn) + mark)
