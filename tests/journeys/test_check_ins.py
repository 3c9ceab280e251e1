"""A check-in with DfE: planned, its priorities chosen, recorded, agreed by the area and by DfE."""

from __future__ import annotations

import re
from datetime import date

import pytest

from areas.models import User
from tests import factories
from tests.assessments.shortcuts import agree, submit
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
FIRST = "1.1 Designing change together"


@everywhere
def test_a_check_in_is_planned_recorded_and_agreed(
    visit: Visit, partnership: Partnership, programme: User
):
    partnership.reveal()
    agree(partnership)
    day = submit(partnership).day
    factories.ActionFactory(body=partnership.partners["health"], due_on=day)
    factories.EvidenceFactory(owner=partnership.partners["health"], title="Board minutes")
    lead = visit(partnership.people["lead"])
    lead.go(f"/areas/{partnership.area.dfe_code}/check-ins/")
    lead.at("Check-ins", shot="check-ins-none")
    lead.press("Plan a check-in")
    plans(lead, day)
    chooses(lead)
    records(lead)
    lead.press("Agree the record")
    lead.at("Agree the record", shot="agree-check-in")
    lead.press("Agree the record")
    lead.sees("DfE can read and agree it now.")
    path = lead.page.url.removeprefix(lead.home)
    dfe = visit(programme)
    dfe.go(path)
    dfe.press("Agree the record")
    dfe.at("Agree the record for DfE", shot="agree-check-in-dfe")
    dfe.press("Agree the record")
    dfe.sees("The record is agreed. It stays as it is.")
    dfe.check()
    lead.go(f"{path}change/")
    lead.at("This cannot be done now", status=409)
    lead.go(f"/areas/{partnership.area.dfe_code}/check-ins/")
    lead.at("Check-ins", shot="check-ins")


def plans(lead: Visitor, day: date) -> None:
    lead.at("Plan a check-in", shot="plan-check-in")
    lead.press("Plan it")
    lead.at("Plan a check-in", status=400)
    lead.is_told("Select the kind of check-in", "Enter the day of the check-in")
    lead.choose("With DfE or NHS England")
    lead.fill_date("When is it?", day)
    lead.press("Plan it")
    lead.sees("The check-in is planned.")
    lead.check()


def chooses(lead: Visitor) -> None:
    lead.follow("Choose other priorities")
    lead.at("Choose the priorities", shot="choose-priorities")
    lead.untick("1.5 Joined-up moves into adulthood (proposed)")
    lead.press("Save")
    lead.at("Choose the priorities", status=400, shot="choose-priorities-errors")
    lead.is_told("Say why you choose other priorities than those proposed")
    lead.fill("Why these?", "The colleges are not ready.")
    lead.press("Save")
    lead.sees("“The colleges are not ready.”")


def records(lead: Visitor) -> None:
    lead.press("Record what moved")
    lead.at(FIRST, shot="record-priority")
    lead.press("Save and go on")
    lead.at(FIRST, status=400)
    lead.is_told("Select the level that is true now, or that you did not look at it again")
    lead.choose("3 In routine use")
    lead.fill("Next step", "Show it to the schools")
    lead.press("Save and go on")
    lead.at(FIRST, status=400, shot="record-priority-errors")
    lead.is_told(
        "Say what changed, or what got in the way",
        "Say how you know",
        "Select the responsible body of the next step",
        "Enter the day of the next step",
    )
    lead.fill("Next step", "")
    lead.fill("What changed, and why?", "Every change starts together now.")
    lead.fill("How do you know?", "The papers of six boards.")
    lead.page.get_by_label("Evidence in your library").select_option(index=1)
    lead.press("Save and go on")
    lead.at("1.2 Safe space to learn together", shot="record-priority-next")
    lead.follow("Back to the check-in")
    lead.at(re.compile("^Check-in, "), shot="check-in")
    lead.sees("Every change starts together now.")
