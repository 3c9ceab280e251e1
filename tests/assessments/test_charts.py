"""Dot strips and move strips: what is drawn, and what is said for those who do not see it."""

import xml.etree.ElementTree as ET

import pytest

from assessments.reports.charts import Dot, dot_strip, move_strip, strip_title

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg):
    return ET.fromstring(svg)


def shapes(svg, name, kind):
    return [node for node in drawn(svg).iter(f"{SVG}{kind}") if node.get("class") == name]


def organisations(*levels):
    return [Dot(f"P{n}", False, level) for n, level in enumerate(levels)]


def centre(level):
    return 36 + 72 * (level - 1)


def strip(dots, **given):
    return dot_strip(dots, **({"agreed": None, "title": "T"} | given))


def test_agreed_level_stands_in_a_diamond():
    svg = strip(organisations(2), agreed=3)
    (digit,) = shapes(svg, "s-agreed-t", "text")
    assert (digit.text, float(digit.get("x"))) == ("3", centre(3))
    (diamond,) = shapes(svg, "s-agreed", "path")
    assert diamond.get("d").startswith(f"M{centre(3)} ")
    plain = [node.text for node in shapes(svg, "s-t", "text")]
    assert plain == ["P0", "1", "2", "4"]


def test_without_an_agreed_level_there_is_no_diamond():
    svg = strip(organisations(2))
    assert shapes(svg, "s-agreed", "path") == []
    assert [node.text for node in shapes(svg, "s-t", "text")] == ["P0", "1", "2", "3", "4"]


def test_dots_stand_in_the_column_of_their_level():
    svg = strip(organisations(1, 4))
    assert [float(dot.get("cx")) for dot in shapes(svg, "s-org", "circle")] == [
        centre(1),
        centre(4),
    ]


def test_families_are_rounded_squares_and_organisations_circles():
    svg = strip([Dot("C", False, 2), Dot("PC", True, 3)])
    assert len(shapes(svg, "s-org", "circle")) == 1
    (square,) = shapes(svg, "s-fam", "rect")
    assert (float(square.get("x")) + 10, square.get("rx")) == (centre(3), "3")


def test_partner_out_on_its_own_has_a_thick_edge():
    svg = strip([Dot("C", False, 2), Dot("H", False, 4)], alone={"H"})
    widths = [float(dot.get("stroke-width")) for dot in shapes(svg, "s-org", "circle")]
    assert widths == [1.6, 3.2]


@pytest.mark.parametrize(
    ("amount", "rows"),
    [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (5, [3, 2]), (6, [3, 3]), (7, [3, 3, 1])],
)
def test_dots_of_one_level_stand_in_even_rows_of_three_at_most(amount, rows):
    dots = shapes(strip(organisations(*[2] * amount)), "s-org", "circle")
    heights = [dot.get("cy") for dot in dots]
    assert [heights.count(y) for y in dict.fromkeys(heights)] == rows


def test_dots_do_not_touch_and_stay_in_their_column():
    dots = shapes(strip(organisations(*[3] * 12)), "s-org", "circle")
    places = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in dots]
    for at, (x, y) in enumerate(places):
        assert abs(x - centre(3)) + 10.5 <= 35
        for other_x, other_y in places[at + 1 :]:
            assert (x - other_x) ** 2 + (y - other_y) ** 2 >= 21**2


def test_range_bar_runs_from_the_lowest_to_the_highest_level():
    (bar,) = shapes(strip(organisations(1, 3, 2)), "s-bar", "rect")
    assert (float(bar.get("x")), float(bar.get("width"))) == (centre(1), centre(3) - centre(1))
    assert shapes(strip(organisations(2, 2)), "s-bar", "rect") == []


def test_strip_without_dots_is_drawn_too():
    assert shapes(strip([]), "s-org", "circle") == []


def test_title_is_the_text_alternative_and_is_escaped():
    svg = strip([Dot("<C>", False, 1)], title="A & <b>")
    assert drawn(svg).get("role") == "img"
    assert drawn(svg).find(f"{SVG}title").text == "A & <b>"
    assert "<C>" not in svg


def test_big_strip_is_the_same_drawing_with_another_class():
    small, big = strip(organisations(1)), strip(organisations(1), big=True)
    assert big == small.replace('class="app-strip"', 'class="app-strip app-strip--big"')


@pytest.mark.parametrize("level", [0, 5, -1])
def test_level_outside_1_to_4_is_refused(level):
    with pytest.raises(ValueError, match=f"level: {level} is not 1 to 4"):
        strip([Dot("C", False, level)])


def test_move_up_is_an_arrow_from_the_hollow_to_the_filled_diamond():
    svg = move_strip(before=1, after=3, title="T")
    (was,) = shapes(svg, "s-prev", "path")
    assert was.get("d").startswith(f"M{centre(1)} ")
    (now,) = shapes(svg, "s-agreed", "path")
    assert now.get("d").startswith(f"M{centre(3)} ")
    (arrow,) = shapes(svg, "s-move", "path")
    assert arrow.get("d").startswith(f"M{centre(1) + 14} 18H{centre(3) - 18}")


def test_move_down_points_the_other_way():
    (arrow,) = shapes(move_strip(before=3, after=2, title="T"), "s-move", "path")
    assert arrow.get("d").startswith(f"M{centre(3) - 14} 18H{centre(2) + 18}")


@pytest.mark.parametrize(("before", "after"), [(2, 2), (None, 2)])
def test_no_move_is_one_diamond(before, after):
    svg = move_strip(before=before, after=after, title="T")
    assert len(shapes(svg, "s-agreed", "path")) == 1
    assert shapes(svg, "s-prev", "path") == shapes(svg, "s-move", "path") == []


def test_move_to_not_rated_leaves_the_hollow_diamond_alone():
    svg = move_strip(before=2, after=None, title="T")
    assert len(shapes(svg, "s-prev", "path")) == 1
    assert shapes(svg, "s-agreed", "path") == shapes(svg, "s-move", "path") == []


@pytest.mark.parametrize(
    ("levels", "without", "said"),
    [
        ({}, {}, "Name. No partner gave a level. Agreed level 2."),
        ({2: ["Council"]}, {}, "Name. Level 2: Council. Agreed level 2."),
        (
            {1: ["Health"], 4: ["Council", "Schools", "Post-16"]},
            {"cannot say": ["Voices"], "none": []},
            "Name. Level 4: Council, Schools and Post-16; level 1: Health; cannot say: Voices. Agreed level 2.",
        ),
    ],
)
def test_strip_title_says_who_is_where_from_the_highest(levels, without, said):
    assert strip_title("Name", levels, without=without, agreed="Agreed level 2.") == said
