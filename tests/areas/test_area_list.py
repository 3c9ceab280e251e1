"""The list of areas a person may open."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from areas.permissions import Role
from tests.conftest import client_of
from tests.factories import AreaFactory, MembershipFactory

pytestmark = pytest.mark.django_db


def rows(client, query: str = "") -> list[str]:
    soup = BeautifulSoup(client.get(f"/areas/{query}").content, "html.parser")
    return [" ".join(row.get_text(" ").split()) for row in soup.select("tbody tr")]


def test_a_person_finds_their_own_areas():
    mine = MembershipFactory(role=Role.VIEWER, area__name="Moorland", area__region="South West")
    AreaFactory(name="Fenland")

    assert rows(client_of(mine.user)) == ["Moorland South West"]


def test_programme_staff_find_every_area_by_part_of_its_name(programme):
    AreaFactory(name="North Moor")
    AreaFactory(name="Fenland")
    demo = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    client = client_of(programme)

    assert rows(client) == [
        "Fenland North East",
        "North Moor North East",
        "Northmoor Demonstration North East",
    ]
    assert rows(client, "?q=NORTH") == [
        "North Moor North East",
        "Northmoor Demonstration North East",
    ]
    assert f'href="/areas/{demo.dfe_code}/"' in client.get("/areas/").content.decode()


def test_the_number_found_is_said_in_words(programme):
    AreaFactory(name="Fenland")
    soup = BeautifulSoup(client_of(programme).get("/areas/?q=fen").content, "html.parser")

    assert " ".join(soup.find(role="status").get_text().split()) == "1 area with “fen” in the name"
    assert soup.find("input", attrs={"name": "q"})["value"] == "fen"


def test_nobody_reads_it_without_signing_in():
    response = Client().get("/areas/")

    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/areas/"


@pytest.mark.parametrize("value", ["\x00", "%", "😀" * 300, "x" * 60_000, "<b>", "' OR 1=1"])
def test_no_search_breaks_the_page(programme, value):
    AreaFactory(name="Fenland")

    response = client_of(programme).get("/areas/", {"q": value})

    assert response.status_code == 200
    assert b"<b>\xe2\x80\x9d" not in response.content


def test_it_costs_the_same_with_one_area_and_three(programme, django_assert_num_queries):
    client = client_of(programme)
    AreaFactory()
    with django_assert_num_queries(3):  # session, person with memberships, areas
        client.get("/areas/")
    AreaFactory.create_batch(2)
    with django_assert_num_queries(3):
        client.get("/areas/")
