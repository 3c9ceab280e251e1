"""The grid in the layout of explore education statistics: every rule of DfE's open data standards
that its screener checks, and what the counts come to."""

import csv
import io
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from areas.models import REGION_CODES, Area
from assessments.reports.comparison import compare
from assessments.reports.exports.statistics import hidden_regions, make_statistics
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import soup, text
from tests.conftest import client_of
from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db
URL = "/programme/statistics.zip"
QUERIES = 6
NAMES = ["send-readiness.csv", "send-readiness.meta.csv", "send-readiness-areas.csv",
         "send-readiness-areas.meta.csv", "data-guidance.txt"]  # fmt: skip
TIME_AND_PLACE = {
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
    "region_code", "region_name", "old_la_code", "new_la_code", "la_name",
}  # fmt: skip


@pytest.fixture
def client(programme):
    return client_of(programme)


class Files:
    """The zip as somebody finds it who opens it."""

    def __init__(self, response):
        assert response.status_code == 200, response.content[:200]
        with zipfile.ZipFile(io.BytesIO(response.content)) as file:
            assert file.testzip() is None
            self.texts = {name: file.read(name).decode() for name in file.namelist()}

    def rows(self, name):
        return list(csv.DictReader(io.StringIO(self.texts[name])))

    def numbers(self, topic, breakdown, level="National", **where):
        """The indicators of one row: areas, contested, not evidenced."""
        name = "send-readiness-areas.csv" if level == "Local authority" else "send-readiness.csv"
        wanted = {"breakdown_topic": topic, "breakdown": breakdown, "geographic_level": level}
        (found,) = (
            row for row in self.rows(name) if (wanted | where).items() <= row.items()
        )  # fmt: skip
        return [found[key] for key in INDICATORS]


INDICATORS = ["area_count", "area_contested_count", "area_not_evidenced_count"]
DATA = ["send-readiness", "send-readiness-areas"]


def lay(framework, region, levels, *, number=1, code=None, **given):
    """So many areas of a region with these levels."""
    found = []
    for _ in range(number):
        taken = Area.objects.count()
        area = AreaFactory(
            name=f"{region} {taken}", region=region, dfe_code=code or f"{800 + taken}",
            gss_code=f"E06{taken:06d}",
        )  # fmt: skip
        picture(framework, area, levels, **given)
        found.append(area)
    return found


@pytest.fixture
def england(framework):
    """Six in London, five in the North East of which one is not yet rated, and two elsewhere."""
    lay(framework, "London", [3, 2, 3, 3, 3, 2], number=5, marks=[1])
    lay(framework, "London", [3] * 6, band="ready")
    lay(framework, "North East", [1, 2, 2, 2, 2, 2], number=4, band="foundations_first")
    lay(framework, "North East", [2, None, 2, 2, 2, 2], band="not_yet_rated")
    lay(framework, "South West", [2] * 6)
    AreaFactory(name="Dunley", region="South West", dfe_code="899", gss_code="E06000899")
    return framework


# ---- The rules of the standards ------------------------------------------------------------------


@pytest.fixture(params=["", "?region=London", "?band=ready", "?q=North+East"])
def files(client, england, request):
    return Files(client.get(URL + request.param))


def test_the_zip_is_flat_with_pairs_that_are_named_alike(files):
    assert list(files.texts) == NAMES
    for name in DATA:
        assert re.fullmatch(r"[a-z0-9_-]{1,50}", name)


@pytest.mark.parametrize("name", DATA)
def test_mandatory_columns_come_first_and_every_name_is_in_snake_case(files, name):
    head = files.texts[f"{name}.csv"].splitlines()[0].split(",")
    assert head[:5] == [
        "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
    ]  # fmt: skip
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,34}", column) for column in head)
    assert len(set(head)) == len(head)
    # No mark at the start of the file, which would become part of the first name.
    assert not files.texts[f"{name}.csv"].startswith("\ufeff")


