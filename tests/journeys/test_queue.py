"""Programme staff run a check-in: planned, looked after, its agenda sent, recorded, moved, taken away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from areas.models import User
from areas.permissions import Role
from assessments.actions import check_ins
from assessments.models import CheckIn
from assessments.reports.words import day
from tests.assessments.shortcuts import agree, submit
from tests.conftest import Partnership
from tests.factories import MembershipFactory, UserFactory
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def submitted(partnership: Partnership) -> Partnership:
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    MembershipFactory(user=UserFactory(name="Ann Colleague"), role=Role.PROGRAMME, area=None)
    return partnership


@everywhere
def test_staff_run_a_check_in(visit: Visit, submitted: Partnership, programme: User):
    staff = visit(programme)
    on = timezone.localdate() + timedelta(days=20)
    staff.go("/programme/")
    if staff.window.width < 640 and staff.window.javascript:
        staff.page.get_by_role("button", name="Menu").click()
    staff.follow("Check-ins")
    staff.at("Check-in queue", shot="queue-not-planned")
    finds_group(staff, "Not planned")
    staff.sees("None yet. Report submitted on")
    staff.follow("Schedule one with Moorland")
    staff.at("Schedule a check-in", shot="schedule")
    staff.press("Schedule it")
    staff.at("Schedule a check-in", status=400, shot="schedule-errors")
    staff.is_told("Select the kind of check-in", "Enter the day of the check-in")
    staff.choose("Annual engagement")
    staff.fill_date("When is it?", on)
    staff.press("Schedule it")
    staff.at(f"Check-in, {day(on)}", shot="programme-check-in")
    staff.sees("Moorland has been told.", "Only DfE programme staff read this.")
    names_and_sends(staff)
    records(staff)
    moves(staff)
    takes_it_away(staff)
    calls_it_off(staff)


def names_and_sends(staff: Visitor) -> None:
    staff.follow("Change who looks after it")
    staff.at("Name who looks after this check-in", shot="assign")
    staff.page.get_by_label("Who looks after it at DfE?").select_option("Ann Colleague")
    staff.press("Save")
    staff.sees("It is saved who looks after the check-in.", "Ann Colleague")
    staff.follow("Read and send the agenda")
    staff.at("Send the agenda", shot="agenda")
    staff.sees("Priorities that the rule proposes from", "It says only what DfE may read")
    staff.press("Send it")
    staff.sees("The agenda is on its way to Moorland.", "Sent by Programme Person")
    staff.follow("Read and send the agenda again")
    staff.press("Send it")
    staff.at("Send the agenda", status=400, shot="agenda-again")
    staff.is_told("Tick ‘Send it again’, as it was sent before")
    staff.follow("Cancel")


def records(staff: Visitor) -> None:
    staff.press("Record")
    staff.at("Record for DfE", shot="note")
    staff.choose("No")
    staff.fill("What is in the way?", "Nobody counts it yet.")
    staff.fill("Next step for DfE", "Bring a template")
    staff.press("Save")
    staff.at("Record for DfE", status=400, shot="note-errors")
    staff.is_told("Say why it was not held", "Enter the day of the next step")
    staff.choose("Not yet")
    staff.fill_date("By when?", timezone.localdate())
    staff.press("Save")
    staff.sees("What DfE keeps about the check-in is saved.", "Nobody counts it yet.")


def moves(staff: Visitor) -> None:
    later = timezone.localdate() + timedelta(days=40)
    staff.follow("Move the day")
    staff.at("Move this check-in", shot="move")
    staff.fill_date("When is it now?", later)
    staff.press("Move it")
    staff.at(f"Check-in, {day(later)}")
    staff.follow("Back to the check-in queue")
    staff.at("Check-in queue", shot="queue")
    finds_group(staff, "Later")
    table = staff.page.get_by_role("table")
    for said in ("Nobody counts it yet.", "Ann Colleague"):
        expect(table).to_contain_text(said)


def takes_it_away(staff: Visitor) -> None:
    staff.page.get_by_label("Looked after by").select_option("Me")
    staff.press("Apply")
    staff.at("Check-in queue")
    expect(staff.page.get_by_role("status")).to_contain_text("Nothing fits these filters.")
    staff.follow("Clear the filters")
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="Calendar").click()
    assert download.value.suggested_filename.startswith("check-ins-")


def calls_it_off(staff: Visitor) -> None:
    staff.page.get_by_role("table").get_by_role("link").nth(1).click()
    staff.follow("Call off this check-in")
    staff.at("Call this check-in off", shot="call-off")
    staff.press("Call it off")
    staff.at("Call this check-in off", status=400, shot="call-off-errors")
    staff.is_told("Say why it is called off")
    staff.fill("Why is it called off?", "The area asked for another year.")
    staff.press("Call it off")
    staff.sees("The check-in is called off. Moorland has been told.")


@everywhere
def test_one_that_the_area_has_agreed_waits_in_the_queue(
    visit: Visit, submitted: Partnership, programme: User
):
    lead, today = submitted.people["lead"], timezone.localdate()
    row: CheckIn = check_ins.plan_check_in(area=submitted.area, kind="dfe", on=today, by=lead)
    check_ins.agree_check_in(check_in=row, by=lead)
    staff = visit(programme)
    staff.go("/programme/check-ins/")
    staff.at("Check-in queue", shot="queue-waits")
    finds_group(staff, "Waits for DfE to agree")
    staff.follow("Read and agree the check-in of Moorland")
    staff.at("Agree the record for DfE")
    staff.press("Agree the record")
    staff.go("/programme/check-ins/")
    staff.at("Check-in queue", shot="queue-agreed")
    finds_group(staff, "Not planned")
    staff.sees(day(today))


def finds_group(staff: Visitor, name: str) -> None:
    expect(staff.page.get_by_role("heading", name=name)).to_be_visible()
