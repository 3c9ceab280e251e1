"""Before a call with an area: what it submitted, how it stands beside others, and a note on it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from areas.models import StatisticalNeighbour, User
from tests.assessments.kept import picture
from tests.assessments.shortcuts import agree, submit
from tests.conftest import Partnership
from tests.factories import ActionFactory, SupportPackageFactory, SupportRequestFactory
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
HEAD = "Moorland"
TEXT = "The lead asked for an area that did this before."


@pytest.fixture
def submitted(partnership: Partnership) -> Partnership:
    """Moorland has submitted, with a late action and support asked for; so have six others."""
    today = timezone.localdate()
    ActionFactory(
        body=partnership.partners["health"],
        what="Write a handover",
        due_on=today - timedelta(days=3),
        added_by=partnership.people["lead"],
    )
    package = SupportPackageFactory(title="Peer review")
    SupportRequestFactory(area=partnership.area, package=package, why="Our board is new.")
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    for number in range(6):
        other = picture(partnership.assessment.framework, f"Other {number}", [1, 2, 2, 3, 4, None])
        if number < 5:
            StatisticalNeighbour.objects.create(
                area=partnership.area, neighbour=other.area, rank=number + 1, closeness="Close"
            )
    return partnership


@everywhere
def test_staff_read_up_on_an_area_and_note_something(
    visit: Visit, submitted: Partnership, programme: User
):
    staff = visit(programme)
    staff.go("/programme/")
    staff.follow(HEAD)
    staff.at(HEAD, shot="programme-area")
    staff.sees("1 of 1 was late that day.", "Peer review", "There is no note yet.")
    staff.follow("Beside its neighbours, region and England")
    staff.at("Moorland beside other areas", shot="beside")
    staff.sees("of 5 other areas, 5 have submitted.", "The same numbers as a table")
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("beside-")
    staff.follow("Back to Moorland")
    notes(staff)


def notes(staff: Visitor) -> None:
    staff.press("Add a note")
    staff.at("Add a programme note", shot="programme-note")
    staff.press("Save the note")
    staff.at("Add a programme note", status=400, shot="programme-note-errors")
    staff.is_told("Write the note")
    staff.fill("What you want to note", TEXT)
    staff.page.get_by_label("Kind of note").select_option("Contact")
    staff.fill_date("Follow up on (optional)", timezone.localdate() + timedelta(days=30))
    staff.press("Save the note")
    staff.at(HEAD)
    expect(staff.page.get_by_role("article")).to_contain_text(TEXT)
    staff.page.get_by_role("link", name=re.compile("^Correct")).click()
    staff.at("Correct this note", shot="programme-note-correct")
    staff.fill("What you want to note", "Call back in spring.")
    staff.press("Save the note")
    staff.at(HEAD, shot="programme-area-noted")
    staff.page.get_by_text("What it said before, corrected").click()
    expect(staff.page.get_by_text(TEXT)).to_be_visible()
    staff.page.get_by_role("link", name=re.compile("^withdraw")).click()
    staff.at("Withdraw this note", shot="programme-note-withdraw")
    staff.fill("Why do you withdraw it?", "It was another area.")
    staff.press("Withdraw it")
    staff.at(HEAD)
    expect(staff.page.get_by_role("article")).to_contain_text("Withdrawn by Programme Person")


@everywhere
def test_the_area_reads_who_looked_and_nothing_of_the_notes(
    visit: Visit, submitted: Partnership, programme: User
):
    visit(programme).go(f"/programme/areas/{submitted.area.dfe_code}/")
    lead = visit(submitted.people["lead"])
    lead.go(f"/areas/{submitted.area.dfe_code}/looks/")
    lead.at("What DfE sees", shot="looks")
    lead.sees("Programme Person", "DfE keeps notes of its own")
