"""Charts as SVG text, the same on the page and in the PDF.

Colours and fonts are attributes because a PDF knows no page style sheet; the classes serve
forced colours only. Every chart has a `<title>` that says what it shows. One unit is one CSS
pixel. A circle is an organisation, a rounded square is families, a diamond is what was agreed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe

INK, MUTED, EDGE = "#0b0c0c", "#434b4d", "#0d3b47"
AGREED, RANGE_BAR, SLOT, FAMILY = "#7a1f5c", "#55808a", "#e0eaea", "#f6e3bd"
FONT = "Source Sans 3, sans-serif"

WIDTH, SLOT_WIDTH, PITCH_OF_SLOTS = 288, 70, 72
DOT_PITCH, DOTS_IN_A_ROW, ROW = 22.5, 3, 25
MOVE_HEIGHT = 36
SLOPE_HEIGHT, SLOPE_EDGE = 136, 32


@dataclass(frozen=True, slots=True)
class Dot:
    """One partner on a strip: its code, whether it speaks for families, its level 1 to 4."""

    code: str
    is_family: bool
    level: int


def dot_strip(
    dots: Sequence[Dot],
    *,
    agreed: int | None,
    alone: Collection[str] = (),
    title: str,
    big: bool = False,
) -> SafeString:
    """Partners' levels on four columns, with the agreed level below.

    `dots` are in partner order; `alone` holds the codes of partners out on their own, drawn with
    a thick edge; `title` is the text alternative. Raises ValueError for a level outside 1 to 4.
    """
    columns: dict[int, list[Dot]] = {1: [], 2: [], 3: [], 4: []}
    for dot in dots:
        if dot.level not in columns:
            raise ValueError(f"level: {dot.level} is not 1 to 4")
        columns[dot.level].append(dot)
    rows = {level: _balanced(found) for level, found in columns.items()}
    height = 9 + ROW * max(1, *(len(found) for found in rows.values()))
    middle = height / 2
    given = [level for level, found in columns.items() if found]
    body = [_slots(height)]
    if len(given) > 1:
        start, end = _centre(given[0]), _centre(given[-1])
        body.append(
            f'<rect class="s-bar" x="{_n(start)}" y="{_n(middle - 2)}" width="{_n(end - start)}" '
            f'height="4" fill="{RANGE_BAR}"/>'
        )
    for level, found in rows.items():
        for row, line in enumerate(found):
            y = middle + (row - (len(found) - 1) / 2) * ROW
            for place, dot in enumerate(line):
                x = _centre(level) + (place - (len(line) - 1) / 2) * DOT_PITCH
                body.append(_dot(x, y, dot, thick=dot.code in alone))
    body.append(_digits(height + 18, agreed))
    classes = "app-strip app-strip--big" if big else "app-strip"
    return _svg(height + 34, title, "".join(body), classes)


def move_strip(*, before: int | None, after: int | None, title: str) -> SafeString:
    """An agreed level then (hollow diamond) and now (filled); one diamond when nothing moved."""
    body = [_slots(MOVE_HEIGHT)]
    middle = MOVE_HEIGHT / 2
    if before and after and before != after:
        way = 1 if after > before else -1
        start, end = _centre(before) + 14 * way, _centre(after) - 18 * way
        body.append(
            f'<path class="s-move" d="M{_n(start)} {_n(middle)}H{_n(end)}M{_n(end - 8 * way)} 11'
            f'L{_n(end)} {_n(middle)}L{_n(end - 8 * way)} 25" fill="none" stroke="{AGREED}" stroke-width="2.5"/>'
        )
    if before and before != after:
        body.append(
            f'<path class="s-prev" d="{_diamond(_centre(before), middle, 13)}" fill="#ffffff" '
            f'stroke="{AGREED}" stroke-width="2"/>'
        )
    body.append(_digits(middle, after, ink={before} if before else set()))
    return _svg(MOVE_HEIGHT, title, "".join(body), "app-strip")


def slope(levels: Sequence[int | None], days: Sequence[str], *, title: str) -> SafeString:
    """Agreed levels at three or more times as one line, each printed on its point. A time without a
    level has no point, and the line stops there. `days` stand below."""
    step = (WIDTH - 2 * SLOPE_EDGE) / (len(levels) - 1)
    at = [SLOPE_EDGE + place * step for place in range(len(levels))]
    lines = "".join(f"M0 {_height(level)}H{WIDTH}" for level in (1, 2, 3, 4))
    body = [f'<path d="{lines}" fill="none" stroke="{SLOT}" stroke-width="2"/>']
    given = list(zip(at, levels, strict=True))
    for (x, before), (end, after) in pairwise(given):
        if before and after:
            body.append(
                f'<path class="s-move" d="M{_n(x)} {_height(before)}L{_n(end)} {_height(after)}" '
                f'fill="none" stroke="{EDGE}" stroke-width="3"/>'
            )
    for x, level in given:
        if level:
            y = _height(level)
            body.append(f'<path class="s-agreed" d="{_diamond(x, y, 13)}" fill="{AGREED}"/>')
            body.append(
                _text(x, y + 4.5, str(level), size=13, fill="#ffffff", bold=True, name="s-agreed-t")
            )
    for x, day in zip(at, days, strict=True):
        body.append(_text(x, SLOPE_HEIGHT - 4, day, size=12, fill=MUTED, bold=False, name="s-t"))
    return _svg(SLOPE_HEIGHT, title, "".join(body), "app-strip")


def _height(level: int) -> int:
    """Where a level runs on a slope: 4 above, 1 below."""
    return 16 + 28 * (4 - level)


def strip_title(
    name: str,
    levels: Mapping[int, Sequence[str]],
    *,
    without: Mapping[str, Sequence[str]],
    agreed: str,
) -> str:
    """What a dot strip shows, in words: who is at each level from the highest, then who has none."""
    parts = [f"level {level}: {_and(levels[level])}" for level in (4, 3, 2, 1) if levels.get(level)]
    parts += [f"{words}: {_and(who)}" for words, who in without.items() if who]
    said = "; ".join(parts) or "no partner gave a level"
    return f"{name}. {said[0].upper()}{said[1:]}. {agreed}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _centre(level: int) -> float:
    return 36 + PITCH_OF_SLOTS * (level - 1)


def _balanced(dots: Sequence[Dot]) -> list[Sequence[Dot]]:
    """At most three in a row, and rows as even as can be: four are two and two."""
    if not dots:
        return []
    rows = -(-len(dots) // DOTS_IN_A_ROW)
    size = -(-len(dots) // rows)
    return [dots[start : start + size] for start in range(0, len(dots), size)]


@lru_cache(maxsize=16)
def _slots(height: float) -> str:
    return "".join(
        f'<rect class="s-slot" x="{1 + PITCH_OF_SLOTS * k}" y="0" width="{SLOT_WIDTH}" '
        f'height="{_n(height)}" rx="3" fill="{SLOT}"/>'
        for k in range(4)
    )


def _text(x: float, y: float, words: str, *, size: float, fill: str, bold: bool, name: str) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text class="{name}" x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"{weight} '
        f'fill="{fill}">{escape(words)}</text>'
    )


def _dot(x: float, y: float, dot: Dot, *, thick: bool) -> str:
    edge = "3.2" if thick else "1.6"
    if dot.is_family:
        shape = (
            f'<rect class="s-fam" x="{_n(x - 10)}" y="{_n(y - 10)}" width="20" height="20" rx="3" '
            f'fill="{FAMILY}" stroke="{EDGE}" stroke-width="{edge}"/>'
        )
    else:
        shape = (
            f'<circle class="s-org" cx="{_n(x)}" cy="{_n(y)}" r="10.5" fill="#ffffff" '
            f'stroke="{EDGE}" stroke-width="{edge}"/>'
        )
    size = 11 if len(dot.code) < 3 else 8.5
    return shape + _text(x, y + 0.36 * size, dot.code, size=size, fill=INK, bold=True, name="s-t")


def _diamond(x: float, y: float, half: float) -> str:
    return f"M{_n(x)} {_n(y - half)} {_n(x + half)} {_n(y)} {_n(x)} {_n(y + half)} {_n(x - half)} {_n(y)}Z"


@lru_cache(maxsize=256)
def _digits_cached(y: float, agreed: int | None, ink: frozenset[int]) -> str:
    drawn = []
    for level in (1, 2, 3, 4):
        x = _centre(level)
        if level == agreed:
            drawn.append(f'<path class="s-agreed" d="{_diamond(x, y, 15)}" fill="{AGREED}"/>')
            drawn.append(
                _text(x, y + 5, str(level), size=14, fill="#ffffff", bold=True, name="s-agreed-t")
            )
        else:
            fill = INK if level in ink else MUTED
            drawn.append(_text(x, y + 4.5, str(level), size=13, fill=fill, bold=False, name="s-t"))
    return "".join(drawn)


def _digits(y: float, agreed: int | None, ink: Collection[int] = ()) -> str:
    return _digits_cached(y, agreed, frozenset(ink))


def _svg(height: float, title: str, body: str, classes: str) -> SafeString:
    # role and title together: browsers read the title of an img, and a PDF takes it as alt.
    return mark_safe(  # noqa: S308 -- every text in it went through escape()
        f'<svg class="{classes}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {_n(height)}" '
        f'width="{WIDTH}" height="{_n(height)}" role="img" font-family="{FONT}" text-anchor="middle"><title>{escape(title)}</title>{body}</svg>'
    )
