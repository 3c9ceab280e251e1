"""Without a mouse, and in the ways a browser can be told to show less or larger."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from areas.models import User
from assessments.actions.sign_off import freeze
from assessments.models import Assessment, EvidenceLink, Score
from tests import factories
from tests.conftest import Partnership
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor, Window

pytestmark = pytest.mark.browser
APART = "family-every-stage"


def test_signing_in_and_scoring_needs_a_keyboard_alone(visit: Visit, partnership: Partnership):
    first, second = partnership.statements[:2]
    health = visit()
    sign_in_by_keyboard(health, partnership.people["health"])
    health.tab_to("Start scoring")
    enter(health)
    health.at(first.title)

    health.tab_to("Skip to main content")
    health.page.keyboard.press("Enter")
    expect(health.page.get_by_role("main")).to_be_focused()
    health.tab_to("Questions to think about first")
    health.page.keyboard.press("Enter")
    health.sees(first.look_for[0])
    health.tab_to(element="id_answer_0")
    health.page.keyboard.press("Space")
    health.page.keyboard.press("ArrowDown")
    expect(health.page.locator("#id_answer_1")).to_be_checked()
    assert health.focus_is_seen()
    health.check()
    health.tab_to(element="id_reason")
    health.page.keyboard.type("The board has read them once.")
    health.tab_to("Save and go to the next statement")
    enter(health)
    health.at(second.title)
    saved = Score.objects.get(partner_return=partnership.returns["health"])
    assert (saved.statement, saved.answer) == (first, "2")
    assert saved.reason == "The board has read them once."


def test_enter_on_a_level_saves_it_and_removes_no_evidence(visit: Visit, partnership: Partnership):
    """Enter presses a form's first button, wherever the focus is."""
    first, second = partnership.statements[:2]
    row = partnership.returns["health"]
    factories.EvidenceLinkFactory(
        assessment=partnership.assessment, statement=first, partner_return=row
    )
    health = visit(partnership.people["health"])
    health.go(reverse("assessments:score", args=[partnership.assessment.pk, row.pk, first.slug]))
    health.tab_to(element="id_answer_0")
    health.page.keyboard.press("Space")
    enter(health)

    health.at(second.title)
    assert Score.objects.get(partner_return=row).answer == "1"
    assert EvidenceLink.objects.filter(partner_return=row).exists()


def sign_in_by_keyboard(person: Visitor, user: User) -> None:
    person.go("/account/login/")
    person.tab_to("Skip to main content")
    person.page.keyboard.press("Enter")
    person.tab_to(element="id_login")
    person.page.keyboard.type(user.email)
    person.tab_to(element="id_password")
    person.page.keyboard.type(factories.PASSWORD)
    person.tab_to("Sign in")
    enter(person)
    person.at("Your areas and tasks")


def enter(person: Visitor) -> None:
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


@pytest.fixture
def two_stages(partnership: Partnership, other_partnership: Partnership) -> dict[str, str]:
    """A statement to score in one area; a meeting in another that then has a report."""
    for statement in other_partnership.statements:
        factories.AgreedScoreFactory(
            assessment=other_partnership.assessment,
            statement=statement,
            rationale="So we said.",
            saved_by=other_partnership.people["lead"],
        )
    other_partnership.reveal({"parent_carers": "1", "schools": "3"})
    scores, meeting = partnership.assessment.pk, other_partnership.assessment.pk
    lead = partnership.people["lead"]
    factories.MembershipFactory(user=lead, role="lead", area=other_partnership.area)
    row = partnership.returns["local_authority"].pk
    return {
        "score": f"/assessments/{scores}/returns/{row}/{APART}/",
        "agenda": f"/assessments/{meeting}/moderation/",
        "moderate": f"/assessments/{meeting}/moderation/{APART}/",
        "report": f"/assessments/{meeting}/report/",
    }


def test_nothing_sticks_out_at_four_times_the_size(
    visit: Visit, partnership: Partnership, two_stages: dict[str, str]
):
    lead = visit(partnership.people["lead"], size=Window(width=320, height=256))
    for name, address in two_stages.items():
        lead.go(address)
        lead.check()
        top = lead.page.locator("h1").evaluate("node => node.getBoundingClientRect().top + scrollY")
        assert top < 256 * 4, f"{name}: the heading comes after {top} px"


def test_forced_colours_show_what_is_chosen(
    visit: Visit, partnership: Partnership, two_stages: dict[str, str]
):
    lead = visit(partnership.people["lead"])
    lead.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for name in ("score", "moderate"):
        lead.go(two_stages[name])
        lead.choose("Level 2")
        assert outline_of_chosen(lead), name
        lead.check()
    for name in ("agenda", "report"):
        lead.go(two_stages[name])
        lead.check()


def outline_of_chosen(person: Visitor) -> bool:
    return person.page.evaluate(
        """() => {const style = getComputedStyle(
            document.querySelector('.govuk-radios__item:has(:checked)'));
          return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2}"""
    )


def test_report_prints_without_what_is_only_for_the_screen(visit: Visit, partnership: Partnership):
    for statement in partnership.statements:
        factories.AgreedScoreFactory(
            assessment=partnership.assessment,
            statement=statement,
            saved_by=partnership.people["lead"],
        )
    partnership.reveal()
    partnership.move_to(Assessment.Stage.SUBMITTED)
    freeze(partnership.assessment)
    viewer = visit(partnership.people["viewer"])
    viewer.go(f"/assessments/{partnership.assessment.pk}/report/")
    viewer.at("Readiness report, Autumn assessment")
    viewer.page.emulate_media(media="print")
    for selector in ("header", "footer", ".app-contents", ".govuk-back-link", "nav"):
        for part in viewer.page.locator(selector).all():
            assert not part.is_visible(), selector
    expect(viewer.page.get_by_role("heading", name="The six ingredients")).to_be_visible()
