"""What support areas ask for: counts by package, ingredient and region, and who asks."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.actions.support import ask_support, withdraw_support
from assessments.reports.support_demand import COLUMNS
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import problems, soup, text, words
from tests.conftest import client_of
from tests.factories import AreaFactory, SupportPackageFactory, SupportRequestFactory

pytestmark = pytest.mark.django_db
URL, FILE = "/programme/support/", "/programme/support.csv"
QUERIES = 7


@pytest.fixture
def client(programme):
    return client_of(programme)


@pytest.fixture
def menu():
    """Three packages: of the first two an area may ask, the third nobody wants."""
    return [
        SupportPackageFactory(
            title="Board coaching", slug="board-coaching", order=1, term="long",
            ingredient_list="|leadership|accountability|",
        ),
        SupportPackageFactory(
            title="Co-production days", slug="co-production-days", order=2, term="short",
            ingredient_list="|family-co-production|leadership|",
        ),
        SupportPackageFactory(title="Data clinic", slug="data-clinic", order=3),
    ]  # fmt: skip


def ask(area, package, *, days=0, taken_back=None, why="Our board is new."):
    asked = timezone.now() - timedelta(days=days)
    row = SupportRequestFactory(area=area, package=package, asked_at=asked, why=why)
    if taken_back is not None:
        row.withdrawn_at, row.withdrawn_by = asked + timedelta(days=taken_back), row.asked_by
        row.save()
    return row


@pytest.fixture
def asked(framework, menu):
    """Four areas ask: one ready, one not yet rated, two that have submitted nothing."""
    coaching, days, _ = menu
    ashby, beeley, corley, dunley = (
        AreaFactory(name=name, region=region)
        for name, region in (
            ("Ashby", "North"), ("Beeley", "North"), ("Corley", "South"), ("Dunley", "South"),
        )
    )  # fmt: skip
    AreaFactory(name="Eyam", region="East")
    picture(framework, ashby, [2] * 6, days=50)
    picture(framework, ashby, [3] * 6, band="ready")
    picture(framework, beeley, [None] * 6, band="not_yet_rated")
    for area in (ashby, beeley, corley):
        ask(area, days, why=f"{area.name} wants it.")
    ask(dunley, coaching, days=40)
    ask(corley, coaching, days=30)
    ask(ashby, coaching, days=60, taken_back=30)
    return framework


def table(response, title):
    """Bands from the lowest, not yet rated, nothing submitted, areas."""
    block = next(s for s in soup(response).select("main section") if words(s.h2) == title)
    return {
        words(row.th): [words(cell) for cell in row.find_all("td")]
        for row in block.select("tbody tr")
    }


def requests_of(response):
    block = next(
        s for s in soup(response).select("main section") if words(s.h2) == "Who asks, and why"
    )
    return [
        (words(row.a), *(words(cell) for cell in row.find_all("td")[1:3]))
        for row in block.select("tbody tr")
    ]


# ---- What is counted -----------------------------------------------------------------------------


def test_packages_by_the_band_of_the_areas_that_ask(client, asked):
    response = client.get(URL)
    assert "5 requests from 4 of 5 areas" in text(response)
    assert table(response, "Packages") == {
        "Co-production days": ["0", "0", "0", "1", "1", "1", "3"],
        "Board coaching": ["0", "0", "0", "0", "0", "2", "2"],
    }
    # What most areas ask for comes first.
    assert list(table(response, "Packages")) == ["Co-production days", "Board coaching"]
    assert "3 areas ask. Nearly ready or ready: 1." in text(response)


def test_an_area_counts_once_for_an_ingredient_and_a_region(client, asked):
    response = client.get(URL)
    found = table(response, "Ingredients that the packages help")
    assert {name: cells[-1] for name, cells in found.items()} == {
        "Agency co-production": "0", "Family co-production": "3", "Leadership": "4",
        "Workforce": "0", "Culture": "0", "Accountability": "2",
    }  # fmt: skip
    assert {name: cells[-1] for name, cells in table(response, "Regions").items()} == {
        "North": "2", "South": "2",
    }  # fmt: skip


def test_each_bar_adds_up_and_says_its_counts(client, asked):
    bars = soup(client.get(URL)).select(".app-hundred")
    assert bars
    for bar in bars:
        parts = bar.select("rect")[1:]
        assert sum(float(part["width"].rstrip("%")) for part in parts) == pytest.approx(
            100, abs=0.1
        )
    assert bars[0]["aria-label"] == ("Co-production days: 3 areas ask. Nearly ready or ready: 1.")


def test_who_asks_and_why_is_there_to_read(client, asked):
    response = client.get(URL)
    assert requests_of(response) == [
        ("Ashby", "Co-production days", "Ashby wants it."),
        ("Beeley", "Co-production days", "Beeley wants it."),
        ("Corley", "Board coaching", "Our board is new."),
        ("Corley", "Co-production days", "Corley wants it."),
        ("Dunley", "Board coaching", "Our board is new."),
    ]


def test_what_is_asked_for_is_there_at_once_and_gone_when_taken_back(client, partnership, menu):
    lead = partnership.people["lead"]
    assert "No area asks for support" in text(client.get(URL))
    row = ask_support(area=partnership.area, package=menu[0], why="Why not.", by=lead)
    assert requests_of(client.get(URL)) == [("Moorland", "Board coaching", "Why not.")]
    withdraw_support(support_request=row, by=lead)
    assert "No area asks for support" in text(client.get(URL))


def test_what_was_typed_is_text(client, framework, menu):
    ask(AreaFactory(name="Ashby"), menu[0], why="<b>Bold</b>\n=1+1")
    page = client.get(URL).content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page


def test_packages_that_nobody_asks_for_are_listed(client, asked):
    details = soup(client.get(URL)).select("main details")[-1]
    assert words(details.summary) == "Packages that no area asks for (1)"
    assert words(details.ul) == "Data clinic"


# ---- Filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("region=North", ["Ashby", "Beeley"]),
        ("region=Nowhere", []),
        ("ingredient=family-co-production", ["Ashby", "Beeley", "Corley"]),
        ("ingredient=workforce", []),
        ("term=long", ["Corley", "Dunley"]),
        ("term=long&region=South&ingredient=accountability", ["Corley", "Dunley"]),
    ],
)
def test_filters_are_in_the_address_and_the_file_is_of_the_same(client, asked, query, found):
    response = client.get(f"{URL}?{query}")
    said = [row[0] for row in requests_of(response)] if found else []
    assert said == found
    if not found:
        assert "No area asks for support that fits these filters." in text(response)
    assert [row["area"] for row in read(client.get(f"{FILE}?{query}"))] == found
    if found:
        assert soup(response).find("a", href=f"{FILE}?{query}")
    assert "Clear the filters" in text(response)


def test_as_at_a_day_what_stood_then(client, asked):
    day = days_ago(35)
    query = f"?as_at_day={day.day}&as_at_month={day.month}&as_at_year={day.year}"
    response = client.get(URL + query)
    assert requests_of(response) == [
        ("Ashby", "Board coaching", "Our board is new."),
        ("Dunley", "Board coaching", "Our board is new."),
    ]
    # The bands are of that day too.
    assert table(response, "Packages")["Board coaching"] == ["0", "1", "0", "0", "0", "1", "2"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ingredient=luck", "Choose ingredient it helps from the list"),
        ("term=eternal", "Choose kind of package from the list"),
        ("as_at_day=x", "As at must include a month and year"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(client, asked, query, message):
    assert problems(client.get(f"{URL}?{query}")) == [message]
    assert client.get(f"{FILE}?{query}").status_code == 400


def test_without_a_framework_nothing_is_shown(client):
    assert "No framework has been published yet" in text(client.get(URL))
    assert "No framework" in text(client.get(FILE))


def test_made_up_areas_are_never_among_real_ones(client, asked, menu):
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    ask(made_up, menu[0])
    assert "Northmoor" not in text(client.get(URL))
    assert "Northmoor" not in client.get(FILE).getvalue().decode()
    response = client.get(f"{URL}?areas=demonstration")
    assert [row[0] for row in requests_of(response)] == ["Northmoor"]
    assert "Every area on this page is fictional" in words(soup(response).body)


# ---- The file ------------------------------------------------------------------------------------


def read(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_the_file_has_a_row_for_each_request(client, asked):
    rows = read(client.get(FILE))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["area"], row["package"], row["band"]) for row in rows] == [
        ("Ashby", "co-production-days", "Ready"),
        ("Beeley", "co-production-days", "Not yet rated"),
        ("Corley", "board-coaching", ""),
        ("Corley", "co-production-days", ""),
        ("Dunley", "board-coaching", ""),
    ]
    assert rows[0]["ingredients"] == "family-co-production leadership"
    assert rows[0]["asked_on"] == rows[0]["as_at"] == timezone.localdate().isoformat()


def test_the_file_holds_no_live_formula(client, framework, menu):
    ask(AreaFactory(name="=1+1"), menu[0], why="@SUM(A1)")
    (row,) = read(client.get(FILE))
    assert (row["area"], row["why"]) == ("'=1+1", "'@SUM(A1)")


# ---- Cost ----------------------------------------------------------------------------------------


def test_it_asks_the_database_as_often_for_many_requests_as_for_one(client, framework, menu):
    ask(AreaFactory(name="Ashby"), menu[0])
    client.get(URL)

    def queries():
        with CaptureQueriesContext(connection) as found:
            client.get(URL)
        return len(found)

    little = queries()
    for name in ("Beeley", "Corley"):
        area = AreaFactory(name=name)
        picture(framework, area, [2] * 6)
        ask(area, menu[0])
        ask(area, menu[1])
    assert queries() == little == QUERIES
