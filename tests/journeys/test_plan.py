"""The plan: an action out of a priority, changed by two, its progress and impact; and support."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest

from tests import factories
from tests.assessments.shortcuts import agree, submit
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
WHAT = "Agree one workforce plan"


@everywhere
def test_a_priority_becomes_an_action_with_an_impact(visit: Visit, partnership: Partnership):
    partnership.reveal()
    agree(partnership)
    day = submit(partnership).day
    factories.ActionFactory(
        body=partnership.partners["schools"], what="Train every school", due_on=day - timedelta(2)
    )
    lead, health = visit(partnership.people["lead"]), visit(partnership.people["health"])
    room = f"/areas/{partnership.area.dfe_code}/actions/"
    lead.go(room)
    lead.at("Actions", shot="actions")
    lead.sees("Priorities without an action", "Late, by responsible body")
    lead.follow("Add an action for Designing change together")
    adds_an_action(lead, day + timedelta(60))
    changes_at_once(lead, visit(partnership.people["lead"]))
    health.go(room)
    health.follow(WHAT)
    records_progress(health)
    lead.go(room + "?state=all")
    lead.at("Actions", shot="actions-all")
    lead.sees("Impact recorded")


def adds_an_action(lead: Visitor, due: date) -> None:
    lead.at("Add an action", shot="add-action")
    lead.press("Add the action")
    lead.at("Add an action", status=400, shot="add-action-errors")
    lead.is_told(
        "Say what will be done",
        "Select the responsible body",
        "Enter the owner, a name or a role",
        "Enter the due day",
        "Say how you will know that it worked",
    )
    lead.fill("What will be done?", WHAT)
    lead.page.get_by_label("Responsible body").select_option(label="Moorland Health")
    lead.fill("Owner", "Designated clinical officer")
    lead.fill_date("Due", due)
    lead.fill("How will you know that it worked?", "Three partners have signed it.")
    lead.press("Add the action")
    lead.at(WHAT, shot="action-new")


def changes_at_once(lead: Visitor, other: Visitor) -> None:
    other.go(f"{urlsplit(lead.page.url).path}change/")
    lead.follow("Change this action")
    lead.at("Change this action", shot="change-action")
    lead.fill("Owner", "Head of nursing")
    lead.press("Save")
    lead.at(WHAT)
    other.fill("How will you know that it worked?", "All have signed it.")
    other.press("Save")
    other.at("You changed this action in another window", status=409, shot="action-conflict")
    other.press("Put both texts together and edit them")
    other.at("Change this action")
    other.press("Save")
    other.at(WHAT)
    other.sees("Three partners have signed it.", "All have signed it.")


def records_progress(health: Visitor) -> None:
    health.at(WHAT)
    health.press("Record progress")
    health.at("Record progress", shot="record-progress")
    health.choose("No action, because")
    health.press("Record it")
    health.at("Record progress", status=400, shot="record-progress-errors")
    health.is_told("Say why there will be no action")
    health.choose("Done")
    health.press("Record it")
    health.at(WHAT)
    health.press("Record impact")
    health.at("Record impact", shot="record-impact")
    health.fill("What is different for children, young people and families?", "Families wait less.")
    health.press("Record it")
    health.at(WHAT, shot="action-done")
    health.sees("“Families wait less.”")


@everywhere
def test_support_is_asked_for_and_withdrawn(visit: Visit, partnership: Partnership):
    package = factories.SupportPackageFactory(title="Board coaching")
    lead = visit(partnership.people["lead"])
    lead.go("/support/")
    lead.at("Menu of support", shot="support-menu")
    lead.follow("Ask for it (Board coaching)")
    lead.at("Ask for this support", shot="ask-support")
    lead.press("Ask for it")
    lead.at("Ask for this support", status=400)
    lead.is_told("Say why you ask for it")
    lead.fill("Why do you ask for it?", "Half of our board is new.")
    lead.press("Ask for it")
    lead.at("Actions", shot="actions-support")
    lead.sees("“Half of our board is new.”")
    lead.follow(f"Withdraw the request for {package.title}")
    lead.at("Withdraw this request", shot="withdraw-support")
    lead.press("Withdraw it")
    lead.at("Actions")
