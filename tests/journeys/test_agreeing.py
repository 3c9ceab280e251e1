"""The meeting that agrees levels, the board that signs, and what DfE sees of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assessments.actions.sign_off import freeze
from assessments.models import AgreedScore, Assessment, Dissent, SignOff, StoredReport
from assessments.tasks import store_report_pdf
from tests import factories
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
APART = "family-every-stage"
CLOSE = "agency-joint-design"
SAVE = "Save and go to the next"
DISSENT = "Families are told, not asked."
REQUIRED = ("local_authority", "health", "social_care", "parent_carers")


@pytest.fixture
def revealed(partnership: Partnership) -> Partnership:
    """Parent carers see one statement two levels below the others, young people one above."""
    for sector, row in partnership.returns.items():
        asked = partnership.assessment.statements_for(row.sector)
        levels = {statement.slug: "2" for statement in asked}
        levels[APART] = "1" if sector == "parent_carers" else "3"
        levels[CLOSE] = "3" if sector == "schools" else "2"
        partnership.answer(sector, levels, f"So it looks from {sector.replace('_', ' ')}.")
    partnership.reveal()
    return partnership


@pytest.fixture
def agreed(revealed: Partnership) -> Partnership:
    """Everything is agreed, and the board may sign."""
    AgreedScore.objects.bulk_create(
        AgreedScore(
            assessment=revealed.assessment,
            statement=statement,
            answer="2",
            rationale="Parents are asked, and late." if statement.slug == APART else "",
            saved_by=revealed.people["lead"],
        )
        for statement in revealed.statements
    )
    factories.DissentFactory(
        partner_return=revealed.returns["parent_carers"],
        statement=revealed.statement(APART),
        recorded_by=revealed.people["parent_carers"],
        text=DISSENT,
    )
    revealed.move_to(Assessment.Stage.SIGN_OFF)
    return revealed


@everywhere
def test_lead_moderates_and_parent_carers_dissent(visit: Visit, revealed: Partnership):
    lead = visit()
    lead.sign_in(revealed.people["lead"])
    lead.press("Open the agenda")
    accepts_what_all_chose(lead)
    agrees_what_was_apart(lead, revealed)
    parents = visit(revealed.people["parent_carers"])
    parents.go(f"/assessments/{revealed.assessment.pk}/moderation/{APART}/")
    dissents(parents, revealed)
    finishes_the_meeting(lead)

    saved = AgreedScore.objects.get(statement=revealed.statement(APART))
    assert (saved.answer, saved.rationale) == ("2", "Parents are asked, and late.")
    assert Dissent.objects.get().partner_return == revealed.returns["parent_carers"]


def accepts_what_all_chose(lead: Visitor) -> None:
    lead.at("Moderation", shot="moderation")
    lead.sees("0 of 32 decided")
    lead.press("Agree these 30 together")
    lead.at("Agree the statements on which all chose the same level", shot="accept-aligned")
    lead.page.get_by_role("checkbox").first.uncheck()
    lead.press("Agree the ticked statements")
    lead.at("Moderation", shot="moderation-29")
    lead.sees("29 statements agreed.", "29 of 32 decided")


def agrees_what_was_apart(lead: Visitor, revealed: Partnership) -> None:
    apart, close = revealed.statement(APART), revealed.statement(CLOSE)
    heading = f"{apart.code} {apart.title}"
    lead.press("Go to the next statement")
    lead.at(heading, shot="moderate")
    lead.sees("So it looks from parent carers.")
    lead.choose("Level 2")
    lead.press(SAVE)
    lead.at(heading, status=400, shot="moderate-errors")
    lead.is_told("Write why you agreed this")
    lead.choose("Level 4")
    lead.fill("Why did you agree this?", "Parents are asked, and late.")
    lead.press(SAVE)
    lead.at(heading, status=400)
    lead.is_told("Say why level 4 is right although it is outside the levels partners chose")
    lead.choose("Level 2")
    lead.press(SAVE)
    lead.at(f"{close.code} {close.title}")
    lead.sees(f"‘{apart.title}’ is saved.")


def dissents(parents: Visitor, revealed: Partnership) -> None:
    apart = revealed.statement(APART)
    heading = f"{apart.code} {apart.title}"
    parents.at(heading, shot="moderate-parents")
    parents.press("Record dissent")
    parents.at(heading, status=400)
    parents.is_told("Write why you disagree")
    name = revealed.returns["parent_carers"].name
    parents.fill(f"Record dissent for {name}", DISSENT)
    parents.press("Record dissent")
    parents.at(heading, shot="dissent")
    parents.sees(f"“{DISSENT}”")


def finishes_the_meeting(lead: Visitor) -> None:
    lead.follow("Back to the agenda")
    lead.at("Moderation")
    lead.sees("30 of 32 decided", "Dissent on record", "Readiness as things stand")
    lead.follow("Finish the meeting and open sign-off")
    lead.at("Finish the meeting and open sign-off", shot="finish")
    lead.sees("2 statements are not decided.")
    lead.press("Open sign-off")
    lead.at("Finish the meeting and open sign-off", status=400)
    lead.is_told("Confirm that the meeting is finished")
    lead.tick("The meeting is finished")
    lead.press("Open sign-off")
    lead.at("Sign off the report", shot="sign-off-lead")


@everywhere
def test_four_board_members_sign_and_the_report_is_fixed(visit: Visit, agreed: Partnership):
    page = f"/assessments/{agreed.assessment.pk}/sign-off/"
    health = visit()
    health.sign_in(agreed.people["health_board"])
    health.press("Read and sign")
    signs_with_a_reservation(health, agreed.returns["health"].name)
    for sector in ("local_authority", "social_care", "parent_carers"):
        last = visit(agreed.people[f"{sector}_board"])
        last.go(page)
        last.press(f"Sign for {agreed.returns[sector].name}")
        last.choose("We agree")
        last.fill("Your role", "Director")
        last.press(f"Sign for {agreed.returns[sector].name}")
    reads_the_report_and_its_pdf(last)

    agreed.assessment.refresh_from_db()
    assert agreed.assessment.is_submitted
    assert SignOff.objects.count() == len(REQUIRED)
    health.go(page)
    health.at("This cannot be done now", status=409)


def signs_with_a_reservation(health: Visitor, name: str) -> None:
    health.at("Sign off the report", shot="sign-off")
    health.press(f"Sign for {name}")
    health.at(f"Sign off for {name}", shot="sign")
    health.choose("We agree, with a reservation")
    health.fill("Your role", "Director of Nursing")
    health.press(f"Sign for {name}")
    health.at(f"Sign off for {name}", status=400, shot="sign-errors")
    health.is_told("Say what your reservation is")
    health.fill("Your reservation, or why you do not agree", "Waiting times are not in it.")
    health.press(f"Sign for {name}")
    health.at("Sign off the report", shot="sign-off-1")
    health.sees("1 of 6 have signed", "“Waiting times are not in it.”")


def reads_the_report_and_its_pdf(board: Visitor) -> None:
    board.at("Readiness report, Autumn assessment", shot="report")
    board.sees("It cannot be changed.", "Waiting times are not in it.")
    board.sees("The PDF is being made. This usually takes less than a minute.")
    store_report_pdf.call(StoredReport.objects.get().assessment_id)
    board.page.reload()
    address = board.page.get_by_role("link", name="PDF", exact=True).get_attribute("href")
    answer = board.page.request.get(address)
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF")
    board.follow("Read the reasons, dissent and evidence of every statement")
    board.at("Every statement", shot="report-statements")
    board.sees(DISSENT)


@everywhere
def test_programme_reads_the_submitted_report_and_no_draft(
    visit: Visit, agreed: Partnership, other_partnership: Partnership, programme
):
    for sector in REQUIRED:
        factories.SignOffFactory(
            partner_return=agreed.returns[sector], signed_by=agreed.people[f"{sector}_board"]
        )
    agreed.move_to(Assessment.Stage.SUBMITTED)
    freeze(agreed.assessment)
    staff = visit()
    staff.sign_in(programme, lands_at="Programme")
    latest = staff.page.get_by_role("table").get_by_role("row")
    expect(latest).to_have_count(2)
    expect(latest.last).to_contain_text("Moorland")
    staff.follow("Find an area")
    staff.at("Areas", shot="areas")
    expect(staff.page.get_by_role("table").get_by_role("row")).to_have_count(3)
    staff.fill("Name of the area", "moor")
    staff.press("Search")
    staff.at("Areas")
    expect(staff.page.get_by_role("status")).to_have_text("1 area with “moor” in the name")
    staff.follow("Moorland")
    staff.at("Moorland", shot="area-home-programme")
    staff.follow("Read the report")
    staff.at("Readiness report, Autumn assessment", shot="report-programme")
    # Levels agreed, and nothing of who scored what: neither in the charts nor in words.
    expect(staff.page.locator(".s-agreed").first).to_be_visible()
    assert staff.page.locator(".s-org, .s-fam").count() == 0
    assert "So it looks from" not in staff.page.content()
    assert "Where partners differed most" not in staff.page.content()
    staff.go(f"/assessments/{other_partnership.assessment.pk}/")
    staff.at("Page not found", status=404, shot="404")
