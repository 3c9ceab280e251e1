"""The area's plan: adding an action out of a priority, changing it, and who may."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions.errors import ConflictError, NotNowError
from assessments.actions.plan import add_action, change_action
from assessments.models import Action
from tests.assessments.pages import (
    cells,
    heading,
    held,
    problems,
    sentences,
    soup,
    text,
    words,
)
from tests.assessments.shortcuts import agree, submit
from tests.conftest import client_of
from tests.factories import ActionFactory, ActionImpactFactory, PartnerFactory

SLUG = "workforce-capacity"
DUE = {"due_on_day": "31", "due_on_month": "3", "due_on_year": "2031"}


@pytest.fixture
def submitted(partnership):
    """Everything agreed at 2 but workforce at 1, and submitted."""
    partnership.reveal()
    agree(
        partnership,
        {s.slug: "1" if s.slug.startswith("workforce") else "2" for s in partnership.statements},
    )
    submit(partnership)
    return partnership


def url(own, name="actions", *more):
    return reverse(f"assessments:{name}", args=[own.area.dfe_code, *more])


def sent(own, **data):
    return {
        "priority": "", "what": "Fill two posts", "owner": "Head of SEND",
        "measure": "Both posts are filled.", "body": own.partners["health"].pk, **DUE, **data,
    }  # fmt: skip


def given(own, **values):
    """What the actions take."""
    return {
        "what": "Fill two posts", "owner": "Head of SEND", "measure": "Both are filled.",
        "body": own.partners["health"], "due_on": date(2031, 3, 31), "by": own.people["lead"],
    } | values  # fmt: skip


def days(number):
    return timezone.localdate() + timedelta(days=number)


def action_of(own, sector="health", **fields):
    return ActionFactory(body=own.partners[sector], added_by=own.people["lead"], **fields)


# ---- The list ----------------------------------------------------------------------------------


@pytest.fixture
def plan(partnership):
    """Of every state one."""
    action_of(partnership, what="Later", due_on=days(9))
    action_of(partnership, what="Today", due_on=days(0))
    action_of(partnership, "local_authority", what="Late", due_on=days(-1))
    done = action_of(partnership, what="Done", due_on=days(-9), status="done", done_on=days(-3))
    ActionImpactFactory(action=done)
    action_of(
        partnership, what="Dropped", due_on=days(-9), status="no_action",
        no_action_because="The money is gone.",
    )  # fmt: skip
    return partnership


def listed(response):
    """Body to the actions shown below it, in their order."""
    found = {}
    for table in soup(response).select("table.app-plan"):
        body = words(table.caption).removeprefix("Actions of ")
        found[body] = [words(link) for link in table.select("tbody th a")]
    return found


COUNCIL, HEALTH = "Moorland Council", "Moorland Health"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {COUNCIL: ["Late"], HEALTH: ["Today", "Later"]}),
        ({"state": "late"}, {COUNCIL: ["Late"]}),
        ({"state": "closed"}, {HEALTH: ["Done", "Dropped"]}),
        (
            {"state": "all"},
            {COUNCIL: ["Late"], HEALTH: ["Done", "Dropped", "Today", "Later"]},
        ),
        ({"state": "nonsense", "body": "x"}, {COUNCIL: ["Late"], HEALTH: ["Today", "Later"]}),
    ],
)
def test_list_is_by_body_and_narrowed_by_its_address(plan, asked, expected):
    assert listed(plan.client("health_board").get(url(plan), asked)) == expected


def test_list_of_one_body(plan):
    asked = {"body": plan.partners["local_authority"].pk, "state": "all"}
    response = plan.client("lead").get(url(plan), asked)
    assert listed(response) == {COUNCIL: ["Late"]}
    assert words(soup(response).find(role="status")) == "1 action found"


def test_list_says_what_is_late_by_body_first(plan):
    page = soup(plan.client("lead").get(url(plan)))
    card = page.select_one(".app-card")
    assert words(card) == "Late, by responsible body C Moorland Council Late 1 day late"
    tiles = [words(tile) for tile in page.select(".app-tiles > div")]
    assert tiles == [
        "Open 3 1 of them late",
        "Done 1 and 1 with an impact recorded",
        "No action 1 closed with a reason",
    ]


def test_list_tells_how_far_each_is(plan):
    page = soup(plan.client("lead").get(url(plan), {"state": "closed"}))
    far = [row[3] for row in cells(page.select_one("table.app-plan"))]
    done_on = f"{days(-3):%-d %B %Y}"
    assert far == [
        f"Done on {done_on} Impact recorded", "No action: “The money is gone.”",
    ]  # fmt: skip


def test_empty_plan_says_so(partnership):
    page = text(partnership.client("lead").get(url(partnership)))
    assert "There is no open action." in page
    assert "Moorland asks for no support now." in page
    assert "Late, by responsible body" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_list_queries(partnership, rows, django_assert_num_queries):
    for number in range(rows):
        ActionImpactFactory(action=action_of(partnership, due_on=days(-number)))
    client = partnership.client("health")
    with django_assert_num_queries(8):
        client.get(url(partnership))


@pytest.mark.parametrize("rows", [1, 3])
def test_list_queries_of_the_lead(submitted, rows, django_assert_num_queries):
    for _ in range(rows):
        action_of(submitted)
    client = submitted.client("lead")
    client.get(url(submitted))
    with django_assert_num_queries(11):
        client.get(url(submitted))


def test_actions_of_another_area_are_not_here(plan, other_partnership):
    response = other_partnership.client("lead").get(url(other_partnership))
    assert listed(response) == {}


def test_area_home_shows_what_is_late(plan):
    home = plan.area.get_absolute_url()
    assert "Late, by responsible body" in text(plan.client("health").get(home))
    assert "Late, by responsible body" not in text(plan.client("viewer").get(home))


# ---- Adding ------------------------------------------------------------------------------------


def test_lead_starts_an_action_from_a_priority_of_the_report(submitted):
    client = submitted.client("lead")
    report = soup(client.get(reverse("assessments:report", args=[submitted.assessment.pk])))
    link = next(
        node for node in report.find_all("a") if words(node).startswith("Add an action for Enough")
    )
    opened = client.get(link["href"])
    select = soup(opened).find("select", {"name": "priority"})
    assert select.find("option", selected=True)["value"] == SLUG
    assert words(select.find_all("option")[1]).endswith("(proposed)")
    response = client.post(link["href"], sent(submitted, priority=SLUG), follow=True)
    assert heading(response) == "Fill two posts"
    assert "The action is added." in text(response)
    action = Action.objects.get()
    assert (action.statement.slug, action.assessment) == (SLUG, submitted.assessment)
    assert sentences("action.add") == [
        "Moorland Lead added the action ‘Fill two posts’, due 31 March 2031, for Moorland Health"
    ]


def test_others_are_not_offered_to_start_one(submitted, programme):
    report = reverse("assessments:report", args=[submitted.assessment.pk])
    for client in (submitted.client("health"), client_of(programme)):
        assert "Add an action" not in text(client.get(report))
    assert "Add an action" not in text(submitted.client("health").get(url(submitted)))


def test_priorities_without_an_action_wait_in_the_list(submitted):
    client = submitted.client("lead")

    def waiting():
        return [words(item.b) for item in soup(client.get(url(submitted))).select(".app-next li")]

    before = waiting()
    assert len(before) == 6
    assert before[0].startswith("4.1 ")
    add_action(
        area=submitted.area, assessment=submitted.assessment, statement=submitted.statement(SLUG),
        **given(submitted),
    )  # fmt: skip
    assert waiting() == before[1:]
    Action.objects.update(status="no_action", no_action_because="Why.")
    assert waiting() == before


def test_area_home_leads_from_the_last_picture_to_an_action(submitted):
    page = soup(submitted.client("lead").get(submitted.area.get_absolute_url()))
    link = page.find("a", string="Add an action for it")
    assert link["href"].endswith(f"?assessment={submitted.assessment.pk}&statement={SLUG}")


def test_action_out_of_no_priority(partnership):
    response = partnership.client("lead").post(
        url(partnership, "add-action"), sent(partnership), follow=True
    )
    assert "Comes from" not in text(response)
    assert soup(partnership.client("lead").get(url(partnership, "add-action"))).find(
        "select", {"name": "priority"}
    ) is None  # nothing is revealed yet  # fmt: skip


def test_bad_input_is_refused_and_kept(partnership):
    client = partnership.client("lead")
    bad = sent(partnership, what="", body="", owner="", measure="x" * 301, due_on_year="1031")
    response = client.post(url(partnership, "add-action"), bad)
    assert problems(response) == [
        "Say what will be done",
        "Select the responsible body",
        "Enter the owner, a name or a role",
        "The due day must be between 2000 and 2100",
        "How will you know that it worked must be 300 characters or fewer",
    ]
    assert held(response, "measure") == "x" * 301
    assert not Action.objects.exists()


def test_a_partner_of_another_area_is_not_taken(partnership, other_partnership):
    foreign = other_partnership.partners["health"]
    response = partnership.client("lead").post(
        url(partnership, "add-action"), sent(partnership, body=foreign.pk)
    )
    assert len(problems(response)) == 1
    with pytest.raises(ValueError, match="body"):
        add_action(area=partnership.area, **given(partnership, body=foreign))


@pytest.mark.parametrize("asked", ["abc", "99999999999999999999999", "-1", "²"])
def test_an_assessment_that_is_none_leads_nowhere(partnership, asked):
    response = partnership.client("lead").get(url(partnership, "add-action"), {"assessment": asked})
    assert response.status_code == (404 if asked.isascii() and asked.isdecimal() else 200)


def test_a_priority_needs_revealed_scores_of_the_same_area(partnership, other_partnership):
    statement = partnership.statement(SLUG)
    of = {"area": partnership.area, "statement": statement, **given(partnership)}
    with pytest.raises(NotNowError, match="revealed"):
        add_action(assessment=partnership.assessment, **of)
    with pytest.raises(ValueError, match="assessment"):
        add_action(assessment=other_partnership.assessment, **of)


# ---- Changing ----------------------------------------------------------------------------------


def test_change_tells_which_day_it_was(partnership):
    action = action_of(partnership, due_on=date(2031, 1, 1), what="Fill two posts")
    response = partnership.client("lead").post(
        url(partnership, "change-action", action.pk), sent(partnership, version=1), follow=True
    )
    assert "The action is saved." in text(response)
    told = (
        "Moorland Lead changed the action ‘Fill two posts’, due 31 March 2031 instead of "
        "1 January 2031, for Moorland Health"
    )
    assert sentences("action.change") == [told]
    action.refresh_from_db()
    assert (action.due_on, action.version) == (date(2031, 3, 31), 2)


def test_change_without_a_difference_is_no_act(partnership):
    action = action_of(partnership)
    same = {
        "what": action.what, "owner": action.owner, "measure": action.measure,
        "due_on": action.due_on, "body": action.body,
    }  # fmt: skip
    change_action(action=action, version=99, by=partnership.people["lead"], **same)
    assert sentences("action.change") == []


def test_change_refuses_a_partner_of_another_area(partnership, other_partnership):
    action = action_of(partnership)
    foreign = given(partnership, body=other_partnership.partners["health"])
    with pytest.raises(ValueError, match="body"):
        change_action(action=action, version=1, **foreign)


def test_a_closed_partner_that_answered_so_far_is_offered(partnership):
    action = action_of(partnership)
    gone = PartnerFactory(area=partnership.area, name="Gone", closed_on=date(2021, 1, 1))
    page = soup(partnership.client("lead").get(url(partnership, "change-action", action.pk)))
    assert "Gone" not in words(page.find("select", {"name": "body"}))
    Action.objects.update(body=gone)
    page = soup(partnership.client("lead").get(url(partnership, "change-action", action.pk)))
    assert words(page.find("option", selected=True)) == "Gone"


def test_two_who_change_it_at_once_see_both_versions(partnership):
    action = action_of(partnership, what="Fill posts.")
    change_action(action=action, version=1, **given(partnership, by=partnership.people["health"]))
    address, client = url(partnership, "change-action", action.pk), partnership.client("lead")
    mine = sent(partnership, version=1, what="Fill three posts.")
    response = client.post(address, mine)
    assert response.status_code == 409
    assert heading(response) == "Someone else changed this action while you had it open"
    page = soup(response)
    assert [words(node) for node in page.select("[aria-labelledby=mine] h3 mark")] == [
        "different", "different",
    ]  # fmt: skip
    first, both = page.find_all("form")[-2:]
    again = {node["name"]: node["value"] for node in both.find_all("input", {"name": True})}
    merged = client.post(address, again | {"then": "merge"})
    assert held(merged, "what") == "Fill two posts\nFill three posts."
    assert Action.objects.get().what == "Fill two posts"
    replace = {node["name"]: node["value"] for node in first.find_all("input", {"name": True})}
    client.post(address, replace)
    assert Action.objects.get().what == "Fill three posts."


def test_stale_version_is_a_conflict(partnership):
    action = action_of(partnership)
    with pytest.raises(ConflictError):
        change_action(action=action, version=2, **given(partnership))
