"""Comparison over framework versions: only through the map that is declared, and said in words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from areas.models import Area
from assessments.readiness import MapKind, MapRow, Pair, comparable, unchanged
from assessments.reports.build import contents_of
from assessments.reports.comparison import compare
from assessments.reports.last_time import last_time
from assessments.reports.versions import earlier_versions
from ingredients.actions import load_framework, publish
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import cells, soup, text, words
from tests.assessments.shortcuts import agree, next_assessment, submit
from tests.conftest import client_of
from tests.second_version import NEW, NEW_NAME, RENAMED, REWORDED, change, make_second

pytestmark = pytest.mark.django_db
# Culture merges two of its five, leadership retires one, workforce splits one.
WHOLE = {"agency-co-production", "family-co-production", "accountability"}
Kind = MapKind


# ---- The rule ------------------------------------------------------------------------------------


def test_same_reworded_and_renamed_are_compared_and_nothing_else():
    rows = [
        MapRow(Kind.SAME, "a", "a"), MapRow(Kind.REWORDED, "b", "b"),
        MapRow(Kind.RENAMED_FROM, "c", "d"), MapRow(Kind.SPLIT_FROM, "e", "f"),
        MapRow(Kind.SPLIT_FROM, "e", "g"), MapRow(Kind.MERGED_INTO, "h", "j"),
        MapRow(Kind.MERGED_INTO, "i", "j"), MapRow(Kind.RETIRED, "k", None),
        MapRow(Kind.NEW, None, "l"),
    ]  # fmt: skip
    found = comparable([rows], {}, {})
    assert found.statements == {"a": Pair("a", False), "b": Pair("b", True), "d": Pair("c", True)}


def test_without_a_map_nothing_is_comparable():
    assert comparable([], {"one": ["a"]}, {"one": ["a"]}) is None


def test_over_several_versions_each_step_must_be_comparable():
    first = [MapRow(Kind.RENAMED_FROM, "a", "b"), MapRow(Kind.SAME, "x", "x"),
             MapRow(Kind.SAME, "m", "m")]  # fmt: skip
    then = [MapRow(Kind.SAME, "b", "b"), MapRow(Kind.RETIRED, "x", None),
            MapRow(Kind.NEW, None, "y"), MapRow(Kind.SAME, "m", "m")]  # fmt: skip
    found = comparable([first, then], {}, {})
    assert found.statements == {"b": Pair("a", True), "m": Pair("m", False)}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"one": ["a", "b"]}, {"one": ["a", "b"]}, {"one": "one"}),
        ({"old": ["b", "a"]}, {"one": ["a", "b"]}, {"one": "old"}),
        # A statement more or less makes another ingredient of it.
        ({"one": ["a", "b", "gone"]}, {"one": ["a", "b"]}, {}),
        ({"one": ["a"]}, {"one": ["a", "new"]}, {}),
        # So does a statement that moved.
        ({"one": ["a"], "two": ["b"]}, {"one": ["a", "b"]}, {}),
    ],
)
def test_an_ingredient_is_compared_where_its_statements_are_the_same_ones(before, after, found):
    rows = unchanged(["a", "b"])
    assert comparable([rows], before, after).ingredients == found


slugs = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)


@given(slugs=slugs, steps=st.integers(1, 4))
def test_maps_that_change_nothing_compare_everything(slugs, steps):
    contents = {"one": slugs[::2], "two": slugs[1::2]}
    found = comparable([unchanged(slugs)] * steps, contents, contents)
    assert found.statements == {slug: Pair(slug, False) for slug in slugs}
    assert found.ingredients.keys() >= {name for name, inside in contents.items() if inside}


@given(data=st.data(), slugs=slugs)
def test_a_statement_is_never_compared_with_two(data, slugs):
    kinds = st.sampled_from([Kind.SAME, Kind.REWORDED, Kind.RETIRED, Kind.NEW])
    maps = [
        [
            MapRow(kind, None if kind == Kind.NEW else slug, None if kind == Kind.RETIRED else slug)
            for slug, kind in ((slug, data.draw(kinds)) for slug in slugs)
        ]
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    before = [pair.before for pair in comparable(maps, {}, {}).statements.values()]
    assert len(set(before)) == len(before)


# ---- Versions ------------------------------------------------------------------------------------


def load(folder, **how):
    made, _ = load_framework(folder=make_second(folder, **how))
    publish(framework=made)
    return made


@pytest.fixture
def second(framework, tmp_path):
    return load(tmp_path / "2")


@pytest.fixture
def unmapped(framework, tmp_path):
    return load(tmp_path / "2", with_map=False)


def test_the_earlier_versions_and_what_is_shared_with_them(framework, second):
    assert earlier_versions(framework) == []
    (found,) = earlier_versions(second)
    assert found.framework == framework
    assert set(found.comparable.ingredients) == WHOLE
    assert found.comparable.statements[NEW_NAME] == Pair(RENAMED, True)
    assert NEW not in found.comparable.statements
    culture = second.ingredients.get(slug="culture")
    assert found.ingredient("accountability") == framework.ingredients.get(number=6).pk
    assert found.ingredient(culture.slug) is None


def test_a_version_without_a_map_shares_nothing(unmapped):
    (found,) = earlier_versions(unmapped)
    assert (found.comparable, found.compared, found.ingredient("accountability")) == (None, 0, None)


def test_a_chain_is_cut_off_where_a_map_is_missing(framework, second, tmp_path):
    folder = make_second(tmp_path / "3", with_map=False)
    change(folder / "framework.yaml", lambda data: data | {"version": 3})
    third, _ = load_framework(folder=folder)
    publish(framework=third)
    assert [(row.framework.version, row.comparable) for row in earlier_versions(third)] == [
        (2, None), (1, None),
    ]  # fmt: skip


# ---- The grid ------------------------------------------------------------------------------------


@pytest.fixture
def client(programme):
    return client_of(programme)


def lines(framework):
    return {row.area.name: row for row in compare(Area.objects.all(), framework, days_ago(0))}


def test_the_change_since_an_earlier_version_is_of_what_is_comparable(framework, second, client):
    picture(framework, "Ashby", [2] * 6, days=90)
    picture(second, "Ashby", [3, 2, 3, 3, 3, 1])
    line = lines(second)["Ashby"]
    assert [cell.before for cell in line.cells] == [2, 2, None, None, None, 2]
    assert [cell.change for cell in line.cells] == ["up", "", "", "", "", "down"]
    assert line.change == (
        "1 up, 1 down (version 1 before, 3 of 6 compared, framework wording changed)"
    )
    assert "3 of 6 compared" in text(client.get("/programme/"))


def test_two_pictures_of_one_version_are_compared_with_each_other(framework, second):
    picture(framework, "Ashby", [1] * 6, days=200)
    picture(second, "Ashby", [2] * 6, days=90)
    picture(second, "Ashby", [3] * 6)
    line = lines(second)["Ashby"]
    assert (line.change, line.earlier) == ("6 up", None)


def test_without_a_map_it_says_that_it_is_not_compared(framework, unmapped, client):
    picture(framework, "Ashby", [2] * 6, days=90)
    picture(unmapped, "Ashby", [3] * 6)
    picture(unmapped, "Beeley", [3] * 6)
    found = lines(unmapped)
    assert found["Ashby"].change == "Not compared with version 1"
    assert {cell.change for cell in found["Ashby"].cells} == {""}
    assert found["Beeley"].change == "First picture"
    assert "Not compared with version 1" in text(client.get("/programme/"))


def test_an_earlier_version_is_shown_as_it_was(framework, second):
    picture(framework, "Ashby", [2] * 6, days=90)
    picture(second, "Ashby", [3] * 6)
    assert lines(framework)["Ashby"].change == "First picture"
    assert [cell.level for cell in lines(framework)["Ashby"].cells] == [2] * 6


def test_only_with_an_earlier_picture_is_an_area_in_the_newer_version_at_all(framework, second):
    picture(framework, "Ashby", [2] * 6, days=90)
    assert lines(second)["Ashby"].picture is None


def test_the_grid_asks_as_often_for_many_areas_as_for_one(framework, second, client):
    def queries():
        client.get("/programme/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/programme/")
        return len(asked)

    picture(framework, "Ashby", [2] * 6, days=90)
    picture(second, "Ashby", [3] * 6)
    little = queries()
    for name in ("Beeley", "Corley"):
        picture(framework, name, [2] * 6, days=90)
        picture(second, name, [3] * 6)
    assert queries() == little == 8


# ---- Bands and levels by term --------------------------------------------------------------------


def term_rows(response, title):
    page = soup(response)
    block = next(s for s in page.select("main section") if words(s.h2) == title)
    return [
        [words(cell) for cell in row.find_all(["th", "td"])] for row in block.select("tbody tr")
    ]


def test_levels_of_a_comparable_ingredient_go_on_from_the_earlier_version(
    framework, second, client
):
    picture(framework, "Ashby", [2] * 6, days=200)
    picture(second, "Ashby", [3] * 6)
    page = client.get("/programme/trends/?ingredient=accountability")
    rows = term_rows(page, "Accountability by term")
    assert len(rows) > 1
    # Levels 1 to 4, not yet rated, areas.
    assert rows[0][1:] == ["0", "1", "0", "0", "0", "1"]
    assert rows[-1][1:] == ["0", "0", "1", "0", "0", "1"]
    assert "accountability is counted as well, through its declared map; bands are not" in text(
        page
    )
    assert "framework wording changed" in text(page)
    # Bands rest on all six, of which three are not comparable.
    assert len(term_rows(page, "Readiness bands by term")) == 1


@pytest.mark.parametrize("version", ["second", "unmapped"])
def test_what_is_not_comparable_is_not_counted_and_that_is_said(
    request, framework, client, version
):
    newer = request.getfixturevalue(version)
    picture(framework, "Ashby", [2] * 6, days=200)
    picture(newer, "Ashby", [3] * 6)
    page = client.get("/programme/trends/?ingredient=culture")
    assert len(term_rows(page, "Culture by term")) == 1
    assert "Version 1 of the framework: not counted, as no declared map makes it comparable." in (
        text(page)
    )


def test_a_first_version_says_nothing_of_others(framework, client):
    picture(framework, "Ashby", [2] * 6)
    assert "declared map" not in text(client.get("/programme/trends/"))


# ---- An area's own reports -----------------------------------------------------------------------


@pytest.fixture
def first(partnership):
    """Moorland with one report in version 1: all at 2."""
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


def follow(own, level="3"):
    """The next assessment, in the newest version, agreed at this level and submitted."""
    later = next_assessment(own)
    later.reveal(dict.fromkeys(own.returns, "2"))
    agree(later, level)
    submit(later)
    return later


def trend_table(own, caption):
    page = soup(own.client("viewer").get(reverse("assessments:trend", args=[own.area.dfe_code])))
    rows = next(
        cells(node) for node in page.find_all("table") if caption in node.caption.get_text()
    )
    return {row[0]: row[1:] for row in rows}, words(page.main)


def test_the_trend_of_an_area_goes_through_the_map(first, second):
    later = follow(first)
    rows, said = trend_table(later, "The six ingredients")
    assert rows["Accountability"] == ["2", "2, not evidenced", "Still at 2."]
    assert rows["Culture"][0] == "Not compared"
    assert rows["Culture"][2] == "Not compared."
    assert "1 earlier report used another version of the framework. Its levels are compared" in said
    by_slug = later.assessment.content.statement_by_slug
    inside, _ = trend_table(later, "Statements of Family co-production")
    row = by_slug[NEW_NAME]
    assert inside[f"{row.code} {row.title}"] == [
        "2", "3, not evidenced", "Up from 2 to 3. Framework wording changed.",
    ]  # fmt: skip
    inside, _ = trend_table(later, "Statements of Leadership")
    row = by_slug[NEW]
    assert inside[f"{row.code} {row.title}"][0] == "Not compared"


def test_the_trend_without_a_map_leaves_the_earlier_version_out(first, unmapped):
    rows, said = trend_table(follow(first), "The six ingredients")
    assert rows["Accountability"] == ["2, not evidenced"]
    assert "1 earlier report used another version of the framework, so its levels are not" in said


def test_a_report_says_what_changed_since_one_in_an_earlier_version(first, second):
    later = follow(first)
    report = contents_of(later.assessment)
    by_slug = {row.slug: row for row in report.statements}
    assert by_slug["accountability-equality"].change == "Up from 2 to 3."
    assert by_slug[REWORDED].change == "Up from 2 to 3. Framework wording changed."
    assert by_slug[NEW].change == "Not compared: it is new or another one in this version."
    ingredients = {row.slug: row for row in report.ingredients}
    assert (ingredients["accountability"].before, ingredients["accountability"].change) == (
        2, "Still at 2.",
    )  # fmt: skip
    assert ingredients["culture"].change == (
        "Not compared: it has other statements in this version."
    )
    # No drawing of moves where some ingredients have none to draw.
    assert {row.move for row in report.ingredients} == {None}
    # Of 32 statements, two halves, one that was merged and one that is new are not compared.
    assert "28 statements went up, 0 down and 0 stayed. 4 cannot be compared." in (
        report.baseline.summary
    )


def test_a_report_after_one_that_no_map_leads_from_says_so(first, unmapped):
    report = contents_of(follow(first).assessment)
    assert report.baseline.summary == (
        "It used another framework version, so levels are not compared."
    )
    assert {row.change for row in report.statements} == {""}


def test_the_page_and_the_files_of_such_a_report_open(first, second):
    later = follow(first)
    client = later.client("viewer")
    for name in ("report", "report-statements", "report-xlsx", "report-csv", "report-json"):
        address = reverse(f"assessments:{name}", args=[later.assessment.pk])
        assert client.get(address).status_code == 200


def test_what_was_agreed_last_time_goes_through_the_map(first, second):
    assessment = follow(first).assessment
    by_slug = assessment.content.statement_by_slug
    told = {slug: last_time(assessment, by_slug[slug]) for slug in (REWORDED, NEW_NAME, NEW)}
    assert (told[REWORDED].words, told[REWORDED].is_reworded) == ("level 2", True)
    assert told[NEW_NAME].words == "level 2"
    assert told[NEW] is None


def test_what_was_agreed_last_time_is_not_told_without_a_map(first, unmapped):
    assessment = follow(first).assessment
    same = assessment.content.statement_by_slug["accountability-equality"]
    assert last_time(assessment, same) is None
