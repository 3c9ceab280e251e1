"""The charts of `charts.py` as they stand on paper: the same marks, codes and colours, with a
geometry for type that is read at arm's length.

One unit is a millimetre. A square with a digit is a statement with its agreed level; hatched, it
has no evidence in date; with a corner, dissent is on record; dashed, no level was agreed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from assessments.reports.charts import AGREED, EDGE, FAMILY, INK, MUTED, RANGE_BAR
from assessments.reports.contents import PartnerAnswer, StatementReport
from send_portal.pdf import DRAWING

RULE = "#c9d5d6"
LEVELS = (1, 2, 3, 4)
FILLS = {1: "#f9ecd2", 2: "#dce9e7", 3: "#a6cdce", 4: "#1f6f78"}
FONT = "Source Sans 3, Source Sans 3 ext, DejaVu Sans"
POINT = 25.4 / 72
# Of a capital's middle below the middle of its line, as a share of the size.
CAPITAL = 0.33


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: what it shows in words, and the SVG. It goes into a page as an image, because what
    stands in the page itself is styled node by node: that takes a tenth of the PDF's time."""

    title: str
    svg: str
    height: float  # in millimetres

    def __str__(self) -> SafeString:
        data = b64encode(self.svg.encode()).decode()
        return mark_safe(  # noqa: S308 -- letters of base64, and words that are escaped
            f'<img alt="{escape(self.title)}" src="{DRAWING}{data}">'
        )


@dataclass(frozen=True, slots=True)
class Grid:
    """The measures of a dot strip: width of a level's column and of the one for who has no place,
    a dot's radius and pitch, how many stand in a row, half a diamond, and its digit in points."""

    column: float
    side: float
    radius: float
    pitch: float
    row: int
    half: float
    size: float

    @property
    def width(self) -> float:
        return len(LEVELS) * self.column + self.side

    def middle(self, level: int) -> float:
        return self.column * (level - 0.5)


WIDE = Grid(column=17.6, side=10, radius=2.15, pitch=4.35, row=4, half=2.7, size=8.4)
# Without partners: the agreed level alone.
AGREED_ONLY = Grid(column=20, side=0, radius=0, pitch=0, row=1, half=2.7, size=8.4)
NARROW = Grid(column=12, side=0, radius=2.05, pitch=4.2, row=2, half=2.5, size=7.6)
# A dumbbell: the pitch of its levels, its width, and the height of its row.
BELL_PITCH, BELL_WIDTH, BELL_HEIGHT = 7.3, 41.6, 12.3
SQUARE, GAP = 6.3, 1.0


def strip_axis(labels: dict[int, str], *, shows_partners: bool) -> Drawing:
    """What the columns of a wide dot strip are; `labels` are the framework's words for levels."""
    grid = WIDE if shows_partners else AGREED_ONLY
    body = ""
    for level in LEVELS:
        lines = _two_lines(labels[level])
        for place, line in enumerate(reversed(lines)):
            body += _text(grid.middle(level), 5.2 - 3.2 * place, line, 8.5, MUTED)
        body += _text(grid.middle(level), 9, str(level), 10, INK, bold=True)
    words = ", ".join(f"{level} {labels[level].lower()}" for level in LEVELS)
    title = f"Levels: {words}."
    if shows_partners:
        side = grid.width - grid.side / 2
        body += _text(side, 5.8, "Not", 8.5, MUTED) + _text(side, 9, "placed", 8.5, MUTED)
        title += " The last column holds partners that cannot be placed."
    return _svg(grid.width + 0.2, 11, title, body)


def _two_lines(words: str) -> list[str]:
    """Words on one line, or on two of about the same length."""
    if len(words) < 10 or " " not in words:
        return [words]
    breaks = [place for place, letter in enumerate(words) if letter == " "]
    at = min(breaks, key=lambda place: abs(2 * place + 1 - len(words)))
    return [words[:at], words[at + 1 :]]


def dot_strip(
    answers: Sequence[PartnerAnswer], agreed: int | str, title: str, grid: Grid = WIDE
) -> Drawing:
    """Partners on four columns and, on a wide strip, beside them those without a level; below,
    the agreed level, or the words for why there is none. `title` is the text alternative."""
    groups: dict[int | None, list[PartnerAnswer]] = {}
    for answer in answers:
        if answer.level or grid.side:
            groups.setdefault(answer.level, []).append(answer)
    rows = {
        level: _even(found, grid.row if level else 2) for level, found in groups.items()
    }  # two beside the strip, where there is less room
    deep = max((len(found) for found in rows.values()), default=1)
    lane = 1.1 + deep * grid.pitch / 2
    foot = 1.1 + deep * grid.pitch + 0.5 + 2 * grid.half + 0.9
    body = _columns(grid, foot)
    given = sorted(level for level in groups if level)
    if len(given) > 1:
        body += _line(grid.middle(given[0]), lane, grid.middle(given[-1]), lane, RANGE_BAR, 0.5)
    for level, found in rows.items():
        x = grid.middle(level) if level else grid.width - grid.side / 2
        for row, line in enumerate(found):
            y = lane + (row - (len(found) - 1) / 2) * grid.pitch
            for place, answer in enumerate(line):
                body += _dot(x + (place - (len(line) - 1) / 2) * grid.pitch, y, answer, grid.radius)
    body += _agreed(agreed, grid, foot - 0.9 - grid.half)
    if grid is NARROW:
        body += "".join(
            _text(grid.middle(level), foot + 2.1, str(level), 8.5, MUTED) for level in LEVELS
        )
        foot += 3.8
    return _svg(grid.width + 0.2, foot, title, body)


