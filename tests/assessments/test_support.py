"""Asking for a package of the support menu, and taking that back."""

import pytest
from django.urls import reverse

from areas.permissions import Role
from assessments.actions.errors import NotNowError
from assessments.actions.support import ask_support, withdraw_support
from assessments.models import SupportRequest
from tests.assessments.pages import held, problems, sentences, soup, text, words
from tests.conftest import client_of
from tests.factories import (
    AreaFactory,
    MembershipFactory,
    SupportPackageFactory,
    SupportRequestFactory,
)


@pytest.fixture
def package(db):
    return SupportPackageFactory(title="Board coaching", slug="board-coaching")


def url(package):
    return reverse("assessments:ask-support", args=[package.slug])


def plan_url(own):
    return reverse("assessments:actions", args=[own.area.dfe_code])


def test_lead_asks_from_the_menu(partnership, package):
    client = partnership.client("lead")
    for page in (reverse("ingredients:support"), package.get_absolute_url()):
        assert soup(client.get(page)).find("a", href=url(package)) is not None
    data = {"area": partnership.area.dfe_code, "why": "Our board is <new>."}
    response = client.post(url(package), data, follow=True)
    assert "Moorland asks for ‘Board coaching’." in text(response)
    assert "“Our board is <new>.”" in text(response)
    assert sentences("support.ask") == [
        "Moorland Lead asked for the support package ‘Board coaching’"
    ]


def test_nobody_else_is_offered_it(partnership, package, programme, editor):
    menu = reverse("ingredients:support")
    for client in (partnership.client("health"), client_of(programme), client_of(editor)):
        assert soup(client.get(menu)).find("a", href=url(package)) is None
    assert soup(partnership.client("lead").get(menu)).find("a", href=url(package)) is not None


def test_lead_of_two_areas_says_for_which(partnership, package):
    lead = partnership.people["lead"]
    other = MembershipFactory(user=lead, role=Role.LEAD, area=AreaFactory(name="Zed")).area
    client = partnership.client("lead")
    options = [words(node) for node in soup(client.get(url(package))).find_all("option")]
    assert options == ["Select an area", "Moorland", "Zed"]
    assert problems(client.post(url(package), {"why": "We want it."})) == ["Select the area"]
    client.post(url(package), {"area": other.dfe_code, "why": "We want it."})
    assert SupportRequest.objects.get().area == other


def test_it_needs_a_reason(partnership, package):
    data = {"area": partnership.area.dfe_code, "why": ""}
    response = partnership.client("lead").post(url(package), data)
    assert problems(response) == ["Say why you ask for it"]
    with pytest.raises(ValueError, match="why"):
        ask_support(area=partnership.area, package=package, why="", by=partnership.people["lead"])


def test_it_is_asked_for_once(partnership, package):
    SupportRequestFactory(area=partnership.area, package=package)
    data = {"area": partnership.area.dfe_code, "why": "Once more."}
    response = partnership.client("lead").post(url(package), data)
    assert problems(response) == ["Moorland asks for ‘Board coaching’ already."]
    assert held(response, "why") == "Once more."
    with pytest.raises(NotNowError):
        ask_support(area=partnership.area, package=package, why="x", by=partnership.people["lead"])


def test_a_picture_of_another_area_is_refused(partnership, other_partnership, package):
    with pytest.raises(ValueError, match="assessment"):
        ask_support(
            area=partnership.area, package=package, why="x", by=partnership.people["lead"],
            assessment=other_partnership.assessment,
        )  # fmt: skip


def test_lead_withdraws_and_may_ask_again(partnership, package):
    row = SupportRequestFactory(area=partnership.area, package=package)
    client = partnership.client("lead")
    page = soup(client.get(plan_url(partnership)))
    link = next(node["href"] for node in page.find_all("a") if words(node).startswith("Withdraw"))
    assert "Our board is new." in text(client.get(link))
    response = client.post(link, follow=True)
    assert "Moorland no longer asks for ‘Board coaching’." in text(response)
    assert "Moorland asks for no support now." in text(response)
    assert sentences("support.withdraw") == [
        "Moorland Lead no longer asks for the support package ‘Board coaching’"
    ]
    assert client.get(link).status_code == 404
    withdraw_support(support_request=row, by=partnership.people["lead"])
    assert len(sentences("support.withdraw")) == 1
    ask_support(area=partnership.area, package=package, why="x", by=partnership.people["lead"])


def test_who_sees_what_is_asked_for(partnership, other_partnership, programme, editor):
    row = SupportRequestFactory(area=partnership.area)
    seen = SupportRequest.objects.visible_to
    assert list(seen(partnership.people["health"])) == [row]
    assert list(seen(programme)) == [row]
    for user in (partnership.people["viewer"], other_partnership.people["lead"], editor):
        assert list(seen(user)) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_plan_queries_do_not_grow_with_requests(partnership, rows, django_assert_num_queries):
    for _ in range(rows):
        SupportRequestFactory(area=partnership.area)
    client = partnership.client("health")
    with django_assert_num_queries(8):
        client.get(plan_url(partnership))
