"""How far an action is, said by the people of the body that answers for it; and what it changed."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from areas.models import AppendOnlyError
from areas.permissions import Role
from assessments.actions.errors import ConflictError
from assessments.actions.plan import record_impact, record_progress
from assessments.models import ActionImpact, ActionProgress
from tests.assessments.pages import chosen, held, problems, sentences, soup, text, words
from tests.conftest import client_of
from tests.databases import on_postgresql
from tests.factories import (
    ActionFactory,
    ActionImpactFactory,
    ActionProgressFactory,
    MembershipFactory,
)


@pytest.fixture
def action(partnership):
    return ActionFactory(body=partnership.partners["health"], what="Fill two posts")


def url(action, name="record-progress"):
    return reverse(f"assessments:{name}", args=[action.area.dfe_code, action.pk])


def steps(action):
    return list(action.progress.values_list("status", "note"))


def record(action, by, status="under_way", note="", version=None):
    now = type(action).objects.get(pk=action.pk)
    seen = now.version if version is None else version
    return record_progress(action=action, version=seen, status=status, note=note, by=by)


def test_people_of_the_body_record_progress(partnership, action):
    client = partnership.client("health")
    assert "Record progress" in text(client.get(action.get_absolute_url()))
    data = {"version": 1, "status": "done", "note": "Both started."}
    response = client.post(url(action), data, follow=True)
    assert "The progress is recorded." in text(response)
    action.refresh_from_db()
    assert (action.status, action.done_on, action.version) == ("done", timezone.localdate(), 2)
    assert steps(action) == [("done", "Both started.")]
    assert sentences("action.progress") == [
        "Moorland Health Contributor recorded progress on ‘Fill two posts’ (done) for Moorland Health"
    ]


def test_people_of_another_body_do_not(partnership, action):
    client = partnership.client("schools")
    assert "Record progress" not in text(client.get(action.get_absolute_url()))
    for name in ("record-progress", "record-impact"):
        response = client.get(url(action, name))
        assert response.status_code == 403


def test_a_lead_of_no_partner_records_for_all(partnership, action):
    lead = MembershipFactory(area=partnership.area, role=Role.LEAD).user
    assert client_of(lead).get(url(action)).status_code == 200


def test_history_is_told_oldest_first(partnership, action):
    lead = partnership.people["lead"]
    record(action, lead)
    record(action, lead, status="no_action", note="The money is gone.")
    record(action, lead, note="It is back.")
    page = soup(partnership.client("schools").get(action.get_absolute_url()))
    told = [words(item.div) for item in page.select(".app-history li")]
    assert [said.split(" Moorland Lead")[0] for said in told[1:]] == [
        "Under way", "No action, because: “The money is gone.”", "Under way “It is back.”",
    ]  # fmt: skip
    assert told[0].startswith("Added ")
    action.refresh_from_db()
    assert action.no_action_because == ""


def test_the_day_it_was_done_is_the_first_and_goes_when_it_is_open_again(
    partnership, action, time_machine
):
    lead = partnership.people["lead"]
    time_machine.move_to("2026-03-01T12:00Z")
    record(action, lead, status="done")
    time_machine.move_to("2026-03-09T12:00Z")
    record(action, lead, status="done", note="And a third.")
    action.refresh_from_db()
    assert f"{action.done_on}" == "2026-03-01"
    record(action, lead, status="under_way")
    action.refresh_from_db()
    assert action.done_on is None


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "Select how far it is"),
        ({"status": "no_action"}, "Say why there will be no action"),
        ({"status": "not_started"}, "Say what is new, or select another status"),
        ({"status": "done", "note": "x" * 1001}, "What is new must be 1000 characters or fewer"),
    ],
)
def test_bad_input_is_refused_and_kept(partnership, action, data, problem):
    response = partnership.client("health").post(url(action), {"version": 1, **data})
    assert problems(response) == [problem]
    assert chosen(response, "status") == [data["status"]] if "status" in data else [""]
    assert held(response, "note") == data.get("note", "")
    assert steps(action) == []


@pytest.mark.parametrize(
    ("status", "note", "field"),
    [("no_action", "", "note"), ("not_started", "", "note"), ("perhaps", "x", "status")],
)
def test_the_action_itself_refuses_too(partnership, action, status, note, field):
    with pytest.raises(ValueError, match=field):
        record(action, partnership.people["lead"], status=status, note=note)


def test_two_at_once_lose_nothing(partnership, action):
    record(action, partnership.people["lead"], status="done", note="It is done.")
    client = partnership.client("health")
    response = client.post(url(action), {"version": 1, "status": "under_way", "note": "Half."})
    assert response.status_code == 409
    assert "Moorland Lead saved this action at" in text(response)
    assert "It is now: done." in text(response)
    assert (chosen(response, "status"), held(response, "note")) == (["under_way"], "Half.")
    client.post(
        url(action),
        {"version": held(response, "version"), "status": "under_way", "note": "Half."},
    )
    assert steps(action) == [("done", "It is done."), ("under_way", "Half.")]


def test_stale_version_is_a_conflict(partnership, action):
    with pytest.raises(ConflictError):
        record(action, partnership.people["lead"], version=7)


# ---- Impact ------------------------------------------------------------------------------------


def test_impact_is_told_apart_from_completion(partnership, action):
    client = partnership.client("health")
    assert "Nothing recorded yet." in text(client.get(action.get_absolute_url()))
    response = client.post(
        url(action, "record-impact"), {"text": "Families wait less."}, follow=True
    )
    assert "“Families wait less.”" in text(response)
    action.refresh_from_db()
    assert action.status == "not_started"
    assert sentences("action.impact") == [
        "Moorland Health Contributor recorded the impact of ‘Fill two posts’ for Moorland Health"
    ]


def test_impact_needs_a_text(partnership, action):
    response = partnership.client("health").post(url(action, "record-impact"), {"text": " "})
    assert problems(response) == ["Say what is different, or that nothing is"]
    with pytest.raises(ValueError, match="text"):
        record_impact(action=action, text="", by=partnership.people["lead"])


# ---- Only ever added ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("factory", [ActionProgressFactory, ActionImpactFactory])
def test_what_was_recorded_never_changes_or_goes(factory):
    row = factory()
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()
    with pytest.raises(AppendOnlyError):
        type(row).objects.update(recorded_at=timezone.now())
    with pytest.raises(AppendOnlyError):
        type(row).objects.all().delete()


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("model", [ActionProgress, ActionImpact])
@pytest.mark.parametrize(
    "sql", ["UPDATE {} SET recorded_at = now()", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_database_itself_refuses(model, sql):
    (ActionProgressFactory if model is ActionProgress else ActionImpactFactory)()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL portal.may_truncate = ''")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql.format(model._meta.db_table))