@lru_cache(maxsize=32)
def _columns(grid: Grid, foot: float) -> str:
    lines = "".join(f"M{_n(grid.column * k + 0.1)} 0V{_n(foot)}" for k in range(len(LEVELS) + 1))
    if grid is NARROW:
        lines += f"M0 {_n(foot)}H{_n(grid.width)}"
    return f'<path d="{lines}" fill="none" stroke="{RULE}" stroke-width="0.2"/>'


def _agreed(agreed: int | str, grid: Grid, y: float) -> str:
    if isinstance(agreed, int):
        return _diamond(grid.middle(agreed), y, grid.half) + _text(
            grid.middle(agreed), y, str(agreed), grid.size, "#ffffff", bold=True
        )
    x, half = 2 * grid.column, 1.2 + 0.85 * len(agreed)
    return (
        f'<rect x="{_n(x - half)}" y="{_n(y - 2)}" width="{_n(2 * half)}" height="4" fill="#ffffff"/>'
        + _text(x, y, agreed, 9, INK)
    )


def _even(found: list[PartnerAnswer], most: int) -> list[list[PartnerAnswer]]:
    """As few rows as can be, as even as can be. Up to four of a wide strip stand in one."""
    count = -(-len(found) // most)
    size = -(-len(found) // count)
    return [found[start : start + size] for start in range(0, len(found), size)]


def bell_axis() -> Drawing:
    """The head of a column of dumbbells."""
    body = _text(_at(1) - 0.9, 5.8, "Since last time", 8.5, MUTED, anchor="start")
    body += "".join(_text(_at(level), 9, str(level), 10, INK, bold=True) for level in LEVELS)
    return _svg(BELL_WIDTH, 11, "Change since last time, on levels 1 to 4.", body)


def dumbbell(before: int | None, now: int | None, title: str) -> Drawing:
    """A level then (hollow diamond) and now (filled), and how it moved in figures."""
    y = BELL_HEIGHT / 2
    ticks = "".join(f"M{_n(_at(level))} {_n(y - 0.9)}v1.8" for level in LEVELS)
    body = (
        f'<path d="M{_n(_at(1))} {_n(y)}H{_n(_at(4))}{ticks}" fill="none" stroke="{RULE}" '
        'stroke-width="0.25"/>'
    )
    if before and now and before != now:
        body += _line(_at(before), y, _at(now), y, EDGE, 0.7)
    if before:
        body += _hollow(_at(before), y, 3.5 if before == now else 2.2)
    if now:
        body += _diamond(_at(now), y, 2.3)
    moved = bool(before and now and before != now)
    if before and now and moved:
        x, way = _at(4) + 4.6, 1 if now > before else -1
        body += (
            f'<path d="M{_n(x - 1)} {_n(y + 0.8 * way)}H{_n(x + 1)}L{_n(x)} {_n(y - 0.8 * way)}Z" '
            f'fill="{INK}"/>'
        )
    words = _moved(before, now)
    colour = INK if moved else MUTED
    body += _text(BELL_WIDTH - 0.3, y, words, 10, colour, bold=moved, anchor="end")
    return _svg(BELL_WIDTH, BELL_HEIGHT, title, body)


def _moved(before: int | None, now: int | None) -> str:
    if before and now:
        return f"still {now}" if before == now else f"{before} to {now}"
    return "new" if now else "not rated"


def _at(level: int) -> float:
    return BELL_PITCH * (level - 0.5)


def level_strip(statements: Sequence[StatementReport], title: str) -> Drawing:
    """One square for each statement, in framework order."""
    body = "".join(
        _square(place * (SQUARE + GAP), statement) for place, statement in enumerate(statements)
    )
    width = len(statements) * (SQUARE + GAP) - GAP
    return _svg(width + 0.2, SQUARE + 0.2, title, f'<g transform="translate(0.1 0.1)">{body}</g>')


def level_strip_title(name: str, statements: Sequence[StatementReport]) -> str:
    """What a level strip shows, in words."""
    said = []
    for statement in statements:
        marks = [statement.agreed_words.lower()]
        marks += ["not evidenced"] if statement.is_not_evidenced else []
        marks += ["contested"] if statement.is_contested and statement.level else []
        said.append(f"{statement.code} {', '.join(marks)}")
    return f"{name}: {'; '.join(said)}."


def _square(x: float, statement: StatementReport) -> str:
    return _cell(
        x,
        statement.level,
        is_hatched=statement.is_not_evidenced,
        has_corner=statement.is_contested and statement.level is not None,
    )


@lru_cache(maxsize=512)
def _cell(x: float, level: int | None, *, is_hatched: bool, has_corner: bool) -> str:
    side, edge = SQUARE, 0.15
    middle, inner = x + side / 2, side - 2 * edge
    fill = FILLS[level] if level and not is_hatched else "#ffffff"
    line = f'stroke="{EDGE}"' if level else f'stroke="{MUTED}" stroke-dasharray="0.9 0.7"'
    body = (
        f'<rect x="{_n(x + edge)}" y="{edge}" width="{_n(inner)}" height="{_n(inner)}" '
        f'fill="{fill}" {line} stroke-width="0.3"/>'
    )
    if is_hatched:
        body += _hatch(x + edge, edge, inner)
        body += (
            f'<rect x="{_n(middle - 1.5)}" y="{_n(side / 2 - 1.75)}" width="3" height="3.5" '
            'fill="#ffffff"/>'
        )
    ink = "#ffffff" if level == 4 and not is_hatched else INK
    body += _text(middle, side / 2, str(level or "–"), 10.5, ink, bold=True)
    if has_corner:
        body += f'<path d="M{_n(x + side - 2.3)} 0H{_n(x + side)}V2.3Z" fill="{AGREED}"/>'
    return body


def _hatch(x: float, y: float, side: float) -> str:
    steps = [place * 1.15 for place in range(1, int(2 * side / 1.15) + 1)]
    lines = "".join(
        f"M{_n(x + min(d, side))} {_n(y + max(0, d - side))}"
        f"L{_n(x + max(0, d - side))} {_n(y + min(d, side))}"
        for d in steps
    )
    return f'<path d="{lines}" fill="none" stroke="{RANGE_BAR}" stroke-width="0.18"/>'


KEY = (
    "Key to the squares: one square is one statement, in the order of annex A, with its agreed "
    "level. Hatched: no evidence in date, counts as 2. Corner: contested. Dashed: no agreed level."
)


@lru_cache(maxsize=1)
def level_key() -> Drawing:
    """What the squares mean."""
    body = "".join(
        _cell(place * 7.0, level, is_hatched=False, has_corner=False)
        for place, level in enumerate(LEVELS)
    )
    samples = (
        (50.0, 3, True, False, "no evidence in date, counts as 2"),
        (107.0, 2, False, True, "contested"),
        (136.0, None, False, False, "no agreed level"),
    )
    body += _text(29.0, SQUARE / 2, "agreed level", 9, INK, anchor="start")
    for x, level, is_hatched, has_corner, words in samples:
        body += _cell(x, level, is_hatched=is_hatched, has_corner=has_corner)
        body += _text(x + SQUARE + 1.2, SQUARE / 2, words, 9, INK, anchor="start")
    return _svg(170, SQUARE + 0.2, KEY, f'<g transform="translate(0.1 0.1)">{body}</g>')


def _dot(x: float, y: float, answer: PartnerAnswer, radius: float) -> str:
    edge = 0.8 if answer.is_alone else 0.4
    partner = answer.partner
    if partner.is_family:
        side = 2 * radius - 0.4
        shape = (
            f'<rect x="{_n(x - side / 2)}" y="{_n(y - side / 2)}" width="{_n(side)}" '
            f'height="{_n(side)}" rx="0.6" fill="{FAMILY}" stroke="{EDGE}" stroke-width="{edge}"/>'
        )
    else:
        shape = (
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius - 0.2)}" fill="#ffffff" '
            f'stroke="{EDGE}" stroke-width="{edge}"/>'
        )
    size = {1: 8, 2: 6.6}.get(len(partner.code), 5.2)
    return shape + _text(x, y, partner.code, size, INK, bold=True)


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float) -> str:
    return (
        f'<path d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}" fill="none" stroke="{stroke}" '
        f'stroke-width="{width}"/>'
    )


def _kite(x: float, y: float, half: float) -> str:
    return (
        f"M{_n(x)} {_n(y - half)}L{_n(x + half)} {_n(y)}L{_n(x)} {_n(y + half)}"
        f"L{_n(x - half)} {_n(y)}Z"
    )


def _diamond(x: float, y: float, half: float) -> str:
    return f'<path d="{_kite(x, y, half)}" fill="{AGREED}"/>'


def _hollow(x: float, y: float, half: float) -> str:
    return f'<path d="{_kite(x, y, half)}" fill="#ffffff" stroke="{EDGE}" stroke-width="0.45"/>'


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    fill: str,
    *,
    bold: bool = False,
    anchor: str = "middle",
) -> str:
    """`y` is the middle of the line, `size` in points."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y + CAPITAL * size * POINT)}" font-size="{_n(size * POINT)}" '
        f'text-anchor="{anchor}" fill="{fill}"{weight}>{escape(words)}</text>'
    )


def _svg(width: float, height: float, title: str, body: str) -> Drawing:
    return Drawing(
        title,
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}mm" height="{_n(height)}mm" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" font-family="{FONT}">{body}</svg>',
        height,
    )