@pytest.mark.parametrize("name", DATA)
def test_metadata_names_every_column_that_needs_it_and_no_other(files, name):
    meta, rows = files.rows(f"{name}.meta.csv"), files.rows(f"{name}.csv")
    assert list(meta[0]) == [
        "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp",
        "filter_hint", "filter_grouping_column",
    ]  # fmt: skip
    named = [row["col_name"] for row in meta]
    groups = [row["filter_grouping_column"] for row in meta if row["filter_grouping_column"]]
    for column in rows[0].keys() - TIME_AND_PLACE:
        has_one_value = len({row[column] for row in rows}) == 1
        assert has_one_value or column in {*named, *groups}, column
    assert set(named) | set(groups) <= rows[0].keys() - TIME_AND_PLACE
    # A column that groups a filter has no line of its own.
    assert not set(named) & set(groups)


@pytest.mark.parametrize("name", DATA)
def test_each_line_of_the_metadata_is_well_formed(files, name):
    meta = files.rows(f"{name}.meta.csv")
    for key in ("col_name", "label"):
        values = [row[key] for row in meta]
        assert all(values)
        assert len(set(values)) == len(values)
    for row in meta:
        assert len(row["label"]) <= 80
        if row["col_type"] == "Filter":
            assert (row["indicator_grouping"], row["indicator_unit"], row["indicator_dp"]) == (
                "", "", "",
            )  # fmt: skip
        else:
            assert row["col_type"] == "Indicator"
            assert (row["filter_hint"], row["filter_grouping_column"]) == ("", "")
            assert row["indicator_unit"] in {"", "%", "pp", "£", "£m"}
            assert re.fullmatch(r"\d", row["indicator_dp"])


