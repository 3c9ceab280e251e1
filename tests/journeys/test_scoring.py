"""A contributor's half hour, and what happens when two people answer at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assessments.models import PartnerReturn, Score
from tests import factories
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
WHY = "Why this answer?"
NEXT = "Save and go to the next statement"
SHARED, THEIRS, MINE = "The board meets.", "It reads numbers.", "Schools do not see them."
CHECK = "Check your scores before you submit"


@everywhere
def test_contributor_scores_stops_comes_back_and_submits(visit: Visit, partnership: Partnership):
    health = visit()
    health.sign_in(partnership.people["health"])
    health.follow(partnership.assessment.title)
    health.at(partnership.assessment.title, shot="task-list")
    health.press("Start scoring")
    scores_three(health, partnership)
    health.press("Save and stop for now")
    comes_back(health, partnership)
    fills_the_rest(health, partnership)
    submits_takes_back_and_submits_again(health, partnership.returns["health"].name)

    row = PartnerReturn.objects.get(pk=partnership.returns["health"].pk)
    assert row.submitted_by == partnership.people["health"]
    saved = Score.objects.get(partner_return=row, statement=partnership.statements[0])
    assert (saved.answer, saved.reason) == ("2", "The board has read them once.")


def scores_three(health: Visitor, partnership: Partnership) -> None:
    first, second, third, fourth = partnership.statements[:4]
    health.at(first.title, shot="score")
    health.choose("Level 2")
    health.fill(WHY, "The board has read them once.")
    health.press(NEXT)
    health.at(second.title)
    health.choose("Cannot say")
    health.press(NEXT)
    health.at(third.title)
    health.choose("Does not apply")
    health.press(NEXT)
    health.at(third.title, status=400, shot="score-errors")
    health.is_told("Say why this statement does not apply")
    health.fill(WHY, "We do not commission this.")
    health.press(NEXT)
    health.at(fourth.title)
    assert "#" not in health.page.url, "the next page would open in its middle"


def comes_back(health: Visitor, partnership: Partnership) -> None:
    """To the first statement without an answer; then through the others by every way there is."""
    first, _, third, fourth = partnership.statements[:4]
    health.at(partnership.assessment.title)
    health.press("Continue scoring")
    health.at(fourth.title)
    health.sees("Not answered yet")
    health.page.locator(".govuk-pagination__prev a").click()
    health.at(third.title)
    expect(health.page.get_by_label(WHY)).to_have_value("We do not commission this.")
    health.page.locator(".govuk-pagination__next a").click()
    health.at(fourth.title)
    health.follow(f"{first.code} {first.title}, answered")
    health.at(first.title)
    expect(health.page.get_by_role("radio", name="Level 2")).to_be_checked()
    here = health.page.get_by_role("navigation", name="Your").locator("[aria-current]")
    expect(here).to_contain_text(first.title)


def fills_the_rest(health: Visitor, partnership: Partnership) -> None:
    health.follow("Back to the task list")
    health.follow("Check your scores and submit")
    health.at(CHECK, shot="check-scores-gaps")
    health.sees("29 statements still need an answer.")
    rest = {statement.slug: "3" for statement in partnership.statements[3:]}
    partnership.answer("health", rest, "As we see it.")
    health.page.reload()


def submits_takes_back_and_submits_again(health: Visitor, name: str) -> None:
    health.at(CHECK, shot="check-scores")
    health.press("Submit our scores")
    health.at(CHECK, status=400, shot="check-scores-errors")
    health.is_told("Confirm that these scores are the view of your organisation")
    health.tick("These scores are the view of my organisation")
    health.press("Submit our scores")
    health.at("Scores submitted", shot="submitted")
    health.follow("read your scores, or take them back")
    health.at(f"The scores of {name}")
    health.press("Take back our scores")
    health.at(CHECK)
    health.sees(f"The scores of {name} are open again.")
    health.tick("These scores are the view of my organisation")
    health.press("Submit our scores")
    health.at("Scores submitted")


def test_two_people_of_one_partner_answer_at_once_and_both_texts_are_kept(
    visit: Visit, partnership: Partnership
):
    statement = partnership.statements[0]
    row = partnership.returns["health"]
    address = f"/assessments/{partnership.assessment.pk}/returns/{row.pk}/{statement.slug}/"
    colleague = factories.UserFactory(name="Priya Nair")
    factories.MembershipFactory(
        user=colleague, role="contributor", area=partnership.area, partner=row.partner
    )
    one, two = visit(), visit(partnership.people["health"])
    one.sign_in(colleague)
    for person in (one, two):
        person.go(address)
        person.at(statement.title)
    one.choose("Level 3")
    one.fill(WHY, f"{SHARED} {THEIRS}")
    one.press(NEXT)
    one.at(partnership.statements[1].title)

    two.choose("Level 2")
    two.fill(WHY, f"{SHARED} {MINE}")
    two.press(NEXT)
    two.at("Someone else changed this answer while you had it open", status=409, shot="conflict")
    two.sees("The version of Priya Nair")
    marked = two.page.get_by_role("main").locator(".app-typed mark")
    expect(marked).to_have_text([THEIRS, MINE])
    two.press("Put both texts together and edit them")
    two.at(statement.title)
    expect(two.page.get_by_role("radio", name="Level 2")).to_be_checked()
    two.press(NEXT)
    two.at(partnership.statements[1].title)
    saved = Score.objects.get(partner_return=row, statement=statement)
    assert saved.answer == "2"
    assert THEIRS in saved.reason
    assert MINE in saved.reason
