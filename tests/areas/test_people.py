"""The people of an area: who is there, in which role, for whom."""

import pytest
from bs4 import BeautifulSoup

from areas.permissions import Role
from tests.conftest import client_of
from tests.factories import (
    AreaFactory,
    InvitationFactory,
    MembershipFactory,
    PartnerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def area():
    return AreaFactory(name="Moorland")


@pytest.fixture
def lead(area):
    user = UserFactory(name="Zora Lead", email="zora@moorland.example", job_title="Head of SEND")
    MembershipFactory(user=user, role=Role.LEAD, area=area)
    return client_of(user)


def rows(client, area) -> list[str]:
    response = client.get(f"/areas/{area.dfe_code}/people/")
    assert response.status_code == 200
    soup = BeautifulSoup(response.content, "html.parser")
    return [" ".join(row.get_text(" ").split()) for row in soup.select("tbody tr")]


def test_each_person_stands_once_with_roles_partner_and_address(area, lead):
    partner = PartnerFactory(area=area, name="Moorland Trust")
    both = UserFactory(name="Ben Both", email="ben@trust.example")
    for role in (Role.CONTRIBUTOR, Role.BOARD):
        MembershipFactory(user=both, role=role, area=area, partner=partner)

    reader = client_of(MembershipFactory(role=Role.BOARD, area=area, partner=partner).user)
    assert rows(reader, area)[:1] + rows(reader, area)[2:] == [
        "Ben Both Contributor, Moorland Trust Board member, Moorland Trust ben@trust.example",
        "Zora Lead Head of SEND SEND lead zora@moorland.example",
    ]


def test_two_people_of_the_same_name_stay_apart(area, lead):
    partner = PartnerFactory(area=area, name="Moorland Trust")
    first, second = UserFactory.create_batch(2, name="Sam Same")
    for person, role in (
        (first, Role.CONTRIBUTOR),
        (second, Role.CONTRIBUTOR),
        (first, Role.BOARD),
    ):
        MembershipFactory(user=person, role=role, area=area, partner=partner)

    reader = client_of(MembershipFactory(user=first, role=Role.LEAD).user)
    assert [row.split()[-1] for row in rows(reader, area)] == [
        first.email,
        second.email,
        "zora@moorland.example",
    ]


def test_people_of_other_areas_and_closed_accounts_are_not_shown(area, lead):
    MembershipFactory(user__name="Else Where")
    MembershipFactory(user__name="Gone Away", user__is_active=False, role=Role.VIEWER, area=area)

    assert len(rows(lead, area)) == 1


def test_whoever_may_not_enter_sees_no_address(area, lead, programme):
    viewer = client_of(MembershipFactory(role=Role.VIEWER, area=area).user)
    stranger = client_of(MembershipFactory(role=Role.LEAD).user)
    path = f"/areas/{area.dfe_code}/people/"

    assert viewer.get(path).status_code == 403
    assert client_of(programme).get(path).status_code == 403
    assert stranger.get(path).status_code == 404
    for client in (viewer, client_of(programme), stranger):
        assert b"zora@moorland.example" not in client.get(path).content


def test_nobody_changes_anything_here(area, lead):
    assert lead.post(f"/areas/{area.dfe_code}/people/").status_code == 405


def test_it_costs_the_same_with_one_person_and_three(area, lead, django_assert_num_queries):
    # session, person with memberships, area, people, invitations, their mail
    InvitationFactory(area=area)
    with django_assert_num_queries(6):
        rows(lead, area)
    for _ in range(2):
        partner = PartnerFactory(area=area)
        MembershipFactory(role=Role.CONTRIBUTOR, area=area, partner=partner)
        InvitationFactory(area=area)
    with django_assert_num_queries(6):
        rows(lead, area)
