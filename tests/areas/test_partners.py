"""The partners of an area: who they are, and adding one."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from areas.models import AuditEvent, Partner, Sector
from areas.permissions import Role
from tests.conftest import client_of
from tests.factories import AreaFactory, MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def area():
    return AreaFactory(name="Moorland")


@pytest.fixture
def lead(area):
    return client_of(MembershipFactory(role=Role.LEAD, area=area).user)


def url(area) -> str:
    return f"/areas/{area.dfe_code}/partners/"


def page(client, area) -> BeautifulSoup:
    response = client.get(url(area))
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(soup) -> str:
    return " ".join(soup.get_text(" ").split())


def test_partners_stand_council_first_then_as_listed(area, lead):
    PartnerFactory(area=area, sector=Sector.PARENT_CARERS, name="Moorland Parents")
    PartnerFactory(area=area, sector=Sector.HEALTH, name="B Trust")
    PartnerFactory(area=area, sector=Sector.HEALTH, name="A Board")
    PartnerFactory(area=area, sector=Sector.LOCAL_AUTHORITY, name="Moorland Council")
    PartnerFactory(name="Of another area")

    names = [words(row.th) for row in page(lead, area).tbody.find_all("tr")]

    assert names == ["C Moorland Council", "H A Board", "H B Trust", "PC Moorland Parents"]


def test_closed_and_future_partners_are_not_listed(area, lead):
    today = timezone.localdate()
    PartnerFactory(area=area, name="Merged", closed_on=today)
    PartnerFactory(area=area, name="To come", opened_on=today + timedelta(days=1))
    PartnerFactory(area=area, name="Here")

    assert [words(row.th) for row in page(lead, area).tbody.find_all("tr")] == ["C Here"]


def test_the_page_names_the_sectors_that_an_assessment_still_needs(area, lead):
    PartnerFactory(area=area, sector=Sector.HEALTH)

    assert "no partner in them yet: Council, Social care, Parent carers." in words(page(lead, area))
    for sector in (Sector.LOCAL_AUTHORITY, Sector.SOCIAL_CARE, Sector.PARENT_CARERS):
        PartnerFactory(area=area, sector=sector)
    assert "no partner in them yet" not in words(page(lead, area))


def test_the_lead_adds_a_partner(area, lead):
    response = lead.post(url(area), {"sector": "health", "name": "  Moorland Trust "}, follow=True)

    assert response.redirect_chain == [(url(area), 302)]
    partner = Partner.objects.get()
    assert (partner.area, partner.sector, partner.name) == (area, "health", "Moorland Trust")
    assert partner.opened_on == timezone.localdate()
    soup = BeautifulSoup(response.content, "html.parser")
    assert "Moorland Trust was added." in words(soup.select_one(".govuk-notification-banner"))
    event = AuditEvent.objects.get()
    assert event.sentence.endswith("added the partner Moorland Trust")
    assert (event.area_code, event.partner_id) == (area.dfe_code, partner.pk)


@pytest.mark.parametrize(
    ("data", "message", "target"),
    [
        ({"sector": "", "name": "New"}, "Select a sector", "#id_sector"),
        ({"sector": "health", "name": ""}, "Enter name of the organisation or group", "#id_name"),
        ({"sector": "dragons", "name": "New"}, "Select a valid choice.", "#id_sector"),
        ({"sector": "health", "name": "x" * 161}, "must be 160 characters or fewer", "#id_name"),
        ({"sector": "health", "name": "a\x00b"}, "Null characters are not allowed.", "#id_name"),
        (
            {"sector": "health", "name": "here ALREADY"},
            "This area already has a partner with this name",
            "#id_name",
        ),
        ({}, "Select a sector", "#id_sector"),
    ],
)
def test_a_refused_partner_is_explained_beside_the_field(area, lead, data, message, target):
    PartnerFactory(area=area, name="Here already")

    response = lead.post(url(area), data)

    assert response.status_code == 400
    soup = BeautifulSoup(response.content, "html.parser")
    assert soup.title.text.startswith("Error: ")
    links = {link.text: link["href"] for link in soup.select(".govuk-error-summary a")}
    found = next(text for text in links if message in text)
    assert links[found] == target
    assert soup.select_one(target) is not None
    assert Partner.objects.count() == 1


def test_a_name_is_free_again_when_its_partner_is_closed_or_elsewhere(area, lead):
    PartnerFactory(area=area, name="The Trust", closed_on=timezone.localdate())
    PartnerFactory(name="The Trust")

    assert lead.post(url(area), {"sector": "health", "name": "The Trust"}).status_code == 302


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.BOARD])
def test_others_of_the_area_read_but_do_not_add(area, role):
    partner = PartnerFactory(area=area, name="Moorland Council")
    client = client_of(MembershipFactory(role=role, area=area, partner=partner).user)

    soup = page(client, area)
    assert "Moorland Council" in words(soup)
    assert soup.main.form is None
    assert "Change" not in words(soup.main)
    assert client.post(url(area), {"sector": "health", "name": "New"}).status_code == 403
    assert Partner.objects.count() == 1


def test_a_viewer_and_programme_staff_do_not_enter(area, programme):
    viewer = client_of(MembershipFactory(role=Role.VIEWER, area=area).user)

    assert viewer.get(url(area)).status_code == 403
    assert client_of(programme).get(url(area)).status_code == 403


def test_another_area_does_not_exist_for_a_lead(area, lead):
    other = AreaFactory()

    assert lead.get(url(other)).status_code == 404
    assert lead.post(url(other), {"sector": "health", "name": "New"}).status_code == 404
    assert not Partner.objects.exists()


def test_it_costs_the_same_with_one_partner_and_three(area, lead, django_assert_num_queries):
    PartnerFactory(area=area)
    with django_assert_num_queries(4):  # session, person with memberships, area, partners
        lead.get(url(area))
    PartnerFactory.create_batch(2, area=area)
    with django_assert_num_queries(4):
        lead.get(url(area))
