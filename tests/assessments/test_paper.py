"""Charts on paper: what is drawn, what is said, and that no sign is colour alone."""

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from types import SimpleNamespace

import pytest

from assessments.reports import paper
from assessments.reports.charts import AGREED, EDGE, FAMILY, INK, MUTED, RANGE_BAR
from assessments.reports.contents import PartnerAnswer, PartnerLine
from send_portal.pdf import DRAWING

SVG = "{http://www.w3.org/2000/svg}"
LABELS = {1: "Not yet in place", 2: "Started", 3: "In routine use", 4: "Making a difference"}


def partner(code, *, is_family=False):
    return PartnerLine(code, code, code, code, is_family, False, None)


def answers(**levels):
    return [
        PartnerAnswer(partner(code, is_family=code in ("PC", "YP")), level, "", "", False)
        for code, level in levels.items()
    ]


def nodes(drawing, kind):
    return list(ET.fromstring(drawing.svg).iter(f"{SVG}{kind}"))


def said(drawing):
    return [node.text for node in nodes(drawing, "text")]


def places(drawing):
    """Where each word stands, in millimetres from the left."""
    return {node.text: float(node.get("x")) for node in nodes(drawing, "text")}


def test_drawing_is_an_image_with_its_words():
    drawing = paper.dot_strip(answers(C=2), 2, "A <b> & “c”")
    markup = str(drawing)
    assert markup.startswith('<img alt="A &lt;b&gt; &amp; “c”" src="')
    data = re.search(rf'src="{re.escape(DRAWING)}([^"]+)"', markup)[1]
    assert base64.b64decode(data).decode() == drawing.svg


def test_partners_stand_in_the_column_of_their_level():
    found = places(paper.dot_strip(answers(C=1, H=4), 3, "T"))
    wide = paper.WIDE
    assert [found[mark] for mark in ("C", "H", "3")] == pytest.approx(
        [wide.middle(1), wide.middle(4), wide.middle(3)]
    )


def test_partner_without_a_place_stands_beside_the_columns():
    found = places(paper.dot_strip(answers(C=1, YP=None), 1, "T"))
    assert found["YP"] == pytest.approx(paper.WIDE.width - paper.WIDE.side / 2)


def test_narrow_strip_leaves_out_who_has_no_level_and_prints_the_levels():
    drawing = paper.dot_strip(answers(C=1, YP=None), "not agreed", "T", paper.NARROW)
    assert said(drawing) == ["C", "not agreed", "1", "2", "3", "4"]


def test_up_to_four_stand_in_a_row_and_more_in_even_rows():
    def rows(amount):
        strip = paper.dot_strip(answers(**{f"P{n}": 2 for n in range(amount)}), 2, "T")
        heights = [node.get("cy") for node in nodes(strip, "circle")]
        return [heights.count(height) for height in sorted(set(heights), key=float)]

    assert [rows(amount) for amount in (1, 4, 5, 6, 7, 12)] == [
        [1], [4], [3, 2], [3, 3], [4, 3], [4, 4, 4],
    ]  # fmt: skip


def test_families_are_squares_and_organisations_circles():
    drawing = paper.dot_strip(answers(C=1, PC=3), 2, "T")
    assert len(nodes(drawing, "circle")) == 1
    assert [node.get("fill") for node in nodes(drawing, "rect")] == [FAMILY]


def test_who_is_out_alone_has_a_thick_edge():
    one, other = answers(C=1, H=3)
    drawing = paper.dot_strip([replace(one, is_alone=True), other], 3, "T")
    assert [node.get("stroke-width") for node in nodes(drawing, "circle")] == ["0.8", "0.4"]


def test_dumbbell_says_how_a_level_moved():
    def moved(before, now):
        drawing = paper.dumbbell(before, now, "T")
        kites = [p for p in nodes(drawing, "path") if "Z" in p.get("d")]
        return said(drawing)[-1], len(kites)

    # Two kites and a triangle; kites alone; one kite.
    assert moved(2, 3) == ("2 to 3", 3)
    assert moved(3, 1) == ("3 to 1", 3)
    assert moved(2, 2) == ("still 2", 2)
    assert moved(None, 2) == ("new", 1)
    assert moved(2, None) == ("not rated", 1)
    assert moved(None, None) == ("not rated", 0)


def test_dumbbell_points_up_and_down():
    def tip(before, now):
        (triangle,) = [
            p for p in nodes(paper.dumbbell(before, now, "T"), "path") if p.get("fill") == INK
        ]
        ends = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", triangle.get("d"))]
        return ends[1] - ends[0]

    assert tip(2, 3) < 0 < tip(3, 2)


def statement(level, *, bare=False, contested=False):
    return SimpleNamespace(
        code="1.1",
        level=level,
        agreed_words=f"Level {level}" if level else "Not agreed",
        is_not_evidenced=bare,
        is_contested=contested,
    )


def test_square_has_digit_hatch_corner_or_dash():
    def marks(one):
        drawing = paper.level_strip([one], "T")
        (square, *plate) = nodes(drawing, "rect")
        paths = [p.get("fill") for p in nodes(drawing, "path")]
        return said(drawing), square.get("stroke-dasharray") is not None, len(plate), paths

    assert marks(statement(2)) == (["2"], False, 0, [])
    assert marks(statement(3, bare=True)) == (["3"], False, 1, ["none"])
    assert marks(statement(2, contested=True)) == (["2"], False, 0, [AGREED])
    # Not agreed is contested, and says so by having no level.
    assert marks(statement(None, contested=True)) == (["–"], True, 0, [])


def test_squares_in_words():
    row = [statement(3, bare=True), statement(2, contested=True), statement(None, contested=True)]
    assert paper.level_strip_title("Leadership", row) == (
        "Leadership: 1.1 level 3, not evidenced; 1.1 level 2, contested; 1.1 not agreed."
    )


def test_axis_breaks_long_words_in_two_and_names_the_last_column():
    drawing = paper.strip_axis(LABELS, shows_partners=True)
    assert said(drawing)[:5] == ["in place", "Not yet", "1", "Started", "2"]
    assert drawing.title.endswith("The last column holds partners that cannot be placed.")
    alone = paper.strip_axis(LABELS, shows_partners=False)
    assert "placed" not in said(alone)
    assert alone.title == (
        "Levels: 1 not yet in place, 2 started, 3 in routine use, 4 making a difference."
    )


def contrast(one, other):
    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_marks_stand_out_from_the_paper_and_digits_from_their_squares():
    assert min(contrast(colour, "#ffffff") for colour in (AGREED, EDGE, INK, MUTED, RANGE_BAR)) > 3
    assert contrast(INK, FAMILY) > 4.5
    for level, fill in paper.FILLS.items():
        assert contrast("#ffffff" if level == 4 else INK, fill) > 4.5
