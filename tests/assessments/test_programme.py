"""The grid for DfE programme staff: what it shows, what it never shows, and the same as files."""

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from areas.models import Area
from assessments.models import Assessment
from assessments.reports.exports.programme import COLUMNS
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import problems, soup, text, words
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.conftest import client_of
from tests.factories import (
    AreaFactory,
    CheckInFactory,
    StatisticalNeighbourFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
URL = "/programme/"
QUERIES = 7


@pytest.fixture
def client(programme):
    return client_of(programme)


def names(response):
    """The areas of the grid, in order."""
    return [words(node.a) for node in soup(response).select(".app-grid [scope=row]")]


def headings(response):
    return [words(node) for node in soup(response).select(".app-grid__group th")]


def row(response, area):
    """What the row of an area says, cell by cell, as a screen reader reads it."""
    head = next(n for n in soup(response).select(".app-grid [scope=row]") if words(n.a) == area)
    for hidden in head.parent.select('[aria-hidden="true"]'):
        hidden.decompose()
    return [words(cell) for cell in head.parent.find_all("td")]


# ---- What it shows -------------------------------------------------------------------------------


@pytest.fixture
def submitted(partnership):
    """Moorland after two assessments: all at 2, then family co-production claimed at 3 without
    evidence, workforce at 3 with it, and one culture statement not agreed."""
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    second = next_assessment(partnership)
    second.reveal()
    by = {s.slug: s.ingredient.number for s in second.statements}
    answers = {slug: "3" if number in (2, 4) else "2" for slug, number in by.items()}
    answers[next(slug for slug in by if by[slug] == 5)] = "not_agreed"
    agree(second, answers)
    lay_evidence(second, *[slug for slug in by if by[slug] == 4])
    submit(second)
    return second


def test_a_row_says_level_marks_band_confidence_and_change(client, submitted):
    response = client.get(URL)
    assert row(response, "Moorland") == [
        "2 , limiting",
        "2 , limiting, not evidenced",
        "2 , limiting",
        "3 , up since last time",
        "2 , limiting, contested",
        "2 , limiting",
        "Building Limited by 5 ingredients at level 2",
        "High 31 of 32 agreed",
        "1 up",
        timezone.localdate().strftime("%-d %b %Y"),
        "None",
        "None",
    ]
    link = soup(response).select_one(".app-grid [scope=row] a")
    assert link["href"] == f"/programme/areas/{submitted.area.dfe_code}/"
    assert client.get(link["href"]).status_code == 200


def test_no_partner_and_no_draft_is_on_it(client, submitted, other_partnership):
    other_partnership.reveal({"health": "4"})
    agree(other_partnership, "4")
    response = client.get(URL)
    assert row(response, "Fenland") == ["nothing submitted"] * 6 + [
        "No submitted assessment",
        "None",
        "None",
    ]
    for partner in submitted.partners.values():
        assert partner.name not in response.content.decode()


def test_an_area_is_listed_once_under_its_first_limiting_ingredient(client, framework):
    picture(framework, "Ashby", [3, 2, 3, 2, 3, 3])
    picture(framework, "Beeley", [2, 3, 3, 3, 3, 3], band="nearly_ready")
    picture(framework, "Corley", [3, None, 3, 3, 3, 3], band="not_yet_rated")
    AreaFactory(name="Dunley")
    response = client.get(URL)
    assert headings(response) == [
        "Limited by agency co-production 1 area", "Limited by family co-production 1 area",
        "Not yet rated 1 area", "No submitted assessment 1 area",
    ]  # fmt: skip
    assert names(response) == ["Beeley", "Ashby", "Corley", "Dunley"]
    assert row(response, "Corley")[1] == "not yet rated , limiting"
    assert "4 areas. 3 have a submitted assessment" in text(response)


def test_a_change_needs_two_levels(client, framework):
    picture(framework, "Ashby", [2, 3, 4, 2, None, 2], days=90, band="not_yet_rated")
    picture(framework, "Ashby", [3, 2, 4, None, 3, 1], band="not_yet_rated")
    said = row(client.get(URL), "Ashby")
    assert said[:6] == [
        "3 , up since last time", "2 , down since last time", "4", "not yet rated , limiting", "3",
        "1 , down since last time",
    ]  # fmt: skip
    assert said[8] == "1 up, 2 down"


def test_what_had_been_submitted_by_a_day(client, framework):
    picture(framework, "Ashby", [1] * 6, days=60, band="foundations_first")
    picture(framework, "Ashby", [3] * 6, days=10, band="ready")
    asked = days_ago(30)
    query = f"?as_at_day={asked.day}&as_at_month={asked.month}&as_at_year={asked.year}"
    assert row(client.get(URL), "Ashby")[6].startswith("Ready")
    assert row(client.get(URL + query), "Ashby")[6].startswith("Foundations first")
    assert row(client.get(URL + query), "Ashby")[8] == "First picture"


def test_a_replaced_version_is_neither_the_newest_nor_the_one_before(client, framework):
    picture(framework, "Ashby", [2] * 6, days=90)
    picture(framework, "Ashby", [4] * 6, days=20, replaced_on=days_ago(5))
    picture(framework, "Ashby", [3] * 6, days=5, version=2)
    said = row(client.get(URL), "Ashby")
    assert [said[0], said[8]] == ["3 , up since last time, limiting", "6 up"]


# ---- Check-ins -----------------------------------------------------------------------------------


@pytest.fixture
def checked(three):
    """Ashby is overdue, Beeley has had one and has one to come, Corley waits for DfE."""
    for name, kind, days, agreed in [
        ("Ashby", "dfe", -3, False), ("Ashby", "board", -60, True), ("Ashby", "internal", 2, False),
        ("Beeley", "annual", -40, True), ("Beeley", "dfe", 9, False), ("Corley", "dfe", -9, True),
    ]:  # fmt: skip
        area = Area.objects.get(name=name)
        more = {"area_agreed_at": timezone.now(), "area_agreed_by": UserFactory()} if agreed else {}
        CheckInFactory(
            area=area, baseline=Assessment.objects.filter(area=area)[0], kind=kind,
            on=days_ago(-days), planned_at=timezone.now() - timedelta(days=90), **more,
        )  # fmt: skip
    return three


def short(days):
    return days_ago(-days).strftime("%-d %b %Y")


def test_a_row_says_the_last_and_the_next_check_in_with_dfe_and_no_other(client, checked):
    response = client.get(URL)
    assert {name: row(response, name)[10:] for name in ("Ashby", "Beeley", "Corley")} == {
        "Ashby": ["None", f"{short(-3)} overdue"],
        "Beeley": [short(-40), short(9)],
        "Corley": [short(-9), "None"],
    }


def test_check_ins_are_those_of_the_day_that_is_asked_for(client, checked):
    asked = days_ago(5)
    query = f"?as_at_day={asked.day}&as_at_month={asked.month}&as_at_year={asked.year}"
    said = row(client.get(URL + query), "Ashby")
    assert said[10:] == ["None", short(-3)]
    # Beeley's had not been agreed by then, so it was overdue.
    assert row(client.get(URL + query), "Beeley")[10:] == ["None", f"{short(-40)} overdue"]


def test_the_files_have_the_check_ins(client, checked):
    query = "?mark=overdue"
    assert names(client.get(URL + query)) == ["Ashby"]
    found = read_csv(client.get(f"/programme.csv{query}"))[0]
    assert found["last_check_in"] == ""
    assert found["next_check_in"] == days_ago(3).isoformat()
    assert found["check_in_overdue"] == "yes"
    area = json.loads(client.get("/programme.json?q=beeley").getvalue())["areas"][0]
    assert area["last_check_in"] == days_ago(40).isoformat()
    assert (area["next_check_in"], area["check_in_overdue"]) == (days_ago(-9).isoformat(), False)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/programme.xlsx").content))
    head, *rows = book.get_sheet_by_name("Areas").to_python()
    found = {line[0]: line[-3:] for line in rows}
    assert head[-3:] == ["Last check-in", "Next check-in", "Check-in overdue"]
    assert found["Ashby"] == ["", days_ago(3), "yes"]
    assert found["Dunley"] == ["", "", ""]


@pytest.mark.parametrize(("sort", "found"), [("last-check-in", "ABCD"), ("next-check-in", "ABCD")])
def test_orders_by_check_ins(client, checked, sort, found):
    response = client.get(f"{URL}?sort={sort}")
    assert "".join(name[0] for name in names(response)) == found


# ---- Real areas and made-up ones -----------------------------------------------------------------


def test_made_up_areas_never_stand_among_real_ones(client, framework):
    picture(framework, "Ashby", [2] * 6)
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    picture(framework, made_up, [3] * 6)
    assert names(client.get(URL)) == ["Ashby"]
    response = client.get(URL + "?areas=demonstration")
    assert names(response) == ["Northmoor"]
    assert "Demonstration" in words(soup(response).select_one(".govuk-phase-banner"))
    assert "Demonstration" not in words(soup(client.get(URL)).select_one(".govuk-phase-banner"))


def test_where_only_made_up_areas_have_anything_they_are_shown_and_marked(client, framework):
    AreaFactory(name="Ashby")
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    picture(framework, made_up, [3] * 6)
    response = client.get(URL)
    assert names(response) == ["Northmoor"]
    assert "Every area on this page is fictional" in words(soup(response).body)
    assert names(client.get(URL + "?areas=england")) == ["Ashby"]


# ---- Filters and order ---------------------------------------------------------------------------


@pytest.fixture
def three(framework):
    ashby = AreaFactory(name="Ashby", region="North", dfe_code="901")
    beeley = AreaFactory(name="Beeley", region="South", dfe_code="902")
    corley = AreaFactory(name="Corley", region="South", dfe_code="903")
    AreaFactory(name="Dunley", region="East", dfe_code="904")
    picture(
        framework, ashby, [3, 2, 2, 2, 2, 4], days=9, marks=[5], contested=3, confidence="medium"
    )
    picture(framework, beeley, [2, 3, 3, 3, 3, 3], days=200, band="nearly_ready", levelled=30)
    picture(framework, beeley, [3, 3, 3, 2, 3, 3], days=5, band="nearly_ready", levelled=30)
    picture(framework, corley, [1, 3, None, 3, 3, 3], days=1, band="not_yet_rated")
    StatisticalNeighbourFactory(area=corley, neighbour=ashby)
    return framework


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=eel", ["Beeley"]),
        ("q=903", ["Corley"]),
        ("region=South", ["Beeley", "Corley"]),
        ("region=Nowhere", []),
        ("band=nearly_ready", ["Beeley"]),
        ("band=nothing", ["Dunley"]),
        ("level=1", ["Corley"]),
        ("level=not_rated", ["Corley"]),
        ("ingredient=workforce&level=2", ["Ashby", "Beeley"]),
        ("ingredient=workforce&level=4", []),
        ("mark=contested", ["Ashby"]),
        ("mark=contested&ingredient=workforce", []),
        ("mark=not_evidenced&mark=contested", ["Ashby"]),
        ("similar=corley", ["Ashby", "Corley"]),
        ("similar=903&region=North", ["Ashby"]),
    ],
)
def test_filters(client, three, query, found):
    assert sorted(names(client.get(f"{URL}?{query}"))) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("", "ABCD"), ("name", "ABCD"), ("region", "DABC"), ("band", "CABD"),
        ("confidence", "ABCD"), ("coverage", "BACD"), ("change", "BACD"), ("submitted", "CBAD"),
        ("agency-co-production", "CABD"), ("workforce", "ABCD"), ("leadership", "CABD"),
    ],
)  # fmt: skip
def test_orders(client, three, sort, found):
    if "-" in sort:
        sort = three.ingredients.first().slug
    response = client.get(f"{URL}?sort={sort}")
    assert "".join(name[0] for name in names(response)) == found


