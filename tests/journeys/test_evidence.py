"""The evidence library: a file from a statement, found again, changed by two, retired, lapsed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from assessments.models import Evidence, EvidenceLink
from tests import factories
from tests.assessments.shortcuts import agree, lay_evidence
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor
from tests.made_files import EXE, pdf

pytestmark = pytest.mark.browser
SLUG, OTHER = "agency-joint-design", "agency-safe-learning"
TITLE = "Board minutes 2026"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    store = settings.STORAGES["evidence"]
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**store, "OPTIONS": {**store["OPTIONS"], "location": tmp_path}},
    }


@everywhere
def test_partner_adds_a_file_and_links_it_again(visit: Visit, partnership: Partnership):
    health = visit(partnership.people["health"])
    row = partnership.returns["health"]
    start = f"/assessments/{row.assessment_id}/returns/{row.pk}/"
    health.go(f"{start}{SLUG}/")
    health.choose("Level 3")
    health.press("Save and add evidence")
    is_refused_a_program(health)
    health.page.get_by_label("File", exact=True).set_input_files(
        {"name": "Minutes.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    health.press("Add and link it")
    health.at(partnership.statement(SLUG).title)
    health.sees(f"‘{TITLE}’ is linked to this statement.")
    saves_the_file(health)

    health.go(f"{start}{OTHER}/evidence/?q=minutes")
    health.at("Add evidence", shot="evidence-choose")
    health.press("Link it to this statement")
    health.at("Add evidence", status=400, shot="evidence-choose-errors")
    health.is_told("Select a piece of evidence")
    health.choose(TITLE)
    health.press("Link it to this statement")
    health.at(partnership.statement(OTHER).title)
    assert EvidenceLink.objects.count() == 2
    assert Evidence.objects.get().file_name == "Minutes.pdf"


def is_refused_a_program(health: Visitor) -> None:
    health.at("Add evidence", shot="evidence-add")
    health.fill("Title", TITLE)
    health.choose("Minutes or terms of reference")
    health.fill("What does it show?", "Who came and what was decided.")
    health.page.get_by_label("File", exact=True).set_input_files(
        {"name": "Minutes.pdf", "mimeType": "application/pdf", "buffer": EXE}
    )
    health.press("Add and link it")
    health.at("Add evidence", status=400, shot="evidence-add-errors")
    health.is_told("This is a program, script or shortcut. Those are never taken")
    expect(health.page.get_by_label("Title", exact=True)).to_have_value(TITLE)


def saves_the_file(health: Visitor) -> None:
    with health.page.expect_download() as saved:
        health.page.get_by_role("link", name=TITLE, exact=True).click()
    assert saved.value.suggested_filename == "Minutes.pdf"
    assert saved.value.path().read_bytes() == pdf()


@everywhere
def test_library_is_searched_changed_by_two_and_retired(visit: Visit, partnership: Partnership):
    day = partnership.assessment.day
    health = partnership.partners["health"]
    factories.EvidenceFactory(owner=health, title=TITLE, shows="Who came.")
    factories.EvidenceFactory(owner=health, title="Old plan", kind="plan", review_on=day)
    contributor, lead = visit(partnership.people["health"]), visit(partnership.people["lead"])
    contributor.go(f"/areas/{partnership.area.dfe_code}/evidence/")
    contributor.at("Evidence", shot="evidence")
    contributor.sees("2 items", "Out of date")
    contributor.fill("Search words", "minutes")
    contributor.press("Search")
    contributor.at("Evidence")
    expect(contributor.page.get_by_role("status")).to_have_text("1 item found")
    contributor.follow(TITLE)
    contributor.at(TITLE, shot="evidence-item")
    change_at_once(contributor, lead)
    contributor.at(TITLE)
    contributor.sees("It met six times.", "Papers were late.")
    contributor.follow("Retire it")
    contributor.at("Retire this item", shot="evidence-retire")
    contributor.press("Retire it")
    contributor.at(TITLE, shot="evidence-retired")
    contributor.press("Bring it back")
    contributor.at(TITLE)
    contributor.sees(f"‘{TITLE}’ is offered again.")


def change_at_once(contributor: Visitor, lead: Visitor) -> None:
    lead.go(f"{urlsplit(contributor.page.url).path}change/")
    contributor.press("Change this item")
    contributor.at("Change this item", shot="evidence-change")
    lead.fill("What does it show?", "Who came. It met six times.")
    lead.press("Save")
    lead.at(TITLE)
    contributor.fill("What does it show?", "Who came. Papers were late.")
    contributor.press("Save")
    contributor.at(
        "Someone else changed this item while you had it open", status=409, shot="evidence-conflict"
    )
    contributor.press("Put both texts together and edit them")
    contributor.at("Change this item")
    contributor.press("Save")


@everywhere
def test_lapsing_evidence_is_seen_before_sign_off(visit: Visit, partnership: Partnership):
    partnership.reveal()
    agree(partnership, {SLUG: "3", OTHER: "2"})
    day = partnership.assessment.day + timedelta(days=3)
    lay_evidence(partnership, SLUG, title=TITLE, review_on=day)
    lead = visit(partnership.people["lead"])
    lead.go(f"/assessments/{partnership.assessment.pk}/moderation/")
    lead.at("Moderation", shot="agenda-lapsing")
    lead.follow("See which, and what it does")
    lead.at("Finish the meeting and open sign-off", shot="finish-lapsing")
    lead.sees("Evidence that lapses before sign-off", "Level 3 counts as 2 from")
    lead.tick("The meeting is finished")
    lead.press("Open sign-off")
    lead.at("Sign off the report", shot="sign-off-lapsing")
    lead.sees("Evidence that has lapsed or will lapse")
