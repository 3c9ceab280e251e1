"""Two to four areas side by side."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import SubmittedAnswer
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import problems, soup, text, words
from tests.conftest import client_of
from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db
URL = "/programme/side-by-side/"
QUERIES = 7


@pytest.fixture
def client(programme):
    return client_of(programme)


@pytest.fixture
def two(framework):
    ashby = AreaFactory(name="Ashby", dfe_code="901")
    AreaFactory(name="Beeley", dfe_code="902")
    AreaFactory(name="Corley", dfe_code="903")
    picture(framework, ashby, [1] * 6, days=90)
    first = picture(framework, ashby, [2, 3, 3, 3, 3, None], band="not_yet_rated", marks=[1])
    picture(framework, "Beeley", [3] * 6, band="ready")
    said = SubmittedAnswer.objects.filter(picture=first).order_by("statement")
    for row, values in zip(
        said,
        [
            {"answer": "4", "counts_as": 2, "is_not_evidenced": True},
            {"answer": "not_agreed", "counts_as": None, "is_contested": True},
            {"answer": "", "counts_as": None},
        ],
        strict=False,
    ):
        SubmittedAnswer.objects.filter(pk=row.pk).update(**values)
    return framework


def row(response, title):
    head = next(n for n in soup(response).select("tbody th") if title in words(n))
    return [words(cell) for cell in head.parent.find_all("td")]


def test_areas_stand_side_by_side_in_the_order_asked_for(client, two):
    response = client.get(f"{URL}?first=902&second=901")
    heads = [words(node) for node in soup(response).select("thead th")]
    assert [head.split()[0] for head in heads] == ["Beeley", "Ashby"]
    assert row(response, "Readiness band")[0].startswith("Ready Limited by 6 ingredients")
    assert row(response, "Readiness band")[1].startswith("Not yet rated Limited by accountability")
    assert row(response, "Since last time") == ["First picture", "5 up"]
    assert row(response, "Agency co-production") == ["3 limiting", "2 up from level 1"]
    assert row(response, "Family") == ["3 limiting", "3 up from level 1, contested, not evidenced"]
    assert row(response, "Accountability") == ["3 limiting", "Not yet rated limiting"]


def test_each_statement_says_what_was_agreed_or_why_not(client, two):
    response = client.get(f"{URL}?first=901&second=902")
    first, second, third = two.ingredients.get(number=1).statements.all()[:3]
    assert row(response, first.title) == ["4 not evidenced, counts as 2", "2"]
    assert row(response, second.title) == ["Not agreed contested", "2"]
    assert row(response, third.title) == ["Not decided", "2"]


def test_an_area_with_nothing_submitted_says_so(client, two):
    response = client.get(f"{URL}?first=901&second=903")
    assert row(response, "Readiness band")[1] == "Nothing submitted"
    assert row(response, "Workforce")[1] == "Nothing submitted"
    day = days_ago(30)
    query = f"&as_at_day={day.day}&as_at_month={day.month}&as_at_year={day.year}"
    response = client.get(f"{URL}?first=901&second=902{query}")
    assert row(response, "Workforce") == ["1 limiting", "Nothing submitted"]


@pytest.mark.parametrize("query", ["", "?first=901", "?first=901&second=901"])
def test_one_area_is_not_enough(client, two, query):
    response = client.get(URL + query)
    assert "Choose two to four areas." in text(response)
    assert not soup(response).find("table")


def test_an_area_that_is_not_there_is_refused(client, two):
    assert problems(client.get(f"{URL}?first=901&third=999")) == ["Choose third area from the list"]
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    assert problems(client.get(f"{URL}?first=901&fourth={made_up.dfe_code}")) == [
        "Choose fourth area from the list"
    ]


def test_without_a_framework_there_is_nothing_to_compare(client):
    assert "No framework has been published yet" in text(client.get(URL))


def test_it_asks_the_database_as_often_for_four_areas_as_for_two(client, two):
    AreaFactory(name="Dunley", dfe_code="904")
    picture(two, "Corley", [2] * 6)
    picture(two, "Dunley", [2] * 6)
    client.get(URL)

    def queries(query):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"{URL}?first=901&second=902{query}").status_code == 200
        return len(asked)

    assert queries("") == queries("&third=903&fourth=904") == QUERIES