def test_every_column_is_a_link_that_orders_by_it_and_keeps_the_filter(client, three):
    page = soup(client.get(f"{URL}?region=South&q="))
    links = [node["href"] for node in page.select(".app-grid thead a")]
    assert len(links) == 13
    for link in links:
        assert link.startswith("?region=South&sort=")
        found = soup(client.get(URL + link)).select(".app-grid thead [aria-sort]")
        assert [node.a["href"] for node in found] == [link]


def test_it_says_how_many_fit_and_offers_to_clear(client, three):
    response = client.get(f"{URL}?region=South")
    assert "Showing 2 of 4 areas. Order: Limiting ingredient, then A to Z. Clear" in text(response)
    assert "No area fits these filters." in text(client.get(f"{URL}?q=zzz"))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("as_at_day=1", "As at must include a month and year"),
        ("as_at_day=1&as_at_month=1&as_at_year=2999", "As at must be today or a day before"),
        ("as_at_day=1&as_at_month=1&as_at_year=1900", "As at must be today or a day before"),
        ("similar=Atlantis", "No area has this name or code. Type it as the list has it"),
        ("band=best", "Choose readiness band from the list"),
        ("sort=rank", "Choose order from the list"),
        ("ingredient=luck", "Choose ingredient from the list"),
        ("level=5", "Choose at level from the list"),
        ("mark=late", "Choose marks from the list"),
        ("version=9", "Choose framework version from the list"),
        ("version=x", "Choose framework version from the list"),
        (f"q={'x' * 101}", "Area must be 100 characters or fewer"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_beside_its_field(client, three, query, message):
    response = client.get(f"{URL}?{query}&region=South")
    if "version" in query:
        assert response.status_code == 400
        assert message in words(soup(response))
    else:
        assert problems(response) == [message]
    chosen = soup(response).select_one("#id_region option[selected]")
    assert chosen["value"] == "South"
    assert client.get(f"/programme.csv?{query}").status_code == 400


def test_without_a_framework_there_is_nothing_to_compare(client):
    assert "No framework has been published yet" in text(client.get(URL))
    for kind in ("xlsx", "csv", "json"):
        assert "No framework" in text(client.get(f"/programme.{kind}"))


# ---- Files ---------------------------------------------------------------------------------------


def read_csv(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_the_files_hold_exactly_what_is_shown(client, three):
    query = "?region=South&sort=name"
    shown = names(client.get(URL + query))
    rows = read_csv(client.get(f"/programme.csv{query}"))
    assert list(dict.fromkeys(row["area"] for row in rows)) == shown == ["Beeley", "Corley"]
    found = json.loads(client.get(f"/programme.json{query}").getvalue())
    assert [row["area"] for row in found["areas"]] == shown
    assert found["filter"] == {"region": ["South"], "sort": ["name"]}
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/programme.xlsx{query}").content))
    assert book.sheet_names == ["Areas", "Agreed", "Counts as", "Marks", "How to read this"]
    assert [row[0] for row in book.get_sheet_by_name("Areas").to_python()[1:]] == shown


def test_the_files_say_what_the_page_says(client, submitted):
    rows = read_csv(client.get("/programme.csv"))
    assert list(rows[0]) == list(COLUMNS)
    said = [(row["level"], row["level_before"], row["change"]) for row in rows]
    assert said == [("2", "2", "")] * 3 + [("3", "2", "up")] + [("2", "2", "")] * 2
    assert [row["not_evidenced"] for row in rows] == ["", "yes", "", "", "", ""]
    assert {row["band"] for row in rows} == {"Building"}
    area = json.loads(client.get("/programme.json").getvalue())["areas"][0]
    assert (area["levelled"], area["contested_statements"]) == (31, 1)
    assert [row["contested"] for row in area["ingredients"]] == [False] * 4 + [True, False]
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/programme.xlsx").content))
    agreed = book.get_sheet_by_name("Agreed").to_python()
    assert [row[0] for row in agreed[1:]] == ["Moorland", "Moorland"]
    assert "Not agreed" in agreed[1]
    assert set(agreed[2][3:]) == {2}
    counted = book.get_sheet_by_name("Counts as").to_python()
    assert {3, 2, ""} == set(counted[1][3:])


def test_an_area_without_anything_submitted_is_one_row_without_levels(client, framework):
    AreaFactory(name="Ashby")
    (found,) = read_csv(client.get("/programme.csv"))
    assert (found["area"], found["band"], found["level"]) == ("Ashby", "", "")
    assert json.loads(client.get("/programme.json").getvalue())["areas"][0]["ingredients"] == []
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/programme.xlsx").content))
    assert book.get_sheet_by_name("Areas").to_python()[1][5] == "Nothing submitted"


def test_no_file_holds_a_live_formula(client, framework):
    area = AreaFactory(name="=1+1", region="@SUM(A1)")
    picture(framework, area, [2] * 6)
    (first, *_) = read_csv(client.get("/programme.csv"))
    assert (first["area"], first["region"]) == ("'=1+1", "'@SUM(A1)")
    for sheet in openpyxl.load_workbook(io.BytesIO(client.get("/programme.xlsx").content)):
        assert "f" not in {cell.data_type for line in sheet for cell in line}


# ---- Cost ----------------------------------------------------------------------------------------


def test_it_asks_the_database_as_often_for_three_areas_as_for_one(client, framework):
    corley = AreaFactory(name="Corley")
    picture(framework, corley, [2] * 6)
    StatisticalNeighbourFactory(area=corley)
    client.get(URL)

    def queries(query):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(URL + query).status_code == 200
        return len(asked)

    little = queries(""), queries("?similar=corley")
    for name in ("Ashby", "Beeley"):
        picture(framework, name, [1] * 6, days=50)
        picture(framework, name, [2] * 6)
    assert (queries(""), queries("?similar=corley")) == little == (QUERIES - 1, QUERIES)


def test_the_home_page_leads_to_it(client, framework):
    assert soup(client.get("/")).find("a", href=URL)


def test_links_keep_the_filters_and_nothing_else_of_the_address(client, framework):
    picture(framework, AreaFactory(name="Ashby"), [2] * 6)
    page = soup(client.get(f"{URL}?region=&q=Ash&amp;mark=contested&next=x"))
    links = {a["href"] for a in page.select(".app-grid thead a")}
    assert "?q=Ash&sort=band" in links
    files = {a["href"].partition("?")[2] for a in page.select("main a[href^='/programme.']")}
    assert files == {"q=Ash"}
