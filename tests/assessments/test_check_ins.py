"""A check-in: planned, moved, recorded and agreed; what it says, and who may do what."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.actions import check_ins as actions
from assessments.actions.errors import ConflictError, NotNowError
from assessments.models import CheckIn, CheckInPriority, SubmittedError
from assessments.reports.check_in import contents_of_check_in
from tests.assessments.pages import (
    chosen,
    heading,
    held,
    problems,
    sentences,
    soup,
    text,
    words,
)
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.conftest import client_of
from tests.databases import on_postgresql
from tests.factories import ActionFactory, CheckInFactory, EvidenceFactory

FIRST, SECOND = "agency-joint-design", "agency-safe-learning"
DAY = {"on_day": "1", "on_month": "4", "on_year": "2031"}
START, TODAY = "2026-03-01T12:00Z", "2026-04-01T12:00Z"


@pytest.fixture
def own(framework, time_machine, request):
    """Submitted on 1 March 2026 with everything agreed at 2; today is 1 April."""
    time_machine.move_to(START, tick=False)
    partnership = request.getfixturevalue("partnership")
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    time_machine.move_to(TODAY, tick=False)
    return partnership


@pytest.fixture
def check_in(own):
    return planned(own)


def planned(own, kind="board", on=date(2026, 4, 1)):
    return actions.plan_check_in(area=own.area, kind=kind, on=on, by=own.people["lead"])


def url(check_in, name="check-in", *more):
    return reverse(f"assessments:{name}", args=[check_in.pk, *more])


def room(own, name="check-ins"):
    return reverse(f"assessments:{name}", args=[own.area.dfe_code])


def fresh(check_in):
    return CheckIn.objects.get(pk=check_in.pk)


def record(own, check_in, slug=FIRST, **said):
    row = check_in.priorities.select_related("statement").get(statement__slug=slug)
    given = {
        "level": "3", "what_changed": "It moved.", "how_we_know": "We counted.", "evidence": None,
        "blocker": "", "next_step": "", "body": None, "next_on": None, "version": row.version,
        "by": own.people["lead"],
    }  # fmt: skip
    row.check_in = fresh(check_in)
    return actions.record_priority(priority=row, **{**given, **said})


def agreed(own, check_in, **more):
    return actions.agree_check_in(check_in=check_in, by=own.people["lead"], **more)


def line(check_in, slug=FIRST):
    contents = contents_of_check_in(fresh(check_in))
    return next(row for row in contents.priorities if row.slug == slug)


# ---- Planning ----------------------------------------------------------------------------------


def test_lead_plans_one_with_the_priorities_of_the_rule(own):
    response = own.client("lead").post(
        room(own, "plan-check-in"), {"kind": "dfe", **DAY}, follow=True
    )
    assert heading(response) == "Check-in, 1 April 2031"
    codes = [words(row.h3)[:3] for row in soup(response).select(".app-strips li")]
    assert codes == ["1.1", "1.2", "1.3", "1.4", "1.5", "2.1"]
    assert "Not yet re-confirmed. At 2 before." in text(response)
    assert sentences("check_in.plan") == [
        "Moorland Lead planned the check-in of 1 April 2031 (with DfE or NHS England)"
    ]


def test_it_needs_a_submitted_report(partnership):
    response = partnership.client("lead").get(room(partnership, "plan-check-in"))
    assert response.status_code == 409
    assert "Moorland has none yet" in text(response)
    assert "There is no check-in yet." in text(partnership.client("lead").get(room(partnership)))
    with pytest.raises(NotNowError):
        planned(partnership)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (DAY, "Select the kind of check-in"),
        ({"kind": "dfe"}, "Enter the day of the check-in"),
        (
            {"kind": "dfe", **DAY, "on_year": "2025"},
            ("The day of the check-in must not be before the report that it is compared with, "
            "which was submitted on 1 March 2026"),
        ),
        ({"kind": "dfe", **DAY, "on_year": "9999"}, "The day of the check-in must be between 2000 and 2100"),
    ],
)  # fmt: skip
def test_bad_plan_is_refused(own, data, problem):
    response = own.client("lead").post(room(own, "plan-check-in"), data)
    assert problems(response) == [problem]
    assert held(response, "on_day") == data.get("on_day", "")
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(
    ("kind", "on", "field"), [("x", date(2026, 4, 1), "kind"), ("dfe", date(2026, 2, 1), "on")]
)
def test_the_action_refuses_too(own, kind, on, field):
    with pytest.raises(ValueError, match=field):
        planned(own, kind=kind, on=on)


def test_it_moves_to_another_day(own, check_in):
    data = {"kind": "board", **DAY, "version": 1}
    response = own.client("lead").post(url(check_in, "change-check-in"), data, follow=True)
    assert heading(response) == "Check-in, 1 April 2031"
    own.client("lead").post(url(check_in, "change-check-in"), {"kind": "dfe", **DAY, "version": 2})
    assert sentences("check_in.change") == [
        "Moorland Lead moved from 1 April 2026 the check-in of 1 April 2031 (with the partnership board)",
        "Moorland Lead changed the kind of the check-in of 1 April 2031 (with DfE or NHS England)",
    ]
    same = fresh(check_in)
    actions.change_check_in(
        check_in=same, version=99, kind="dfe", on=same.on, by=own.people["lead"]
    )
    assert len(sentences("check_in.change")) == 2


def test_two_who_move_it_at_once_lose_nothing(own, check_in):
    lead = own.people["lead"]
    actions.change_check_in(
        check_in=check_in, version=1, kind="board", on=date(2026, 4, 9), by=lead
    )
    client, data = own.client("lead"), {"kind": "board", **DAY, "version": 1}
    response = client.post(url(check_in, "change-check-in"), data)
    assert response.status_code == 409
    assert "It is now on 9 April 2026 (with the partnership board)" in text(response)
    assert held(response, "on_year") == "2031"
    client.post(url(check_in, "change-check-in"), data | {"version": held(response, "version")})
    assert fresh(check_in).on == date(2031, 4, 1)


def test_it_is_called_off(own, check_in):
    client = own.client("lead")
    response = client.post(url(check_in, "cancel-check-in"), follow=True)
    assert "Called off" in text(response)
    assert "called this check-in off on 1 April 2026" in text(client.get(url(check_in)))
    assert "Record what moved" not in text(client.get(url(check_in)))
    again = client.post(url(check_in, "agree-check-in"))
    assert again.status_code == 409
    assert "This check-in was called off." in text(again)


# ---- Priorities --------------------------------------------------------------------------------


def chosen_of(check_in):
    return list(check_in.priorities.values_list("statement__slug", flat=True))


def test_another_choice_needs_a_reason(own, check_in):
    client, address = own.client("lead"), url(check_in, "choose-priorities")
    data = {"statements": ["culture-integration", FIRST], "reason": "", "version": 1}
    response = client.post(address, data)
    assert problems(response) == ["Say why you choose other priorities than those proposed"]
    assert set(chosen(response, "statements")) == {FIRST, "culture-integration"}
    page = client.post(address, data | {"reason": "The board asked."}, follow=True)
    assert "“The board asked.”" in text(page)
    assert chosen_of(check_in) == [FIRST, "culture-integration"]
    back = {"statements": actions.proposed_for(check_in.baseline), "reason": "x", "version": 2}
    client.post(address, back)
    assert len(chosen_of(check_in)) == 6
    assert fresh(check_in).choice_reason == ""


def test_at_most_six_and_at_least_one(own, check_in):
    client, address = own.client("lead"), url(check_in, "choose-priorities")
    many = [row.slug for row in own.statements[:7]]
    response = client.post(address, {"statements": many, "reason": "All.", "version": 1})
    assert problems(response) == ["Select 6 statements or fewer"]
    response = client.post(address, {"reason": "None.", "version": 1})
    assert problems(response) == ["Select at least one statement"]
    for statements in (many, [], ["nowhere"]):
        with pytest.raises(ValueError, match="statements"):
            choose(own, check_in, statements)
    with pytest.raises(ValueError, match="reason"):
        choose(own, check_in, [FIRST], reason="")


def choose(own, check_in, statements, *, reason="Why.", version=1):
    actions.choose_priorities(
        check_in=check_in, version=version, statements=statements, reason=reason,
        by=own.people["lead"],
    )  # fmt: skip


def test_what_was_recorded_is_not_left_out(own, check_in):
    record(own, check_in)
    data = {"statements": SECOND, "reason": "It fits.", "version": 1}
    response = own.client("lead").post(url(check_in, "choose-priorities"), data)
    assert response.status_code == 409
    assert "A priority that has been recorded already cannot be left out." in text(response)
    assert "It fits." in text(response)
    assert len(chosen_of(check_in)) == 6


def test_a_choice_over_a_newer_one_is_a_conflict(own, check_in):
    choose(own, check_in, [FIRST])
    data = {"statements": [SECOND], "reason": "Mine.", "version": 1}
    response = own.client("lead").post(url(check_in, "choose-priorities"), data)
    assert response.status_code == 409
    assert "changed this check-in at" in text(response)
    assert (chosen(response, "statements"), held(response, "reason")) == ([SECOND], "Mine.")


# ---- Recording ---------------------------------------------------------------------------------


def sent(own, **more):
    return {
        "version": 1, "level": "2", "what_changed": "Nothing, for want of staff.",
        "how_we_know": "We counted.", "evidence": "", "blocker": "Money.", "next_step": "Ask again",
        "body": own.partners["health"].pk, "next_on_day": "9", "next_on_month": "5",
        "next_on_year": "2026", **more,
    }  # fmt: skip


def test_what_moved_is_recorded_and_leads_on(own, check_in):
    address = url(check_in, "record-priority", FIRST)
    response = own.client("lead").post(address, sent(own), follow=True)
    assert heading(response) == "1.2 Safe space to learn together"
    page = text(own.client("schools").get(url(check_in)))
    for said in ("Nothing, for want of staff.", "We counted.", "Money.", "Still at 2."):
        assert said in page
    assert "Ask again. Moorland Health, by 9 May 2026" in page
    assert sentences("check_in.record") == [
        ("Moorland Lead recorded ‘Designing change together’ at the check-in of 1 April 2026 "
        "(with the partnership board)")
    ]  # fmt: skip


def test_after_the_last_the_whole_record_is_shown(own, check_in):
    last = chosen_of(check_in)[-1]
    response = own.client("lead").post(
        url(check_in, "record-priority", last), sent(own), follow=True
    )
    assert heading(response) == "Check-in, 1 April 2026"


def test_not_looked_at_again_needs_nothing_else(own, check_in):
    data = {"version": 1, "level": "not_again"}
    client, address = own.client("lead"), url(check_in, "record-priority", FIRST)
    client.post(address, data | {"blocker": "No time."})
    assert line(check_in).state == "Not yet re-confirmed."
    assert chosen(client.get(address), "level") == ["not_again"]


def test_bad_record_is_refused_and_kept(own, check_in):
    client, address = own.client("lead"), url(check_in, "record-priority", FIRST)
    assert problems(client.post(address, {"version": 1})) == [
        "Select the level that is true now, or that you did not look at it again"
    ]
    data = sent(own, what_changed="", how_we_know="", next_step="", next_on_year="1026")
    response = client.post(address, data)
    assert problems(response) == [
        "Say what changed, or what got in the way",
        "Say how you know",
        "Enter the next step",
        "The day of the next step must be between 2000 and 2100",
    ]
    assert held(response, "blocker") == "Money."
    half = sent(own, body="", next_on_day="", next_on_month="", next_on_year="")
    assert problems(client.post(address, half)) == [
        "Select the responsible body of the next step", "Enter the day of the next step",
    ]  # fmt: skip


def test_the_action_refuses_half_answers_and_other_areas(own, check_in, other_partnership):
    health = other_partnership.partners["health"]
    step = {"next_step": "Go", "next_on": date(2026, 5, 1)}
    for field, said in {
        "how_we_know": {"how_we_know": ""},
        "evidence": {"evidence": EvidenceFactory(owner=health)},
        "body": {"body": health, **step},
        "next_step": step,
    }.items():
        with pytest.raises(ValueError, match=field):
            record(own, check_in, **said)


def test_a_record_like_before_is_no_act(own, check_in):
    record(own, check_in)
    record(own, check_in, version=99)
    assert len(sentences("check_in.record")) == 1
    with pytest.raises(ConflictError):
        record(own, check_in, version=99, blocker="New.")


def test_two_who_record_at_once_see_both_versions(own, check_in):
    record(own, check_in, level="2", by=own.people["health"])
    client, address = own.client("lead"), url(check_in, "record-priority", FIRST)
    response = client.post(address, sent(own, what_changed="It stayed."))
    assert response.status_code == 409
    assert heading(response) == "Someone else changed this priority while you had it open"
    assert ("It moved." in text(response), "It stayed." in text(response)) == (True, True)
    form = soup(response).find_all("form")[-1]
    both = {node["name"]: node["value"] for node in form.find_all("input", {"name": True})}
    merged = client.post(address, both | {"then": "merge"})
    assert held(merged, "what_changed") == "It moved.\nIt stayed."
    assert CheckInPriority.objects.get(statement__slug=FIRST).what_changed == "It moved."


# ---- What it says ------------------------------------------------------------------------------


def test_a_level_of_3_counts_as_2_without_evidence(own, check_in):
    record(own, check_in)
    found = line(check_in)
    assert (found.then, found.level, found.counts_as) == (2, 3, 2)
    assert found.words == "Level 3 without evidence in date, so it counts as 2. Still at 2."
    item = EvidenceFactory(owner=own.partners["health"], review_on=date(2026, 4, 2))
    record(own, check_in, evidence=item)
    found = line(check_in)
    assert (found.counts_as, found.words, found.evidence) == (3, "Up from 2 to 3.", (item.title,))
    actions.change_check_in(
        check_in=fresh(check_in), version=1, kind="board", on=date(2026, 4, 2),
        by=own.people["lead"],
    )  # fmt: skip
    assert line(check_in).counts_as == 2


def test_evidence_of_the_report_counts_too(framework, time_machine, partnership):
    partnership.reveal()
    agree(partnership)
    lay_evidence(partnership, FIRST, title="Old minutes")
    submit(partnership)
    check_in = planned(partnership, on=timezone.localdate())
    record(partnership, check_in)
    assert (line(check_in).counts_as, line(check_in).evidence) == (3, ("Old minutes",))
    page = soup(partnership.client("lead").get(url(check_in, "record-priority", FIRST)))
    assert "Linked already: Old minutes." in words(page.main)


def test_momentum_counts_priorities_and_actions(own, check_in):
    for number, done in ((1, True), (2, False), (3, False)):
        ActionFactory(
            body=own.partners["health"], what=f"Action {number}", due_on=date(2026, 3, 20 + number),
            status="done" if done else "not_started", done_on=date(2026, 3, 9) if done else None,
        )  # fmt: skip
    ActionFactory(body=own.partners["health"], due_on=date(2026, 4, 2))
    found = contents_of_check_in(fresh(check_in))
    assert found.pace == "Stuck"
    assert (
        found.sentence
        == "0 of 6 priorities have moved since 1 March 2026. 1 of 3 actions due by then is done."
    )
    assert [(row.body, [late.words for late in row.actions]) for row in found.late] == [
        ("Moorland Health", ["10 days late", "9 days late"])
    ]
    item = EvidenceFactory(owner=own.partners["health"])
    record(own, check_in, evidence=item)
    found = contents_of_check_in(fresh(check_in))
    assert found.pace == "Slow"
    assert found.sentence.startswith("1 of 6 priorities has moved")


def test_a_report_submitted_since_is_told_of(own, check_in, time_machine):
    assert "was submitted since" not in text(own.client("lead").get(url(check_in)))
    time_machine.move_to("2026-04-20T12:00Z")
    second = next_assessment(own)
    second.reveal()
    agree(second)
    submit(second)
    assert "Spring check-in was submitted since this check-in was planned." in text(
        own.client("lead").get(url(check_in))
    )
    assert "was submitted since" not in text(own.client("health").get(url(check_in)))


def test_nothing_due_and_one_priority(own, check_in):
    choose(own, check_in, [FIRST])
    found = contents_of_check_in(fresh(check_in))
    assert found.sentence == "0 of 1 priority has moved since 1 March 2026. No action was due."
    check_in.priorities.all().delete()
    assert contents_of_check_in(fresh(check_in)).pace == "Not yet known"


def test_the_next_one_counts_from_what_the_last_one_recorded(own, check_in):
    record(own, check_in, evidence=EvidenceFactory(owner=own.partners["health"]))
    later = planned(own, on=date(2026, 6, 1))
    assert line(later).then == 2
    agreed(own, check_in)
    found = contents_of_check_in(fresh(later))
    assert line(later).then == 3
    assert line(later, SECOND).then == 2
    assert (found.since, found.since_words) == (date(2026, 4, 1), "the check-in of 1 April 2026")


# ---- Agreeing ----------------------------------------------------------------------------------


def test_a_board_check_in_is_closed_when_the_area_agrees(own, check_in):
    record(own, check_in)
    client = own.client("lead")
    assert "cannot be changed" in text(client.get(url(check_in, "agree-check-in")))
    response = client.post(url(check_in, "agree-check-in"), follow=True)
    assert "The record is agreed. It stays as it is." in text(response)
    assert "Moorland Moorland Lead, 1 April 2026" in text(response)
    for name in ("change-check-in", "choose-priorities", "cancel-check-in", "agree-check-in"):
        refused = client.get(url(check_in, name))
        assert refused.status_code == 409
    refused = client.post(url(check_in, "record-priority", FIRST), sent(own))
    assert refused.status_code == 409
    assert "Nothing, for want of staff." in text(refused)


def test_nobody_agrees_before_its_day(own):
    check_in = planned(own, on=date(2026, 4, 2))
    client = own.client("lead")
    assert "Agree the record" not in text(client.get(url(check_in)))
    response = client.post(url(check_in, "agree-check-in"))
    assert response.status_code == 409
    assert "This check-in can be agreed from its day on, 2 April 2026." in text(response)


def test_with_dfe_both_agree(own, programme):
    check_in = planned(own, kind="dfe")
    dfe, lead = client_of(programme), own.client("lead")
    assert dfe.get(url(check_in)).status_code == 404
    response = lead.post(url(check_in, "agree-check-in"), follow=True)
    assert "DfE can read and agree it now." in text(response)
    assert "Agreed by Moorland. DfE has not agreed yet" in text(lead.get(room(own)))
    page = dfe.get(url(check_in))
    assert "Agree the record" in text(page)
    assert soup(page).find("a", href=room(own)) is None
    response = dfe.post(url(check_in, "agree-check-in"), follow=True)
    assert "DfE Programme Person, 1 April 2026" in text(response)
    assert fresh(check_in).is_closed
    assert sentences("check_in.agree") == [
        "Moorland Lead agreed for Moorland the check-in of 1 April 2026 (with DfE or NHS England)",
        "Programme Person agreed for DfE the check-in of 1 April 2026 (with DfE or NHS England)",
    ]
    with pytest.raises(NotNowError):
        agreed(own, check_in, for_programme=True)


@pytest.mark.parametrize("who", ["lead", "dfe"])
def test_what_waits_for_dfe_may_go_back_with_a_reason(own, programme, who):
    check_in = planned(own, kind="annual")
    agreed(own, check_in)
    client = client_of(programme) if who == "dfe" else own.client("lead")
    response = client.post(url(check_in, "reopen-check-in"), {"reason": ""})
    assert problems(response) == ["Say why it goes back"]
    response = client.post(
        url(check_in, "reopen-check-in"), {"reason": "A day is wrong."}, follow=True
    )
    assert "The area writes in the record again." in text(response)
    assert fresh(check_in).is_open
    assert client_of(programme).get(url(check_in)).status_code == 404
    with pytest.raises(NotNowError):
        reopen(own, check_in)
    with pytest.raises(ValueError, match="reason"):
        reopen(own, check_in, reason="")


def reopen(own, check_in, reason="Why."):
    actions.reopen_check_in(check_in=check_in, reason=reason, by=own.people["lead"])


def test_dfe_never_sees_internal_check_ins(own, check_in, programme):
    agreed(own, check_in)
    assert client_of(programme).get(url(check_in)).status_code == 404


def test_a_closed_one_says_the_same_for_good(own, check_in):
    action = ActionFactory(body=own.partners["health"], due_on=date(2026, 3, 9))
    item = EvidenceFactory(owner=own.partners["health"])
    record(own, check_in, evidence=item)
    agreed(own, check_in)
    before = contents_of_check_in(fresh(check_in))
    type(item).objects.update(review_on=date(2026, 1, 1), title="Other")
    type(action).objects.update(what="Other", due_on=date(2030, 1, 1))
    own.area.name = "Renamed"
    own.area.save()
    assert contents_of_check_in(fresh(check_in)) == before
    assert before.is_closed


def test_nothing_changes_a_closed_one(own, check_in):
    agreed(own, check_in)
    closed, row = fresh(check_in), check_in.priorities.first()
    row.blocker = "x"
    for act in (
        closed.save, closed.delete, row.save, row.delete,
        lambda: CheckIn.objects.update(kind="dfe"), CheckInPriority.objects.all().delete,
        lambda: CheckInPriority.objects.create(
            check_in=closed, statement=own.statement("culture-integration"), order=6,
            saved_by=own.people["lead"],
        ),
    ):  # fmt: skip
        with pytest.raises(SubmittedError):
            act()


@on_postgresql
def test_the_database_itself_refuses(own, check_in):
    agreed(own, check_in)
    past_the_guards = [
        lambda: models.QuerySet(CheckIn).update(kind="ad_hoc"),
        lambda: models.QuerySet(CheckInPriority).update(blocker="x"),
        lambda: models.QuerySet(CheckInPriority)._raw_delete("default"),
    ]
    for act in past_the_guards:
        with pytest.raises(DatabaseError, match="on which all agreed"), transaction.atomic():
            act()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assessments_checkinpriority")
        assert cursor.fetchone() == (6,)


# ---- Lists -------------------------------------------------------------------------------------


def test_list_parts_what_is_planned_from_what_is_past(own, check_in, time_machine):
    agreed(own, planned(own, on=date(2026, 3, 2)))
    planned(own, kind="ad_hoc", on=date(2026, 4, 3))
    time_machine.move_to("2026-04-02T12:00Z")
    page = soup(own.client("schools").get(room(own)))
    tables = [
        [words(row) for row in table.select("tbody tr")] for table in page.select("table.app-plan")
    ]
    assert tables == [
        [
            "Wednesday 1 April 2026 With the partnership board The day is over , and it is not agreed yet",
            "Friday 3 April 2026 Ad hoc Not agreed yet",
        ],
        ["Monday 2 March 2026 With the partnership board Agreed on 1 April 2026 Momentum: slow"],
    ]


def test_area_home_shows_the_next(own, check_in):
    home = own.area.get_absolute_url()
    assert "Next check-in Wednesday 1 April 2026 With the partnership board, today" in text(
        own.client("health").get(home)
    )
    assert "Next check-in" not in text(own.client("viewer").get(home))
    assert "Momentum last time" not in text(own.client("health").get(home))
    agreed(own, planned(own, on=date(2026, 3, 2)))
    assert "Momentum last time: slow. 0 of 6 priorities have moved since 1 March 2026." in text(
        own.client("health").get(home)
    )


def test_area_home_says_what_is_over_and_who_is_waited_for(own, time_machine):
    check_in = planned(own, kind="dfe")
    time_machine.move_to("2026-04-02T12:00Z")
    home = own.area.get_absolute_url()
    assert "The day is over , and the record is not agreed yet" in text(
        own.client("lead").get(home)
    )
    agreed(own, check_in)
    assert "DfE has not agreed the record yet" in text(own.client("lead").get(home))


@pytest.mark.parametrize("rows", [1, 3])
def test_list_queries(own, rows, django_assert_num_queries):
    for number in range(rows):
        CheckInFactory(baseline=own.assessment, on=date(2026, 4, 1) + timedelta(number))
    client = own.client("health")
    with django_assert_num_queries(4):
        client.get(room(own))


@pytest.mark.parametrize("rows", [1, 3])
def test_page_queries(own, check_in, rows, django_assert_num_queries):
    for slug in chosen_of(check_in)[:rows]:
        item = EvidenceFactory(owner=own.partners["health"])
        record(own, check_in, slug, evidence=item)
        ActionFactory(body=own.partners["health"], due_on=date(2026, 3, 9))
    client = own.client("lead")
    client.get(url(check_in))
    with django_assert_num_queries(9):
        client.get(url(check_in))
    with django_assert_num_queries(12):
        client.get(url(check_in, "record-priority", FIRST))


# ---- Over time ---------------------------------------------------------------------------------


def over_time(client, own):
    page = soup(client.get(room(own, "trend")))
    found = page.find("section", {"aria-labelledby": "check-ins"})
    if found is None:
        return [], []
    table = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in found.find_all("tr")
    ]
    return table, [svg.title.string for svg in found.find_all("svg")]


def two_check_ins(own, time_machine, kind="board"):
    """The first raises one priority with evidence; the second claims 4 without."""
    first = planned(own, kind=kind)
    record(own, first, evidence=EvidenceFactory(owner=own.partners["health"]))
    agreed(own, first)
    time_machine.move_to("2026-06-01T12:00Z", tick=False)
    second = planned(own, on=date(2026, 6, 1))
    record(own, second, SECOND, level="4")
    agreed(own, second)
    return first, second


def test_check_ins_stand_in_the_trend_with_what_they_recorded(own, time_machine):
    two_check_ins(own, time_machine)
    table, charts = over_time(own.client("health"), own)
    assert table[0][1:] == [
        "Before", "With the partnership board 1 April 2026",
        "With the partnership board 1 June 2026", "Since then",
    ]  # fmt: skip
    rows = {row[0].split(" ")[0]: row[1:] for row in table[1:]}
    assert rows["1.1"] == ["2", "3", "Not yet re-confirmed", "Up from 2 to 3."]
    assert rows["1.2"] == ["2", "Not yet re-confirmed", "4, counts as 2", "Still at 2."]
    assert rows["Momentum"][1:3] == ["Slow", "Slow"]
    assert len(charts) == 2
    assert charts[0].endswith("Up from 2 to 3.")


def test_three_levels_of_a_priority_are_a_line(own, time_machine):
    two_check_ins(own, time_machine)
    time_machine.move_to("2026-09-01T12:00Z", tick=False)
    third = planned(own, on=date(2026, 9, 1))
    record(own, third, level="2")
    agreed(own, third)
    _, charts = over_time(own.client("lead"), own)
    assert charts[0].endswith("Levels 2 (Before), 3 (Apr 2026) and 2 (Sep 2026).")


def test_an_open_check_in_is_not_in_the_trend_yet(own, check_in):
    record(own, check_in)
    assert over_time(own.client("lead"), own) == ([], [])


def test_dfe_reads_its_own_check_ins_in_the_trend_and_no_other(own, programme, time_machine):
    two_check_ins(own, time_machine, kind="internal")
    assert over_time(client_of(programme), own) == ([], [])


@pytest.mark.parametrize("many", [1, 3])
def test_trend_queries_do_not_grow(own, time_machine, django_assert_num_queries, many):
    for number in range(many):
        time_machine.move_to(f"2026-0{4 + number}-01T12:00Z", tick=False)
        found = planned(own, on=date(2026, 4 + number, 1))
        record(own, found)
        agreed(own, found)
    client, address = own.client("lead"), room(own, "trend")
    client.get(address)  # warm: each process keeps what was closed
    with django_assert_num_queries(6):
        client.get(address)
