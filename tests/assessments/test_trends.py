"""Bands and levels at the end of each term."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.reports.trends import MOST_TERMS, terms
from tests.assessments.kept import picture
from tests.assessments.pages import problems, soup, text, words
from tests.conftest import client_of
from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db
URL = "/programme/trends/"
DAY = "as_at_day=10&as_at_month=2&as_at_year=2026"
QUERIES = 6


@pytest.fixture
def client(programme):
    return client_of(programme)


def on(year, month, day):
    return (timezone.localdate() - date(year, month, day)).days


@pytest.fixture
def two(framework):
    """Ashby climbs from term to term; Beeley submitted first in the last term before the day."""
    ashby = AreaFactory(name="Ashby", region="North")
    picture(framework, ashby, [1] * 6, days=on(2025, 3, 1), band="foundations_first")
    picture(framework, ashby, [2] * 6, days=on(2025, 8, 31), band="building")
    picture(framework, ashby, [3] * 6, days=on(2026, 1, 9), band="ready")
    beeley = AreaFactory(name="Beeley", region="South")
    picture(framework, beeley, [None] * 6, days=on(2025, 12, 31), band="not_yet_rated")
    return framework


def table(response, title):
    block = next(s for s in soup(response).select("main section") if words(s.h2) == title)
    return {
        words(row.th): [words(cell) for cell in row.find_all("td")]
        for row in block.select("tbody tr")
    }


@pytest.mark.parametrize(
    ("day", "newest", "before"),
    [
        (date(2026, 2, 10), "Spring 2026", date(2025, 12, 31)),
        (date(2026, 4, 30), "Spring 2026", date(2025, 12, 31)),
        (date(2026, 5, 1), "Summer 2026", date(2026, 4, 30)),
        (date(2026, 12, 31), "Autumn 2026", date(2026, 8, 31)),
        (date(2026, 1, 1), "Spring 2026", date(2025, 12, 31)),
    ],
)
def test_terms_end_in_april_august_and_december(day, newest, before):
    found = terms(day)
    assert (len(found), found[-1].name, found[-1].day) == (MOST_TERMS, newest, day)
    assert found[-2].day == before
    assert [term.day for term in found] == sorted(term.day for term in found)


def test_bands_at_the_end_of_each_term_since_the_first_submission(client, two):
    found = table(client.get(f"{URL}?{DAY}"), "Readiness bands by term")
    # Foundations first, building, nearly ready, ready, not yet rated, areas.
    assert found == {
        "Spring 2025": ["1", "0", "0", "0", "0", "1"],
        "Summer 2025": ["0", "1", "0", "0", "0", "1"],
        "Autumn 2025": ["0", "1", "0", "0", "1", "2"],
        "Spring 2026": ["0", "0", "0", "1", "1", "2"],
    }
    assert "1 of 2 nearly ready or ready, 1 not yet rated." in text(client.get(f"{URL}?{DAY}"))


def test_bands_have_no_numbers(client, two):
    key, _ = soup(client.get(f"{URL}?{DAY}")).select(".app-key")
    assert words(key) == "Foundations first Building Nearly ready Ready Not yet rated"


def test_levels_of_the_ingredient_that_is_asked_for(client, two):
    slug = two.ingredients.get(number=5).slug
    found = table(client.get(f"{URL}?{DAY}&ingredient={slug}"), "Culture by term")
    assert found["Autumn 2025"] == ["0", "1", "0", "0", "1", "2"]


def test_areas_from_band_to_band(client, two):
    found = soup(client.get(f"{URL}?{DAY}")).select("main section")[1].select("tbody tr")
    assert [words(row) for row in found] == [
        "Not yet rated Not yet rated, as before 1", "Building Ready 1",
    ]  # fmt: skip
    first = f"{URL}?as_at_day=1&as_at_month=4&as_at_year=2025"
    assert "No area had submitted by the end of the term before." in text(client.get(first))


def test_one_region_and_none(client, two):
    found = table(client.get(f"{URL}?{DAY}&region=North"), "Readiness bands by term")
    assert found["Autumn 2025"][-1] == "1"
    assert "No area that fits these filters" in text(client.get(f"{URL}?{DAY}&region=East"))


def test_a_filter_that_cannot_be_is_refused(client, two):
    assert problems(client.get(f"{URL}?as_at_day=x")) == ["As at must include a month and year"]


def test_without_a_framework_there_is_nothing_to_tell(client):
    assert "No framework has been published yet" in text(client.get(URL))


def test_it_asks_the_database_as_often_for_many_areas_as_for_few(client, two):
    client.get(URL)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(URL).status_code == 200
        return len(asked)

    little = queries()
    for name in ("Corley", "Dunley", "Edale"):
        picture(two, name, [2] * 6, days=400)
        picture(two, name, [2] * 6)
    assert queries() == little == QUERIES
