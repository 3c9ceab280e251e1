"""What a report says of the plan: as of its day, and the same for good."""

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from assessments.actions.plan import change_action, record_progress
from assessments.actions.support import withdraw_support
from assessments.models import Assessment, SupportRequest
from assessments.reports.plan import Plan, PlanAction, PlanSupport, plan_facts, plan_of
from tests.assessments.shortcuts import agree, next_assessment, submit
from tests.factories import (
    ActionFactory,
    CheckInFactory,
    SupportPackageFactory,
    SupportRequestFactory,
)

START = "2026-03-01T12:00Z"


@pytest.fixture
def started(framework, time_machine, request):
    time_machine.move_to(START, tick=False)
    return request.getfixturevalue("partnership")


def action_of(own, **fields):
    given = {"due_on": date(2026, 4, 1), "what": "Fill two posts", "owner": "Ann"}
    return ActionFactory(body=own.partners["health"], **{**given, **fields})


def progress(own, action, status, note=""):
    action.refresh_from_db()
    record_progress(
        action=action, version=action.version, status=status, note=note, by=own.people["lead"]
    )


def said(own):
    return [(row.what, row.status, row.is_late) for row in facts_of(own).actions]


def facts_of(own):
    """Through JSON, as a report keeps them."""
    assessment = Assessment.objects.get(pk=own.assessment.pk)
    baseline = assessment.baseline
    since = f"{timezone.localdate(baseline.submitted_at)}" if baseline else None
    return plan_of(json.loads(json.dumps(plan_facts(assessment, since))))


def test_an_area_without_a_plan(started):
    assert facts_of(started) == Plan((), (), None)


def test_reports_frozen_before_there_were_plans_have_none():
    assert plan_of(None) == plan_of({}) == Plan()


def test_everything_that_a_report_prints(started):
    statement = started.statement("workforce-capacity")
    action_of(started, statement=statement, assessment=started.assessment)
    SupportRequestFactory(
        area=started.area, why="We are new.", package=SupportPackageFactory(title="Coaching")
    )
    assert facts_of(started) == Plan(
        (
            PlanAction(
                what="Fill two posts", body="Moorland Health", owner="Ann", due=date(2026, 4, 1),
                status="Not started", is_late=False, statement="4.1",
            ),
        ),
        (PlanSupport("Coaching", "We are new."),),
        None,
    )  # fmt: skip


def test_a_draft_tells_of_today(started, time_machine):
    action = action_of(started)
    time_machine.move_to("2026-04-02T12:00Z")
    assert said(started) == [("Fill two posts", "Not started", True)]
    progress(started, action, "under_way")
    assert said(started) == [("Fill two posts", "Under way", True)]
    progress(started, action, "done")
    time_machine.move_to("2026-05-02T12:00Z")
    progress(started, action, "done", note="A third too.")
    assert said(started) == [("Fill two posts", "Done on 2 April 2026", False)]
    progress(started, action, "no_action", note="They left.")
    assert said(started) == [("Fill two posts", "No action, because: They left.", False)]


def test_a_submitted_report_tells_of_its_day(started, time_machine):
    action = action_of(started)
    SupportRequestFactory(area=started.area)
    agree_and_submit(started)
    time_machine.move_to("2026-03-20T12:00Z")
    progress(started, action, "done")
    action_of(started, what="Later")
    SupportRequestFactory(area=started.area, asked_at=timezone.now())
    withdraw_support(support_request=SupportRequest.objects.first(), by=started.people["lead"])
    found = facts_of(started)
    assert [(row.what, row.status) for row in found.actions] == [("Fill two posts", "Not started")]
    assert len(found.support) == 1


def agree_and_submit(own):
    own.reveal()
    agree(own)
    submit(own)


def test_frozen_facts_do_not_follow_later_changes(started):
    action = action_of(started)
    kept = plan_facts(started.assessment, None)
    change_action(
        action=action, version=1, what="Other", body=action.body, owner="Bo",
        due_on=date(2026, 9, 9), measure="Other", by=started.people["lead"],
    )  # fmt: skip
    assert plan_of(kept).actions[0].what == "Fill two posts"


def test_what_was_closed_before_the_last_picture_is_not_told_again(started, time_machine):
    old, open_still = action_of(started), action_of(started, what="Open")
    progress(started, old, "done")
    agree_and_submit(started)
    time_machine.move_to("2026-03-20T12:00Z")
    new = action_of(started, what="New")
    progress(started, new, "done")
    second = next_assessment(started)
    assert {row.what for row in facts_of(second).actions} == {"Open", "New"}
    assert open_still.is_open


def test_actions_stand_by_due_day(started):
    action_of(started, what="Last", due_on=date(2026, 9, 1))
    action_of(started, what="First", due_on=date(2026, 3, 2))
    assert [row.what for row in facts_of(started).actions] == ["First", "Last"]


def test_the_next_check_in_is_the_nearest_that_is_planned(started):
    today = timezone.localdate()
    for number in (-1, 9, 15):
        CheckInFactory(baseline=started.assessment, on=today + timedelta(number), kind="dfe")
    CheckInFactory(
        baseline=started.assessment,
        on=today,
        cancelled_at=timezone.now(),
        cancelled_by=started.people["lead"],
    )
    found = facts_of(started).next_check_in
    assert (found.on, found.kind) == (date(2026, 3, 10), "dfe")
    assert found.words == "Tuesday 10 March 2026, with DfE or NHS England"


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow(started, rows, django_assert_num_queries):
    for _ in range(rows):
        progress(started, action_of(started), "under_way")
        SupportRequestFactory(area=started.area)
    with django_assert_num_queries(4):
        plan_facts(started.assessment, None)