@pytest.mark.parametrize("name", DATA)
def test_no_row_occurs_twice(files, name):
    rows = files.rows(f"{name}.csv")
    keys = [tuple(v for key, v in row.items() if key not in INDICATORS) for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", DATA)
def test_time_is_a_term_of_an_academic_year_in_six_digits(files, name):
    for row in files.rows(f"{name}.csv"):
        assert row["time_identifier"] in {"Autumn term", "Spring term", "Summer term"}
        assert re.fullmatch(r"20\d{4}", row["time_period"])
        assert int(row["time_period"][2:4]) + 1 == int(row["time_period"][4:])


@pytest.mark.parametrize("name", DATA)
def test_places_are_complete_for_their_level_and_blank_for_others(files, name):
    for row in files.rows(f"{name}.csv"):
        assert (row["country_code"], row["country_name"]) == ("E92000001", "England")
        region = (row["region_code"], row["region_name"])
        if row["geographic_level"] == "National":
            assert region == ("", "")
        else:
            assert REGION_CODES[row["region_name"]] == row["region_code"]
        if row["geographic_level"] == "Local authority":
            assert re.fullmatch(r"\d{3}", row["old_la_code"])
            assert re.fullmatch(r"E\d{8}", row["new_la_code"])
            assert row["la_name"]
        else:
            assert row["geographic_level"] in {"National", "Regional"}
            assert "la_name" not in row


@pytest.mark.parametrize("name", DATA)
def test_no_filter_and_no_indicator_is_blank(files, name):
    for row in files.rows(f"{name}.csv"):
        for column in row.keys() - TIME_AND_PLACE:
            assert row[column].strip() == row[column] != ""
            assert row[column] not in {"NA", "na", "null", "NULL", "N/A", "-", ".."}
        for column in INDICATORS:
            assert re.fullmatch(r"\d+|c|x", row[column])


@pytest.mark.parametrize("name", DATA)
def test_every_place_has_every_breakdown_and_a_total(files, name):
    rows = files.rows(f"{name}.csv")
    wanted = {(row["breakdown_topic"], row["breakdown"]) for row in rows}
    assert len(wanted) == 1 + 5 + 6 * 5
    assert ("Total", "Total") in wanted
    places = {(row["geographic_level"], row["region_name"], row.get("la_name")) for row in rows}
    assert len(rows) == len(places) * len(wanted)
    # No total in a column of time or place.
    assert not {row[key] for row in rows for key in TIME_AND_PLACE & row.keys()} & {"Total", "All"}


def test_regions_have_the_codes_of_the_areas_that_are_loaded(settings):
    with (settings.BASE_DIR / "fixtures/areas.csv").open(encoding="utf-8") as file:
        assert {row["region"] for row in csv.DictReader(file)} == set(REGION_CODES)


# ---- What is counted -----------------------------------------------------------------------------


def test_areas_are_counted_by_band_and_by_level_of_each_ingredient(client, england):
    found = Files(client.get(URL))
    assert found.numbers("Total", "Total") == ["12", "5", "5"]
    assert found.numbers("Readiness band", "Ready") == ["1", "0", "0"]
    assert found.numbers("Readiness band", "Not yet rated") == ["1", "0", "0"]
    assert found.numbers("Agency co-production", "Level 1") == ["4", "0", "0"]
    assert found.numbers("Family co-production", "Level 2") == ["10", "5", "5"]
    assert found.numbers("Family co-production", "Not yet rated") == ["1", "0", "0"]
    london = found.numbers("Family co-production", "Level 2", "Regional", region_name="London")
    assert london == ["5", "5", "5"]


def test_an_area_is_counted_at_its_own_level(client, england):
    found = Files(client.get(URL))
    where = {"level": "Local authority", "la_name": "London 5"}
    assert found.numbers("Total", "Total", **where) == ["1", "0", "0"]
    assert found.numbers("Workforce", "Level 3", **where) == ["1", "0", "0"]
    assert found.numbers("Workforce", "Level 2", **where) == ["0", "0", "0"]
    assert found.numbers("Readiness band", "Ready", **where) == ["1", "0", "0"]


def test_what_an_area_has_not_submitted_is_not_available(client, england):
    found = Files(client.get(URL))
    where = {"level": "Local authority", "la_name": "Dunley"}
    assert found.numbers("Total", "Total", **where) == ["0", "0", "0"]
    assert found.numbers("Workforce", "Level 3", **where) == ["x", "x", "x"]


def test_exactly_the_areas_of_the_grid_are_counted_and_every_row_says_which(client, england):
    query = "?region=London&ingredient=family-co-production&level=2&mark=contested"
    found = Files(client.get(URL + query))
    rows = found.rows("send-readiness.csv")
    said = "Region: London; Ingredient: Family co-production; At level: 2; Only areas with: "
    assert {row["selection"] for row in rows} == {f"{said}a contested ingredient"}
    # One region says nothing of England.
    assert {row["geographic_level"] for row in rows} == {"Regional"}
    names = {row["la_name"] for row in found.rows("send-readiness-areas.csv")}
    page = soup(client.get(f"/programme/{query}"))
    assert names == {node.get_text() for node in page.select(".app-grid [scope=row] a")}
    assert len(names) == 5
    assert {row["selection"] for row in Files(client.get(URL)).rows("send-readiness.csv")} == {
        "All areas"
    }


def test_as_at_a_day_it_is_of_the_term_of_that_day(client, framework):
    lay(framework, "London", [2] * 6, number=5, days=700)
    for query, period, term, number in (
        ("as_at_day=31&as_at_month=8&as_at_year=2026", "202526", "Summer term", "5"),
        ("as_at_day=1&as_at_month=9&as_at_year=2026", "202627", "Autumn term", "5"),
        ("as_at_day=30&as_at_month=4&as_at_year=2026", "202526", "Spring term", "5"),
        ("as_at_day=1&as_at_month=1&as_at_year=2000", "199900", "Spring term", "c"),
    ):
        rows = Files(client.get(f"{URL}?{query}")).rows("send-readiness.csv")
        assert {(row["time_period"], row["time_identifier"]) for row in rows} == {(period, term)}
        assert rows[0]["area_count"] == number


def test_a_name_that_could_be_a_formula_is_text(client, framework):
    area = AreaFactory(name="=1+1", region="London", dfe_code="801")
    picture(framework, area, [2] * 6)
    found = Files(client.get(f"{URL}?q=%3D1%2B1"))
    assert {row["la_name"] for row in found.rows("send-readiness-areas.csv")} == {"'=1+1"}


def test_the_guidance_says_what_was_counted(client, england):
    said = Files(client.get(f"{URL}?region=London")).texts["data-guidance.txt"]
    assert "Counted: Region: London." in said
    assert "do not publish files of different filters" in said
    assert "is not for publication" in said
    assert "Areas are not ranked" in said


# ---- Small groups --------------------------------------------------------------------------------


def test_a_region_of_fewer_than_five_areas_is_suppressed(client, framework):
    lay(framework, "London", [2] * 6, number=6)
    lay(framework, "North East", [2] * 6, number=5)
    lay(framework, "South East", [2] * 6, number=4)
    lay(framework, "South West", [2] * 6, number=2)
    found = Files(client.get(URL))
    numbers = {
        name: found.numbers("Total", "Total", "Regional", region_name=name)[0]
        for name in ("London", "North East", "South East", "South West")
    }
    assert numbers == {"London": "6", "North East": "5", "South East": "c", "South West": "c"}
    assert found.numbers("Workforce", "Level 4", "Regional", region_name="South West") == ["c"] * 3
    assert found.numbers("Total", "Total") == ["17", "0", "0"]


def test_another_region_is_suppressed_where_one_alone_could_be_taken_from_england(client, england):
    found = Files(client.get(URL))
    for name in ("South West", "North East"):
        assert found.numbers("Total", "Total", "Regional", region_name=name) == ["c", "c", "c"]
    assert found.numbers("Total", "Total", "Regional", region_name="London") == ["6", "5", "5"]


def test_england_itself_is_suppressed_where_few_areas_fit(client, england):
    found = Files(client.get(f"{URL}?band=ready"))
    assert found.numbers("Total", "Total") == ["c", "c", "c"]


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ({}, ""),
        ({"A": 5}, ""),
        ({"A": 4}, "A"),
        ({"A": 0, "B": 5}, "A"),
        ({"A": 4, "B": 5, "C": 9}, "AB"),
        ({"A": 4, "B": 1, "C": 9}, "AB"),
        ({"A": 1, "B": 1, "C": 9, "D": 6}, "ABD"),
        ({"A": 4, "B": 4}, "AB"),
    ],
)
def test_what_is_left_of_england_is_never_a_small_group(numbers, hidden):
    assert hidden_regions(numbers) == set(hidden)
    left = sum(numbers[name] for name in hidden)
    assert left == 0 or left >= 5 or len(hidden) == len(numbers)


