"""An assessment that is cancelled, a report that is corrected, and comments with a mention."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from areas.permissions import Role
from assessments.actions.sign_off import freeze
from assessments.models import AgreedScore, Assessment, Comment, SignOff
from send_portal.models import Mail
from tests import factories
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
STATEMENT = "agency-joint-design"
REQUIRED = ("local_authority", "health", "social_care", "parent_carers")
REASON = "A level was read out wrongly."


@pytest.fixture
def submitted(partnership: Partnership) -> Partnership:
    """Everything agreed at level 2, signed by all who must, submitted."""
    partnership.reveal()
    AgreedScore.objects.bulk_create(
        AgreedScore(
            assessment=partnership.assessment,
            statement=statement,
            answer="2",
            saved_by=partnership.people["lead"],
        )
        for statement in partnership.statements
    )
    for sector in REQUIRED:
        factories.SignOffFactory(
            partner_return=partnership.returns[sector],
            signed_by=partnership.people[f"{sector}_board"],
        )
    partnership.move_to(Assessment.Stage.SUBMITTED)
    freeze(partnership.assessment)
    return partnership


@everywhere
def test_lead_cancels_an_assessment_and_may_start_another(visit: Visit, partnership: Partnership):
    page = f"/assessments/{partnership.assessment.pk}/"
    lead = visit(partnership.people["lead"])
    lead.go(page)
    lead.follow("Cancel this assessment")
    lead.at("Cancel this assessment", shot="cancel")
    lead.press("Cancel the assessment")
    lead.at("Cancel this assessment", status=400)
    lead.is_told(
        "Say why you are cancelling this assessment",
        "Confirm that you understand that it cannot be opened again",
    )
    lead.fill("Why are you cancelling this assessment?", "The council is being reorganised.")
    lead.tick("I understand that it cannot be opened again")
    lead.press("Cancel the assessment")
    lead.at("Autumn assessment", shot="cancelled")
    lead.sees("Autumn assessment is cancelled.", "“The council is being reorganised.”")
    lead.go(f"/areas/{partnership.area.dfe_code}/assessments/")
    lead.at("Assessments", shot="assessments-cancelled")
    lead.sees("Never submitted")
    expect(lead.page.get_by_role("button", name="Start an assessment")).to_be_visible()
    health = visit(partnership.people["health"])
    health.go(f"{page}returns/{partnership.returns['health'].pk}/{STATEMENT}/")
    health.sees("This assessment was cancelled, so scores cannot be changed any more.")
    health.check()


@everywhere
def test_lead_opens_moderation_again_and_a_signature_no_longer_counts(
    visit: Visit, partnership: Partnership
):
    partnership.reveal()
    partnership.move_to(Assessment.Stage.SIGN_OFF)
    signed = factories.SignOffFactory(
        partner_return=partnership.returns["health"],
        signed_by=partnership.people["health_board"],
    )
    lead = visit(partnership.people["lead"])
    lead.go(f"/assessments/{partnership.assessment.pk}/sign-off/")
    lead.follow("Go back to moderation")
    lead.at("Go back to moderation", shot="return-to-moderation")
    lead.sees(f"{partnership.partners['health'].name}, signed by {signed.name}")
    lead.press("Open moderation again")
    lead.at("Go back to moderation", status=400)
    lead.is_told("Say why you are going back to moderation")
    lead.fill("Why are you going back to moderation?", "A partner brought new evidence.")
    lead.press("Open moderation again")
    lead.at("Moderation", shot="moderation-again")
    lead.sees("Moderation is open again.")
    assert not SignOff.objects.standing().exists()


@everywhere
def test_a_report_is_corrected_signed_again_and_the_old_one_is_marked(
    visit: Visit, submitted: Partnership
):
    old = f"/assessments/{submitted.assessment.pk}/report/"
    lead = visit(submitted.people["lead"])
    starts_a_correction(lead, old)
    new = Assessment.objects.get(corrects=submitted.assessment)
    changes_a_level(lead, submitted, new)
    for sector in REQUIRED:
        board = visit(submitted.people[f"{sector}_board"])
        board.go(f"/assessments/{new.pk}/sign-off/")
        board.press(f"Sign for {submitted.returns[sector].name}")
        board.choose("We agree")
        board.fill("Your role", "Director")
        board.press(f"Sign for {submitted.returns[sector].name}")
    board.at("Readiness report, Autumn assessment, version 2", shot="report-version-2")
    board.sees("It corrects", f"“{REASON}”", "was level 2, now level 3")
    board.follow(f"the report submitted on {submitted.assessment.day:%-d %B %Y}")
    board.at("Readiness report, Autumn assessment", shot="report-superseded")
    board.sees("Superseded by version 2 on", f"“{REASON}”")
    board.follow("Read version 2")
    board.at("Readiness report, Autumn assessment, version 2")

    assert Assessment.objects.latest_submitted(submitted.area) == new
    assert SignOff.objects.count() == 2 * len(REQUIRED)
    assert Mail.objects.filter(key__startswith="sign-again:").count() == len(REQUIRED)


def starts_a_correction(lead: Visitor, old: str) -> None:
    lead.go(old)
    lead.follow("Correct this report")
    lead.at("Correct this report", shot="correct")
    lead.fill_date(
        "When should everyone have signed again?", timezone.localdate() - timedelta(days=1)
    )
    lead.press("Start the correction")
    lead.at("Correct this report", status=400)
    lead.is_told("Say what was wrong in the report", "The day for signing must be today or later")
    lead.fill("What was wrong in the report?", REASON)
    lead.fill_date("When should everyone have signed again?", timezone.localdate())
    lead.press("Start the correction")
    lead.at("Moderation", shot="moderation-correction")
    lead.sees("Version 2 is open. Change what was wrong.", "32 of 32 decided")


def changes_a_level(lead: Visitor, submitted: Partnership, new: Assessment) -> None:
    statement = submitted.statement(STATEMENT)
    lead.follow(statement.title)
    lead.at(f"{statement.code} {statement.title}")
    lead.choose("Level 3")
    lead.fill("Why did you agree this?", "Health showed the minutes.")
    lead.page.get_by_label("Why is the level outside the range partners chose?").fill(
        "The minutes say so."
    )
    lead.press("Save and go to the next")
    lead.go(f"/assessments/{new.pk}/")
    lead.at("Autumn assessment, version 2", shot="task-list-correction")
    lead.go(f"/assessments/{new.pk}/moderation/finish/")
    lead.tick("The meeting is finished")
    lead.press("Open sign-off")
    lead.at("Sign off the report")


@everywhere
def test_partners_comment_and_mention_a_person(visit: Visit, partnership: Partnership):
    colleague = factories.UserFactory(name="Asha Nair", job_title="Matron")
    factories.MembershipFactory(
        user=colleague,
        role=Role.CONTRIBUTOR,
        area=partnership.area,
        partner=partnership.partners["health"],
    )
    page = f"/assessments/{partnership.assessment.pk}"
    health = visit(partnership.people["health"])
    comments_among_its_own(health, partnership, page)
    partnership.reveal()
    statement = partnership.statement(STATEMENT)
    lead = visit(partnership.people["lead"])
    lead.go(f"{page}/moderation/{STATEMENT}/")
    lead.sees("No comments yet.")
    lead.follow("Comment on this statement, or resolve one")
    lead.at(f"Comments on {statement.code} {statement.title}")
    lead.fill("Your comment", "Who has the minutes of May?")
    lead.tick("Asha Nair")
    lead.press("Save the comment")
    lead.at(f"Comments on {statement.code} {statement.title}", shot="comments")
    lead.sees("Told by mail: Asha Nair")
    lead.go(f"{page}/moderation/")
    lead.at("Moderation", shot="moderation-comments")
    lead.sees("1 open comment")
    asha = visit(colleague)
    asha.go(f"{page}/moderation/{STATEMENT}/comments/")
    asha.page.get_by_role("button", name="Resolve").click()
    asha.sees("The comment is resolved.", "Resolved by Asha Nair")
    asha.check()

    assert Mail.objects.filter(to=colleague.email).count() == 2
    assert Comment.objects.filter(partner_return=None).get().is_resolved


def comments_among_its_own(health: Visitor, partnership: Partnership, page: str) -> None:
    statement = partnership.statement(STATEMENT)
    health.go(f"{page}/returns/{partnership.returns['health'].pk}/{STATEMENT}/")
    health.at(statement.title, shot="score-comments-none")
    health.choose("Level 2")
    health.press("Save and comment")
    health.at(f"Comments on {statement.code} {statement.title}", shot="comments-own-empty")
    health.press("Save the comment")
    health.at(f"Comments on {statement.code} {statement.title}", status=400)
    health.is_told("Write a comment")
    health.fill("Your comment", "I would say 2, Asha. You?")
    health.tick("Asha Nair")
    health.press("Save the comment")
    health.at(f"Comments on {statement.code} {statement.title}", shot="comments-own")
    health.sees("Your comment is saved.", "Told by mail: Asha Nair")
    health.follow("Back to the statement")
    health.at(statement.title, shot="score-comments")
    health.sees("I would say 2, Asha. You?")
    expect(health.page.get_by_role("radio", name="Level 2")).to_be_checked()
