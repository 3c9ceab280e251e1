"""The first hour of a lead: a partner for whom nobody can score is told of first."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from areas.models import Membership
from areas.permissions import Role
from assessments.models import Assessment
from tests import factories
from tests.conftest import Partnership


def text(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def button(response) -> str:
    return BeautifulSoup(response.content, "html.parser").main.select_one("a.govuk-button")["href"]


@pytest.fixture
def empty(partnership) -> Partnership:
    """Nobody may score for Health and for Schools."""
    for sector in ("health", "schools"):
        partnership.people[sector].memberships.all().delete()
    return partnership


def test_the_lead_is_sent_to_invite_people_first(empty):
    response = empty.client("lead").get(empty.assessment.get_absolute_url())

    assert (
        "Invite people to score. Nobody can score yet for Moorland Health and Moorland Schools."
        in text(response)
    )
    assert button(response) == f"/areas/{empty.area.dfe_code}/people/invite/?role=contributor"
    assert text(response).count("Nobody yet") == 2


def test_a_single_partner_is_filled_in(empty):
    factories.MembershipFactory(
        role=Role.CONTRIBUTOR, area=empty.area, partner=empty.partners["schools"]
    )

    response = empty.client("lead").get(empty.area.get_absolute_url())

    assert button(response).endswith(f"?role=contributor&partner={empty.partners['health'].pk}")


def test_a_closed_account_cannot_score(partnership):
    person = partnership.people["health"]
    person.is_active = False
    person.save()

    page = partnership.client("lead").get(partnership.assessment.get_absolute_url())

    assert "Nobody can score yet for Moorland Health." in text(page)


def test_others_are_not_asked_to_invite(empty):
    assert "Invite people" not in text(empty.client("parent_carers").get("/"))


def test_when_everybody_has_somebody_the_lead_scores(partnership):
    page = partnership.client("lead").get(partnership.assessment.get_absolute_url())

    assert "Invite people" not in text(page)
    assert "Nobody yet" not in text(page)


def test_choosing_partners_shows_where_nobody_can_score_yet(empty):
    empty.assessment.returns.all().delete()
    Assessment.objects.filter(pk=empty.assessment.pk).update(stage="setup")

    page = empty.client("lead").get(f"/assessments/{empty.assessment.pk}/partners/")

    soup = BeautifulSoup(page.content, "html.parser")
    marked = {
        " ".join(hint.find_parent(class_="govuk-checkboxes__item").label.text.split())
        for hint in soup.select(".govuk-checkboxes__hint")
    }
    assert marked == {"Moorland Health (health)", "Moorland Schools (schools)"}


def test_it_costs_no_more_questions(partnership, django_assert_num_queries):
    client, path = partnership.client("lead"), partnership.assessment.get_absolute_url()
    client.get(path)
    with CaptureQueriesContext(connection) as full:
        client.get(path)
    Membership.objects.filter(role=Role.CONTRIBUTOR).delete()
    with django_assert_num_queries(len(full)):
        client.get(path)


class TestNextStep:
    def where(self, own: Partnership, who: str) -> str:
        return own.client(who).get(f"/areas/{own.area.dfe_code}/next/")["Location"]

    def test_who_is_waited_for_goes_to_the_task_list(self, partnership):
        own = partnership
        tasks, home = own.assessment.get_absolute_url(), own.area.get_absolute_url()

        assert self.where(own, "health") == tasks
        assert self.where(own, "health_board") == home
        assert self.where(own, "viewer") == home
        assert self.where(own, "lead") == home
        own.mark_submitted("health")
        assert self.where(own, "health") == home

    def test_at_sign_off_a_board_member_goes_there(self, partnership):
        partnership.reveal()
        partnership.move_to("sign_off")

        assert self.where(partnership, "health_board") == partnership.assessment.get_absolute_url()

    def test_without_an_assessment_everybody_goes_home(self, partnership):
        Assessment.objects.all().delete()

        assert self.where(partnership, "health") == partnership.area.get_absolute_url()