@given(numbers=st.dictionaries(st.sampled_from("ABCDEFGHI"), st.integers(0, 30)))
def test_no_group_of_one_to_four_areas_can_be_taken_from_the_counts(numbers):
    hidden = hidden_regions(numbers)
    shown = numbers.keys() - hidden
    assert all(numbers[name] >= 5 for name in shown)
    left = sum(numbers[name] for name in hidden)
    assert left == 0 or left >= 5 or not shown
    # No more than one region is left out on top of the small ones.
    assert sum(numbers[name] >= 5 for name in hidden) <= 1


# ---- Made-up areas, refusals, cost ---------------------------------------------------------------


def test_made_up_areas_are_never_in_it(client, england):
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", region="London", is_demonstration=True)
    picture(england, made_up, [4] * 6)
    assert all("Northmoor" not in content for content in Files(client.get(URL)).texts.values())
    assert client.get(f"{URL}?areas=demonstration").status_code == 404
    page = client.get("/programme/?areas=demonstration")
    assert not soup(page).find("a", href=re.compile("statistics"))
    lines = compare(Area.objects.all(), england, days_ago(0))
    with pytest.raises(ValueError, match="Northmoor is made up"):
        make_statistics(lines, england, days_ago(0), selection="All areas", in_region=False)


def test_the_grid_leads_to_it_with_its_filter(client, england):
    page = client.get("/programme/?region=London")
    link = soup(page).find("a", href=re.compile("statistics"))
    assert link["href"] == f"{URL}?region=London"
    assert "The file of areas in the ZIP is not for publication." in text(page)
    response = client.get(link["href"])
    assert response["Content-Type"] == "application/zip"
    assert 'filename="send-readiness.zip"' in response["Content-Disposition"]


def test_a_filter_that_cannot_be_is_refused(client, england):
    assert client.get(f"{URL}?band=best").status_code == 400


def test_without_a_framework_there_is_no_file(client):
    assert "No framework" in text(client.get(URL))


def test_the_same_areas_make_the_same_bytes(client, england):
    assert client.get(URL).content == client.get(URL).content


def test_it_asks_the_database_as_often_for_many_areas_as_for_one(client, framework):
    lay(framework, "London", [2] * 6)
    client.get(URL)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        return len(asked)

    little = queries()
    lay(framework, "London", [3] * 6, number=2)
    assert queries() == little == QUERIES
