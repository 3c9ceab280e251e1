"""The check-in queue of DfE: what it shows and never shows, and what staff do with a check-in."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from areas.models import Area, AuditEvent
from areas.permissions import Role
from assessments.actions import check_ins, queue
from assessments.actions.errors import ConflictError, NotNowError
from assessments.models import CheckIn, ProgrammeRecord
from assessments.reports.exports.queue import COLUMNS
from assessments.reports.queue import queue_of
from assessments.reports.queue_rows import row
from tests.assessments.kept import days_ago, picture
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
from tests.assessments.shortcuts import agree, submit
from tests.conftest import client_of
from tests.factories import (
    AreaFactory,
    CheckInFactory,
    CheckInPriorityFactory,
    MembershipFactory,
    ProgrammeRecordFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
URL = "/programme/check-ins/"
START, TODAY = "2026-03-01T12:00Z", "2026-04-01T12:00Z"
NEW_DAY = {"on_day": "9", "on_month": "6", "on_year": "2026"}
SECRET = "Quokka in the way"
FIRST = "agency-joint-design"
# Session, person and memberships; who may look after one; areas, check-ins, what DfE keeps, what
# areas wrote.
QUERIES = 7


@pytest.fixture
def client(programme):
    return client_of(programme)


@pytest.fixture
def colleague(db):
    user = UserFactory(name="Ann Colleague")
    MembershipFactory(user=user, role=Role.PROGRAMME, area=None)
    return user


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
    return planned(own, date(2026, 4, 1))


def planned(own, on, kind="dfe"):
    return check_ins.plan_check_in(area=own.area, kind=kind, on=on, by=own.people["lead"])


def write(check_in, slug=FIRST, **said):
    """What the area writes, straight into the row."""
    row = check_in.priorities.get(statement__slug=slug)
    for name, value in {"blocker": SECRET, **said}.items():
        setattr(row, name, value)
    row.save()


def send(own, check_in):
    return check_ins.agree_check_in(check_in=check_in, by=own.people["lead"])


def url(check_in, name="programme-check-in"):
    return reverse(f"assessments:{name}", args=[check_in.pk])


def groups(response):
    """Each group with its lines as a screen reader reads them: name of the area and the rest."""
    page = soup(response)
    found = {}
    for table in page.select(".app-queue"):
        head = page.find(id=table["aria-labelledby"])
        rows = table.tbody.find_all("tr")
        found[head.get_text().split(" (")[0]] = [
            [words(row.th.a), *(words(cell) for cell in row.find_all("td"))] for row in rows
        ]
    return found


def shown(response):
    return {name: [row[0] for row in rows] for name, rows in groups(response).items()}


def kept(check_in):
    return ProgrammeRecord.objects.get(pk=check_in.pk)


# ---- What it shows -------------------------------------------------------------------------------


@pytest.fixture
def several(framework, programme, colleague):
    """Areas with one check-in each, days from today, and one without."""
    for name, region, days, owner in [
        ("Ashby", "North", -3, None), ("Beeley", "South", 0, programme), ("Corley", "South", 30, None),
        ("Dunley", "North", 31, colleague),
    ]:  # fmt: skip
        area = AreaFactory(name=name, region=region)
        picture(framework, area, [2] * 6, days=90)
        row = CheckInFactory(baseline=area.assessments.get(), kind="dfe", on=days_ago(-days))
        if owner:
            ProgrammeRecordFactory(check_in=row, owner=owner)
    picture(framework, AreaFactory(name="Ely", region="East"), [2] * 6, days=50)
    AreaFactory(name="Fenny", region="East")


def test_it_groups_by_what_each_asks_for(client, several):
    response = client.get(URL)
    assert shown(response) == {
        "Overdue": ["Ashby"],
        "Due in the next 30 days": ["Beeley", "Corley"],
        "Later": ["Dunley"],
        "Not planned": ["Ely"],
    }
    assert "Showing all 5." in text(response)
    assert "3 days late" in groups(response)["Overdue"][0][1]
    assert ", today" in groups(response)["Due in the next 30 days"][0][1]
    submitted = days_ago(50).strftime("%-d %B %Y")
    assert f"None yet. Report submitted on {submitted}" in groups(response)["Not planned"][0][1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("owner=mine", ["Beeley"]),
        ("owner=nobody", ["Ashby", "Corley", "Ely"]),
        ("owner=colleague", ["Dunley"]),
        ("region=South", ["Beeley", "Corley"]),
        ("region=Nowhere", []),
        ("state=overdue", ["Ashby"]),
        ("state=not_planned", ["Ely"]),
        ("state=due&owner=mine&region=South", ["Beeley"]),
    ],
)
def test_filters(client, several, colleague, query, found):
    response = client.get(f"{URL}?{query.replace('colleague', str(colleague.pk))}")
    assert [name for rows in shown(response).values() for name in rows] == found
    said = f"Showing {len(found)} of 5." if found else "Nothing fits these filters."
    assert f"{said} Clear the filters" in text(response)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("owner=999999", "Choose looked after by from the list"),
        ("state=late", "Choose state from the list"),
        (f"region={'x' * 61}", "Region must be 60 characters or fewer"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_beside_its_field(client, several, query, message):
    assert problems(client.get(f"{URL}?{query}")) == [message]
    for kind in ("csv", "ics"):
        assert client.get(f"/programme/check-ins.{kind}?{query}").status_code == 400


def test_made_up_areas_never_stand_among_real_ones(client, several, framework):
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    picture(framework, made_up, [3] * 6)
    assert "Northmoor" not in text(client.get(URL))
    response = client.get(URL + "?areas=demonstration")
    assert shown(response) == {"Not planned": ["Northmoor"]}
    assert "Demonstration" in words(soup(response).select_one(".govuk-phase-banner"))


def test_without_any_report_it_says_so(client, framework):
    AreaFactory(name="Ashby")
    assert "No area has submitted a report yet, so there is no check-in." in text(client.get(URL))


def test_who_left_the_programme_looks_after_nothing(client, several, colleague):
    colleague.memberships.all().delete()
    response = client.get(URL)
    assert "Nobody, since Ann Colleague left" in groups(response)["Later"][0][2]
    assert "Dunley" in text(client.get(URL + "?owner=nobody"))
    assert client.get(f"{URL}?owner={colleague.pk}").status_code == 400


def test_one_that_the_area_has_agreed_waits_and_shows_what_it_wrote(client, own, check_in):
    write(check_in)
    send(own, check_in)
    response = client.get(URL)
    (line,) = groups(response)["Waits for DfE to agree"]
    assert (
        line[1]
        == "1 April 2026 , Moorland With DfE or NHS England Read and agree the check-in of Moorland"
    )
    assert line[3].startswith(SECRET)
    link = soup(response).find("a", href=url(check_in, "agree-check-in"))
    assert client.get(link["href"]).status_code == 200


def test_after_both_agreed_it_leaves_the_queue_and_carries_over_what_is_in_the_way(
    client, own, check_in, programme
):
    write(check_in)
    send(own, check_in)
    check_ins.agree_check_in(check_in=check_in, by=programme, for_programme=True)
    (line,) = groups(client.get(URL))["Not planned"]
    assert line[1].startswith("1 April 2026")
    assert line[2] == f"{SECRET} Moorland, 1 Apr 2026"
    planned(own, date(2026, 5, 20))
    assert groups(client.get(URL))["Later"][0][3] == f"{SECRET} Moorland, 1 Apr 2026"


# ---- What it never shows -------------------------------------------------------------------------


def everything(client, check_in):
    """What every page and file of the queue says."""
    addresses = [
        URL, "/programme/check-ins.csv", "/programme/check-ins.ics", "/programme/", url(check_in),
        *(url(check_in, f"{act}-check-in") for act in ("move", "assign", "note")),
        url(check_in, "send-agenda"),
    ]  # fmt: skip
    answers = [client.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} <= {200, 404, 409}
    return [answer.getvalue().decode() for answer in answers]


def test_nothing_that_an_area_writes_in_an_open_record_is_shown(client, own, check_in):
    """However the area changes it, no page of DfE changes but in the moment of a file."""

    def without_moment(pages):
        return [
            [
                line for line in page.splitlines()
                if not line.startswith(("DTSTAMP", "SEQUENCE")) and "csrfmiddlewaretoken" not in line
            ]
            for page in pages
        ]  # fmt: skip

    before = without_moment(everything(client, check_in))
    lead = own.people["lead"]
    check_ins.choose_priorities(
        check_in=check_in, version=1, statements=["family-every-stage"], reason=SECRET, by=lead
    )
    write(
        check_in, "family-every-stage", what_changed=SECRET, how_we_know=SECRET, level="4",
        next_step=SECRET, body=own.partners["health"], next_on=date(2026, 5, 1),
    )  # fmt: skip
    assert without_moment(everything(client, check_in)) == before
    assert not any("Quokka" in page for page in everything(client, check_in))
    assert client.get(check_in.get_absolute_url()).status_code == 404


def test_a_record_that_goes_back_to_the_area_is_closed_to_dfe_again(client, own, check_in):
    write(check_in)
    send(own, check_in)
    assert any(SECRET in page for page in everything(client, check_in))
    check_ins.reopen_check_in(check_in=check_in, reason="Not yet.", by=own.people["lead"])
    assert not any(SECRET in page for page in everything(client, check_in))


@pytest.mark.parametrize("kind", ["internal", "board", "ad_hoc"])
def test_of_other_kinds_nothing_is_there(client, own, kind):
    row = planned(own, date(2026, 4, 1), kind)
    write(row)
    send(own, row)
    assert not any(SECRET in page or "1 April" in page for page in everything(client, row)[:3])
    acts = ("move", "assign", "note", "call-off", "programme")
    for name in (f"{act}-check-in" for act in acts):
        assert client.get(url(row, name)).status_code == 404
    assert shown(client.get(URL)) == {"Not planned": ["Moorland"]}


def test_what_dfe_keeps_is_for_programme_staff_alone(own, check_in, programme, editor, client):
    ProgrammeRecordFactory(check_in=check_in, blocker=SECRET, saved_by=programme)
    assert SECRET in text(client.get(url(check_in)))
    assert "Only DfE programme staff read this." in text(client.get(url(check_in)))
    for who in ("lead", "health", "health_board", "viewer"):
        user = own.people[who]
        assert not ProgrammeRecord.objects.visible_to(user).exists()
        for name in ("check-in", "check-in-pdf"):
            assert SECRET not in str(own.client(who).get(url(check_in, name)).content)
    assert not ProgrammeRecord.objects.visible_to(editor).exists()
    assert ProgrammeRecord.objects.visible_to(programme).get().blocker == SECRET


# ---- Scheduling ----------------------------------------------------------------------------------


def test_staff_schedule_one_and_the_area_sees_it_and_has_a_mail(client, own, programme, letters):
    data = {"area": own.area.dfe_code, "kind": "annual", "owner": str(programme.pk), **NEW_DAY}
    response = client.post(reverse("assessments:schedule-check-in"), data, follow=True)
    assert heading(response) == "Check-in, 9 June 2026"
    assert "The check-in is planned. Moorland has been told." in text(response)
    row = CheckIn.objects.get()
    assert (row.kind, row.baseline, kept(row).owner) == ("annual", own.assessment, programme)
    assert row.priorities.count() == 6
    listed = own.client("health").get(reverse("assessments:check-ins", args=[own.area.dfe_code]))
    assert "9 June 2026" in text(listed)
    # Whoever takes it on themselves gets no mail about it.
    (letter,) = letters()
    assert letter.to == [own.people["lead"].email]
    assert letter.subject == "Moorland: a check-in with DfE on 9 June 2026"
    assert row.get_absolute_url() in letter.body
    assert sentences()[-2:] == [
        "Programme Person planned for DfE the check-in of 9 June 2026 (annual engagement)",
        ("Programme Person named Programme Person as who looks after, at DfE, the check-in of "
         "9 June 2026 (annual engagement)"),
    ]  # fmt: skip


def test_the_form_starts_with_the_area_of_the_link_and_oneself(client, own, programme):
    link = soup(client.get(URL)).select_one(".app-queue td a")
    assert words(link) == "Schedule one with Moorland"
    page = soup(client.get(link["href"]))
    picked = {node.parent["name"]: node["value"] for node in page.select("option[selected]")}
    assert picked == {"area": own.area.dfe_code, "owner": str(programme.pk)}


def test_one_may_be_planned_that_nobody_looks_after_yet(client, own, letters):
    data = {"area": own.area.dfe_code, "kind": "dfe", "owner": "", **NEW_DAY}
    client.post(reverse("assessments:schedule-check-in"), data)
    assert len(letters()) == 1
    (line,) = groups(client.get(URL))["Later"]
    assert line[2].startswith("Nobody. Name someone for the check-in of Moorland, 9 June 2026")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"area": ""}, "Select the area"),
        ({"area": "999"}, "Select an area from the list"),
        ({"area": "Fenland"}, "Select an area from the list"),
        ({"kind": ""}, "Select the kind of check-in"),
        ({"kind": "board"}, "Select the kind of check-in"),
        ({"on_day": "", "on_month": "", "on_year": ""}, "Enter the day of the check-in"),
        ({"on_year": "2025"}, "The day of the check-in must be today or later"),
        ({"on_year": "9999"}, "The day of the check-in must be between 2000 and 2100"),
        ({"owner": "999999"}, "Choose who looks after it from the list"),
    ],
)
def test_bad_schedule_is_refused(client, own, other_partnership, change, problem):
    if change.get("area") == "Fenland":  # which has submitted nothing
        change = {"area": other_partnership.area.dfe_code}
    data = {"area": own.area.dfe_code, "kind": "dfe", "owner": "", **NEW_DAY, **change}
    response = client.post(reverse("assessments:schedule-check-in"), data)
    assert problems(response) == [problem]
    assert held(response, "on_month") == data["on_month"]
    assert not CheckIn.objects.exists()


def test_the_action_refuses_kinds_without_dfe_and_areas_without_a_report(
    own, other_partnership, programme
):
    def schedule(area, kind):
        queue.schedule_check_in(area=area, kind=kind, on=date(2026, 5, 1), owner=None, by=programme)

    with pytest.raises(ValueError, match="kind"):
        schedule(own.area, "board")
    with pytest.raises(NotNowError):
        schedule(other_partnership.area, "dfe")


# ---- Moving --------------------------------------------------------------------------------------


def test_staff_move_the_day_and_the_area_is_told(client, own, check_in, letters):
    page = client.get(url(check_in, "move-check-in"))
    data = {"seen": held(page, "seen"), **NEW_DAY}
    response = client.post(url(check_in, "move-check-in"), data, follow=True)
    assert heading(response) == "Check-in, 9 June 2026"
    (letter,) = letters()
    assert "It was on: Wednesday 1 April 2026" in letter.body
    assert "It is on: Tuesday 9 June 2026" in letter.body
    assert sentences("check_in.change") == [
        ("Programme Person moved from 1 April 2026 for DfE the check-in of 9 June 2026 "
         "(with DfE or NHS England)")
    ]  # fmt: skip
    # The same day again tells nobody anything.
    client.post(url(check_in, "move-check-in"), data | {"seen": "2026-06-09"})
    assert len(letters()) == 1


def test_a_day_moved_meanwhile_is_shown_and_nothing_is_lost(client, own, check_in):
    lead = own.people["lead"]
    check_ins.change_check_in(
        check_in=check_in, version=1, kind="dfe", on=date(2026, 4, 8), by=lead
    )
    response = client.post(url(check_in, "move-check-in"), {"seen": "2026-04-01", **NEW_DAY})
    assert response.status_code == 409
    assert "The check-in was moved to 8 April 2026 after you opened the page." in text(response)
    assert [held(response, name) for name in ("on_day", "on_month", "seen")] == [
        "9",
        "6",
        "2026-04-08",
    ]
    assert CheckIn.objects.get().on == date(2026, 4, 8)


def test_what_the_area_writes_meanwhile_is_no_conflict(own, check_in, programme):
    check_ins.choose_priorities(
        check_in=check_in, version=1, statements=[FIRST], reason="So.", by=own.people["lead"]
    )
    moved = queue.move_check_in(
        check_in=check_in, seen=date(2026, 4, 1), on=date(2026, 6, 9), by=programme
    )
    assert moved.on == date(2026, 6, 9)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "Enter the day of the check-in"),
        ({**NEW_DAY, "on_day": "31"}, "The day of the check-in must be a real date"),
        ({**NEW_DAY, "on_year": "2025"}, "The day of the check-in must be today or later"),
    ],
)
def test_bad_move_is_refused(client, check_in, data, problem):
    response = client.post(url(check_in, "move-check-in"), {"seen": "2026-04-01", **data})
    assert problems(response) == [problem]
    assert held(response, "on_day") == data.get("on_day", "")


def test_a_move_without_the_day_that_was_seen_is_refused(client, check_in):
    response = client.post(url(check_in, "move-check-in"), {"seen": "x", **NEW_DAY})
    assert response.status_code == 400
    assert CheckIn.objects.get().on == date(2026, 4, 1)


@pytest.mark.parametrize("act", ["move-check-in", "send-agenda", "call-off-check-in"])
def test_once_the_area_has_agreed_it_neither_moves_nor_gets_an_agenda(client, own, check_in, act):
    send(own, check_in)
    sent = {"seen": "2026-04-01", "reason": "Why", **NEW_DAY}
    response = client.post(url(check_in, act), sent)
    assert response.status_code == 409
    assert "The area has agreed this record, so it cannot be changed." in text(response)
    assert soup(response).find("a", href=url(check_in))


@pytest.mark.parametrize("act", ["move", "assign", "note"])
def test_one_that_was_called_off_stays_as_it_is(client, own, check_in, act):
    check_ins.cancel_check_in(check_in=check_in, by=own.people["lead"])
    response = client.post(url(check_in, f"{act}-check-in"), {"blocker": "My words"})
    assert response.status_code == 409
    assert "This check-in was called off." in text(response)
    assert "My words" in text(response)
    assert "Called off" in text(client.get(url(check_in)))
    assert shown(client.get(URL)) == {"Not planned": ["Moorland"]}


def test_staff_call_one_off_with_a_reason_that_the_area_reads(client, own, check_in, letters):
    page = client.get(url(check_in, "call-off-check-in"))
    assert "It stays on record, marked as called off" in text(page)
    refused = client.post(url(check_in, "call-off-check-in"), {"reason": " "})
    assert refused.status_code == 400
    assert problems(refused) == ["Say why it is called off"]
    data = {"reason": "An inspection is on."}
    done = client.post(url(check_in, "call-off-check-in"), data, follow=True)
    assert "The check-in is called off. Moorland has been told." in text(done)
    assert "Called off" in text(done)
    (letter,) = letters()
    assert letter.to == [own.people["lead"].email]
    assert letter.subject == "Moorland: DfE has called off the check-in of 1 April 2026"
    assert "The reason: An inspection is on." in letter.body
    event = AuditEvent.objects.get(verb="check_in.cancel")
    assert event.details == {"reason": "An inspection is on."}
    assert "called off for DfE the check-in of 1 April 2026" in event.sentence
    assert "An inspection is on." in text(
        own.client("lead").get(f"/areas/{own.area.dfe_code}/history/")
    )


def test_calling_off_takes_a_reason_in_the_action_too(check_in, programme):
    with pytest.raises(ValueError, match="reason"):
        queue.call_off_check_in(check_in=check_in, reason="", by=programme)


# ---- Who looks after it --------------------------------------------------------------------------


def test_staff_name_who_looks_after_one_who_gets_a_mail(client, own, check_in, colleague, letters):
    data = {"version": "0", "owner": str(colleague.pk)}
    response = client.post(url(check_in, "assign-check-in"), data, follow=True)
    assert "Looked after by Ann Colleague" in text(response)
    (letter,) = letters()
    assert letter.to == [colleague.email]
    assert url(check_in) in letter.body
    told = (
        "Programme Person named Ann Colleague as who looks after, at DfE, the check-in of "
        "1 April 2026 (with DfE or NHS England)"
    )
    assert sentences("check_in.assign") == [told]
    history = own.client("lead").get(reverse("assessments:history", args=[own.area.dfe_code]))
    assert "Ann Colleague" in text(history)
    assert "Looked after at DfE by Ann Colleague" in text(
        own.client("health").get(check_in.get_absolute_url())
    )
    # Naming the same again does nothing; nobody can be named, too.
    client.post(url(check_in, "assign-check-in"), data)
    client.post(url(check_in, "assign-check-in"), {"version": "1", "owner": ""})
    assert kept(check_in).owner is None
    assert len(letters()) == 1
    assert sentences("check_in.assign")[1].startswith("Programme Person named nobody any more as")


def test_only_active_programme_people_can_be_named(client, own, check_in, colleague, programme):
    colleague.is_active = False
    colleague.save()
    for user in (colleague, own.people["lead"]):
        response = client.post(
            url(check_in, "assign-check-in"), {"version": "0", "owner": str(user.pk)}
        )
        assert problems(response) == ["Choose who looks after it from the list"]
        with pytest.raises(ValueError, match="owner"):
            queue.assign_check_in(check_in=check_in, version=0, owner=user, by=programme)


def test_two_who_name_someone_at_once_see_each_other(client, check_in, colleague, programme):
    queue.assign_check_in(check_in=check_in, version=0, owner=colleague, by=colleague)
    response = client.post(
        url(check_in, "assign-check-in"), {"version": "0", "owner": str(programme.pk)}
    )
    assert response.status_code == 409
    assert "Ann Colleague looks after the check-in now." in text(response)
    assert held(response, "version") == "1"
    assert soup(response).select_one("option[selected]")["value"] == str(programme.pk)
    assert kept(check_in).owner == colleague


def test_the_owner_gets_a_mail_when_it_waits_for_dfe(own, check_in, colleague, programme, letters):
    queue.assign_check_in(check_in=check_in, version=0, owner=colleague, by=colleague)
    send(own, check_in)
    (letter,) = letters()
    assert letter.to == [colleague.email]
    assert letter.subject == "Moorland: a check-in waits for DfE to agree"
    assert check_in.get_absolute_url() in letter.body


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"kind": "dfe", "on": date(2026, 6, 3)}, "is now on 3 June 2026"),
        ({"kind": "board", "on": date(2026, 4, 20)}, "is held without DfE"),
        (None, "is called off"),
    ],
)
def test_the_owner_is_told_what_the_area_changes(
    own, check_in, colleague, letters, change, subject
):
    was, lead = check_in.on, own.people["lead"]
    queue.assign_check_in(check_in=check_in, version=0, owner=colleague, by=colleague)
    if change is None:
        check_ins.cancel_check_in(check_in=check_in, by=lead)
    else:
        check_ins.change_check_in(check_in=check_in, version=1, by=lead, **change)
    (letter,) = letters()
    assert letter.to == [colleague.email]
    assert letter.subject == f"Moorland: the check-in of {was:%-d %B %Y} {subject}"
    assert "/programme/check-ins/" in letter.body


def test_the_owner_is_not_told_of_what_dfe_moves(own, check_in, colleague, programme, letters):
    queue.assign_check_in(check_in=check_in, version=0, owner=colleague, by=colleague)
    queue.move_check_in(check_in=check_in, seen=check_in.on, on=date(2026, 6, 3), by=programme)
    assert {letter.to[0] for letter in letters()} == {own.people["lead"].email}


def test_without_an_owner_who_still_works_there_nobody_gets_one(own, check_in, colleague, letters):
    queue.assign_check_in(check_in=check_in, version=0, owner=colleague, by=colleague)
    colleague.memberships.all().delete()
    send(own, check_in)
    send(own, planned(own, date(2026, 4, 1), "annual"))
    assert letters() == []


# ---- What DfE keeps ------------------------------------------------------------------------------

NOTE = {
    "version": "0", "outcome": "held", "held_on_day": "31", "held_on_month": "3", "held_on_year": "2026",
    "not_held_because": "", "blocker": SECRET, "next_step": "Ring them", "next_on_day": "9",
    "next_on_month": "6", "next_on_year": "2026",
}  # fmt: skip


def test_staff_record_for_dfe_alone(client, own, check_in, programme):
    response = client.post(url(check_in, "note-check-in"), NOTE, follow=True)
    for said in ("Held On Tuesday 31 March 2026", SECRET, "Ring them, by 9 June 2026"):
        assert said in text(response)
    # What is asked for again holds it.
    page = client.get(url(check_in, "note-check-in"))
    assert (held(page, "blocker"), held(page, "next_on_month")) == (SECRET, "6")
    assert chosen(page, "outcome") == ["held"]
    assert sentences("check_in.note") == [
        ("Programme Person changed what DfE keeps for itself about the check-in of 1 April 2026 "
         "(with DfE or NHS England)")
    ]  # fmt: skip
    line = groups(client.get(URL))["Due in the next 30 days"][0]
    assert "Held on 31 March 2026" in line[1]
    assert line[3:] == [f"{SECRET} DfE", "Ring them, by 9 June 2026 DfE"]
    # The same again is no change.
    client.post(url(check_in, "note-check-in"), NOTE)
    assert kept(check_in).version == 1


def test_one_that_was_not_held_says_why(client, check_in):
    data = NOTE | {"outcome": "not_held", "not_held_because": "Snow."}
    data |= dict.fromkeys(["held_on_day", "held_on_month", "held_on_year"], "")
    response = client.post(url(check_in, "note-check-in"), data, follow=True)
    assert "Not held, because Snow." in text(response)
    line = groups(client.get(URL))["Due in the next 30 days"][0]
    assert line[1].endswith("With DfE or NHS England. Not held")
    assert chosen(client.get(url(check_in, "note-check-in")), "outcome") == ["not_held"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"outcome": ""}, ["Select whether it was held"]),
        ({"held_on_day": "", "held_on_month": "", "held_on_year": ""},
         ["Enter the day on which it was held"]),
        ({"held_on_year": "2027"}, ["The day on which it was held must be today or before"]),
        ({"outcome": "not_yet"}, ["Take the day away, or select that it was held"]),
        ({"outcome": "not_held"},
         ["Take the day away, or select that it was held", "Say why it was not held"]),
        ({"not_held_because": "Snow."}, ["Take the reason away, or select that it was not held"]),
        ({"next_step": ""}, ["Enter the next step"]),
        ({"next_on_day": "", "next_on_month": "", "next_on_year": ""},
         ["Enter the day of the next step"]),
        ({"next_on_year": "1999"}, ["The day of the next step must be between 2000 and 2100"]),
        ({"blocker": "x" * 1001}, ["What is in the way must be 1000 characters or fewer"]),
    ],
)  # fmt: skip
def test_a_bad_record_is_refused_and_nothing_is_lost(client, check_in, change, found):
    data = NOTE | change
    response = client.post(url(check_in, "note-check-in"), data)
    assert problems(response) == found
    for name in ("blocker", "next_step", "held_on_day"):
        assert held(response, name) == data[name]
    assert not ProgrammeRecord.objects.exists()


def test_two_who_record_at_once_see_both(client, check_in, colleague):
    note(check_in, colleague, blocker="Theirs", next_step="Wait", next_on=date(2026, 5, 1))
    response = client.post(url(check_in, "note-check-in"), NOTE)
    assert response.status_code == 409
    assert "Ann Colleague saved this at" in text(response)
    assert "Theirs" in text(response)
    assert (held(response, "blocker"), held(response, "version")) == (SECRET, "1")
    assert chosen(response, "outcome") == ["held"]
    assert client.post(url(check_in, "note-check-in"), NOTE | {"version": "1"}).status_code == 302
    assert kept(check_in).blocker == SECRET


def note(check_in, by, **said):
    given = {
        "version": 0, "held_on": None, "not_held_because": "", "blocker": "", "next_step": "",
        "next_on": None,
    }  # fmt: skip
    return queue.note_check_in(check_in=check_in, by=by, **{**given, **said})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"held_on": date(2026, 4, 2)}, "held_on"),
        ({"held_on": date(2026, 4, 1), "not_held_because": "Snow."}, "not_held_because"),
        ({"next_step": "Ring"}, "next_step"),
        ({"next_on": date(2026, 5, 1)}, "next_step"),
    ],
)
def test_the_action_refuses_half_a_record(check_in, programme, said, field):
    with pytest.raises(ValueError, match=field):
        note(check_in, programme, **said)


def test_the_action_refuses_an_old_version(check_in, programme):
    note(check_in, programme, blocker="One")
    with pytest.raises(ConflictError):
        note(check_in, programme, blocker="Two")


def test_after_both_agreed_dfe_still_keeps_but_names_nobody(client, own, check_in, programme):
    send(own, check_in)
    check_ins.agree_check_in(check_in=check_in, by=programme, for_programme=True)
    assert client.post(url(check_in, "note-check-in"), NOTE).status_code == 302
    response = client.post(url(check_in, "assign-check-in"), {"version": "1", "owner": ""})
    assert response.status_code == 409
    assert "The area and DfE have agreed this check-in." in text(response)
    assert "Agreed by the area and DfE" in text(client.get(url(check_in)))


# ---- The agenda ----------------------------------------------------------------------------------


def test_staff_read_the_agenda_and_send_it(client, own, check_in, letters):
    write(check_in)
    page = client.get(url(check_in, "send-agenda"))
    assert text(page).count("(agreed: level 2)") == 6
    assert "It goes by mail to the person who leads in Moorland" in text(page)
    response = client.post(url(check_in, "send-agenda"), follow=True)
    assert "Sent by Programme Person on 1 April 2026 at 13:00" in text(response)
    (letter,) = letters()
    assert letter.to == [own.people["lead"].email]
    assert letter.subject == "Moorland: agenda of the check-in on 1 April 2026"
    assert letter.body.count("(agreed: level 2)") == 6
    assert check_in.get_absolute_url() in letter.body
    assert "Quokka" not in letter.body
    assert sentences("check_in.agenda") == [
        "Programme Person sent the agenda of the check-in of 1 April 2026 (with DfE or NHS England)"
    ]


def test_sending_it_again_asks(client, own, check_in, letters):
    client.post(url(check_in, "send-agenda"))
    response = client.post(url(check_in, "send-agenda"))
    assert problems(response) == ["Tick ‘Send it again’, as it was sent before"]
    assert len(letters()) == 1
    assert client.post(url(check_in, "send-agenda"), {"again": "on"}).status_code == 302
    assert len(letters()) == 2


def test_the_action_refuses_a_second_one_that_nobody_asked_for(check_in, programme):
    queue.send_agenda(check_in=check_in, again=False, by=programme)
    with pytest.raises(NotNowError):
        queue.send_agenda(check_in=check_in, again=False, by=programme)


def test_it_says_what_the_last_check_in_with_dfe_agreed(own, check_in, programme, client):
    write(
        check_in, level="3", how_we_know="So.", what_changed="It.", next_step="Meet again",
        body=own.partners["health"], next_on=date(2026, 5, 1),
    )  # fmt: skip
    send(own, check_in)
    check_ins.agree_check_in(check_in=check_in, by=programme, for_programme=True)
    board = planned(own, date(2026, 4, 1), "board")
    write(board, next_step="Secret plan", body=own.partners["health"], next_on=date(2026, 5, 1))
    send(own, board)
    said = text(client.get(url(planned(own, date(2026, 5, 20)), "send-agenda")))
    assert "What was agreed at the check-in of 1 April 2026:" in said
    assert "(level 3). Next step: Meet again. Moorland Health, by 1 May 2026" in said
    assert "(not re-confirmed)" in said
    assert "Secret plan" not in said


def test_where_nobody_leads_there_is_nobody_to_send_it_to(client, own, check_in):
    own.people["lead"].memberships.filter(role=Role.LEAD).delete()
    assert "so nobody would get it" in text(client.get(url(check_in, "send-agenda")))
    response = client.post(url(check_in, "send-agenda"))
    assert response.status_code == 409
    assert not ProgrammeRecord.objects.exists()


# ---- Files ---------------------------------------------------------------------------------------


def read_csv(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def events(response):
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_the_files_hold_exactly_what_is_shown(client, several):
    query = "?region=South"
    rows = read_csv(client.get(f"/programme/check-ins.csv{query}"))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["area"], row["state"], row["owner"]) for row in rows] == [
        ("Beeley", "Due in the next 30 days", "Programme Person"),
        ("Corley", "Due in the next 30 days", ""),
    ]
    found = events(client.get(f"/programme/check-ins.ics{query}"))
    assert [str(row["summary"]) for row in found] == [
        "Beeley: SEND check-in (With DfE or NHS England)",
        "Corley: SEND check-in (With DfE or NHS England)",
    ]
    assert found[0].decoded("dtstart") == timezone.localdate()
    assert str(found[0]["url"]).startswith("http://testserver/programme/check-ins/")
    assert "Looked after by Programme Person" in str(found[0]["description"])


def test_the_calendar_has_no_entry_for_what_is_not_planned(client, several):
    assert len(events(client.get("/programme/check-ins.ics"))) == 4
    assert len(read_csv(client.get("/programme/check-ins.csv"))) == 5


def test_the_csv_has_what_dfe_keeps_and_what_the_area_agreed(client, own, check_in):
    write(
        check_in, next_step="=1+1", body=own.partners["health"], next_on=date(2026, 5, 1)
    )  # fmt: skip
    client.post(url(check_in, "send-agenda"))
    client.post(url(check_in, "note-check-in"), NOTE | {"version": "1", "blocker": "@SUM(A1)"})
    send(own, check_in)
    (row,) = read_csv(client.get("/programme/check-ins.csv"))
    assert (row["programme_blocker"], row["programme_next_on"]) == ("'@SUM(A1)", "2026-06-09")
    assert row["area_blockers"] == SECRET
    assert row["area_next_steps"] == "'=1+1 (Moorland Health, by 2026-05-01)"
    assert (row["agenda_sent_on"], row["held_on"]) == ("2026-04-01", "2026-03-31")


# ---- Cost ----------------------------------------------------------------------------------------


def test_it_asks_the_database_as_often_for_three_as_for_one(client, framework, colleague):
    def fill(name):
        area = AreaFactory(name=name)
        picture(framework, area, [2] * 6)
        baseline = area.assessments.get()
        for kind, days, agreed in [("dfe", -9, True), ("annual", -5, True), ("dfe", 3, False)]:
            lead = UserFactory()
            more = {"area_agreed_at": timezone.now(), "area_agreed_by": lead} if agreed else {}
            row = CheckInFactory(baseline=baseline, kind=kind, on=days_ago(-days), **more)
            CheckInPriorityFactory(
                check_in=row, statement=framework.ingredients.first().statements.first(),
                blocker="This",
            )  # fmt: skip
            ProgrammeRecordFactory(check_in=row, owner=colleague)

    def queries(address):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    fill("Ashby")
    addresses = [URL, "/programme/check-ins.ics", "/programme/check-ins.csv"]
    little = [queries(address) for address in addresses]
    fill("Beeley")
    fill("Corley")
    assert [queries(address) for address in addresses] == little == [QUERIES] * 3


def test_a_long_text_is_cut_in_the_queue_and_whole_on_its_page(client, check_in, programme):
    note(check_in, programme, blocker="x" * 500)
    assert groups(client.get(URL))["Due in the next 30 days"][0][3] == f"{'x' * 159}… DfE"
    assert "x" * 500 in text(client.get(url(check_in)))


def test_who_may_only_look_is_offered_nothing_to_do(several, programme, colleague):
    lines = queue_of(Area.objects.all(), [programme, colleague], timezone.localdate())
    for line in lines:
        drawn = row(line, may_run=False)
        assert "Schedule one" not in drawn
        assert "Name someone" not in drawn
    assert "Nobody" in row(lines[0], may_run=False)


def test_the_navigation_of_the_programme_leads_to_it(client, framework):
    names = [words(node) for node in soup(client.get("/programme/")).select("nav li")]
    assert names[:2] == ["Areas", "Check-ins"]


def test_the_home_page_leads_to_it(client, framework):
    assert soup(client.get("/")).find("a", href=URL)
