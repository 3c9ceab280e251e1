"""What DfE programme staff read of one area, and that it is no more than the area submitted."""

import csv
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from areas.actions.programme_notes import write_note
from areas.models import Area, StatisticalNeighbour
from areas.permissions import Role
from assessments.actions.assessments import set_consent
from assessments.models import Look, SubmittedPicture
from assessments.reports.comparison import compare
from ingredients.actions import load_framework, publish
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import cells, problems, soup, text, words
from tests.assessments.shortcuts import agree, submit
from tests.conftest import client_of
from tests.factories import (
    ActionFactory,
    AreaFactory,
    CheckInFactory,
    MembershipFactory,
    SupportPackageFactory,
    SupportRequestFactory,
    UserFactory,
)
from tests.second_version import make_second

pytestmark = pytest.mark.django_db
QUERIES, BESIDE_QUERIES = 12, 12


@pytest.fixture
def client(programme):
    return client_of(programme)


@pytest.fixture
def submitted(partnership):
    """With two actions, one of them late, and support asked for, all of them in the report."""
    lead, today = partnership.people["lead"], timezone.localdate()
    for what, body, due in (
        ("Write a handover", "health", today - timedelta(days=3)),
        ("Count who leaves", "schools", today + timedelta(days=40)),
    ):
        ActionFactory(body=partnership.partners[body], what=what, due_on=due, added_by=lead)
    package = SupportPackageFactory(title="Peer review")
    SupportRequestFactory(area=partnership.area, package=package, why="Our board is new.")
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


def url(area, name="programme-area"):
    return reverse(f"assessments:{name}", args=[area.dfe_code])


def section(response, head):
    """What stands below this heading."""
    page = soup(response)
    found = page.find("section", attrs={"aria-labelledby": head})
    return words(found) if found else ""


def reports(response):
    """The rows of its submitted reports, in words."""
    return [words(row) for row in soup(response).select("table.app-grid tbody tr")]


# ---- What it has submitted -----------------------------------------------------------------------


def test_the_newest_picture_is_told_first(client, submitted):
    said = text(client.get(url(submitted.area)))
    picture = SubmittedPicture.objects.get()
    assert f"Statements agreed {picture.levelled} of {picture.applicable}" in said
    assert "Confidence High 0 contested" in said
    assert f"{submitted.assessment.name}, submitted on {timezone.localdate():%-d %B %Y}" in said
    page = soup(client.get(url(submitted.area)))
    for name in ("report", "report-pdf"):
        assert page.select(f'a[href="{reverse(f"assessments:{name}", args=[picture.pk])}"]')


def test_reports_stand_below_each_other_with_the_change_between_them(client, framework):
    area = AreaFactory(name="Ashby", dfe_code="901")
    picture(framework, area, [1] * 6, days=400)
    picture(framework, area, [2, 2, 1, 1, 1, 1], days=200)
    picture(framework, area, [3, 1, None, 1, 1, 1], band="not_yet_rated", marks=[0])
    newest, middle, first = reports(client.get(url(area)))
    assert "3 , up since last time, contested, not evidenced" in newest.replace(" ,", " ,")
    assert "1 up, 1 down" in newest
    assert "not yet rated, limiting" in newest.replace(" ,", ",")
    assert "2 up" in middle
    assert "First picture" in first


def test_a_corrected_report_is_marked_and_not_compared_with(client, framework):
    area = AreaFactory(name="Ashby", dfe_code="901")
    picture(framework, area, [1] * 6, days=90)
    wrong = picture(framework, area, [4] * 6, days=30)
    SubmittedPicture.objects.filter(pk=wrong.pk).update(replaced_on=days_ago(10))
    picture(framework, area, [2] * 6, days=10, version=2)
    newest, replaced, _ = reports(client.get(url(area)))
    assert "6 up" in newest
    assert f"Replaced by a correction on {days_ago(10):%-d %B %Y}." in replaced
    assert "Replaced" not in newest
    assert "6 up" in replaced


def test_an_area_that_has_submitted_nothing_says_so(client, partnership):
    said = text(client.get(url(partnership.area)))
    assert "has not submitted an assessment yet" in said
    assert partnership.assessment.name not in said
    assert "scoring" not in said.replace("or that scoring is under way", "")
    assert not Look.objects.exists()


def test_actions_and_support_are_those_of_the_report(client, submitted):
    lead = submitted.people["lead"]
    ActionFactory(body=submitted.partners["health"], what="Added since", added_by=lead)
    SupportRequestFactory(area=submitted.area, why="Asked since.", asked_by=lead)
    response = client.get(url(submitted.area))
    told = section(response, "actions")
    assert "1 of 2 was late that day." in told
    health, schools = (submitted.partners[key].name for key in ("health", "schools"))
    assert f"{health} 1 of 1 late" in told
    assert f"{schools} Actions of {schools}" in told
    assert "Write a handover" in told
    assert "Late that day" in told
    assert "Added since" not in told
    asked = section(response, "support")
    assert asked.startswith("Support asked for Peer review “Our board is new.” What it asked")


def test_what_happens_to_an_action_later_is_not_told(client, submitted):
    before = section(client.get(url(submitted.area)), "actions")
    for row in submitted.area.actions.all():
        type(row).objects.filter(pk=row.pk).update(status="under_way", owner="Someone else")
    assert section(client.get(url(submitted.area)), "actions") == before


def test_only_check_ins_with_dfe_that_the_area_agreed_are_listed(client, submitted):
    lead, now, today = submitted.people["lead"], timezone.now(), timezone.localdate()
    common = {"baseline": submitted.assessment, "planned_by": lead}
    agreed = {"area_agreed_at": now, "area_agreed_by": lead}
    sent = CheckInFactory(kind="dfe", on=today, **common, **agreed)
    CheckInFactory(kind="internal", on=today - timedelta(days=1), **common)
    CheckInFactory(kind="annual", on=today + timedelta(days=9), **common)
    CheckInFactory(kind="board", on=today + timedelta(days=3), **common)
    CheckInFactory(
        kind="dfe", on=today + timedelta(days=1), cancelled_at=now, cancelled_by=lead, **common
    )
    response = client.get(url(submitted.area))
    (row,) = cells(soup(response).find("section", attrs={"aria-labelledby": "check-ins"}).table)
    assert row[:2] == [f"{today:%-d %B %Y}", "With DfE or NHS England"]
    assert "DfE has not agreed it yet" in row[2]
    assert soup(response).select(f'a[href="{sent.get_absolute_url()}"]')
    coming = today + timedelta(days=9)
    assert f"Next: {coming:%A} {coming.day} {coming:%B %Y} , annual engagement" in section(
        response, "check-ins"
    )


def test_of_many_check_ins_the_newest_are_shown(client, submitted):
    today, lead = timezone.localdate(), submitted.people["lead"]
    for number in range(13):
        CheckInFactory(
            baseline=submitted.assessment, kind="dfe", on=today - timedelta(days=number),
            area_agreed_at=timezone.now(), area_agreed_by=lead,
        )  # fmt: skip
    page = soup(client.get(reverse("assessments:programme-area", args=[submitted.area.dfe_code])))
    (table,) = (t for t in page.find_all("table") if "whose record" in t.caption.get_text())
    assert len(cells(table)) == 12
    assert "These are the newest. Change over time has" in words(page)


@pytest.mark.parametrize("with_map", [True, False])
def test_over_two_versions_of_the_framework_it_says_what_the_grid_says(
    client, framework, tmp_path, with_map
):
    area = AreaFactory(name="Ashby", dfe_code="901")
    picture(framework, area, [2] * 6, days=200)
    newer, _ = load_framework(folder=make_second(tmp_path / "2", with_map=with_map))
    publish(framework=newer)
    picture(newer, area, [3] * 6)
    response = client.get(url(area))
    (line,) = compare(Area.objects.filter(pk=area.pk), newer, days_ago(0))
    assert line.change.startswith("3 up" if with_map else "Not compared with version 1")
    now, then = reports(response)
    assert line.change in now
    assert "First picture" in then
    heads = [words(head) for head in soup(response).find_all("h2")]
    assert [head for head in heads if head.startswith("Submitted")] == [
        "Submitted reports, framework version 2", "Submitted reports, framework version 1",
    ]  # fmt: skip


# ---- Who looks -----------------------------------------------------------------------------------


def test_opening_the_page_is_a_look_at_the_newest_report_and_the_area_reads_it(
    client, programme, submitted
):
    said = text(client.get(url(submitted.area)))
    assert "Opening this page counts as opening its newest report." in said
    look = Look.objects.get()
    assert (look.assessment, look.by) == (submitted.assessment, programme)
    log = text(submitted.client("viewer").get(url(submitted.area, "looks")))
    assert f"{programme.name} {submitted.assessment.name}" in log
    assert "DfE’s page about your area" in log
    client.get(url(submitted.area))
    assert Look.objects.count() == 1


def test_the_page_shows_no_partner_s_scores_so_the_log_does_not_say_it_did(client, submitted):
    lead = submitted.people["lead"]
    set_consent(assessment=submitted.assessment, dfe_sees_partners=True, by=lead)
    client.get(url(submitted.area))
    assert [look.with_partners for look in Look.objects.all()] == [False]


def test_a_lead_who_is_also_of_the_programme_is_not_noted_in_the_own_area(submitted):
    both = submitted.people["lead"]
    MembershipFactory(user=both, role=Role.PROGRAMME, area=None)
    assert client_of(both).get(url(submitted.area)).status_code == 200
    assert not Look.objects.exists()


# ---- The one place -------------------------------------------------------------------------------


def test_there_is_one_page_of_an_area_for_programme_staff(client, submitted):
    answer = client.get(submitted.area.get_absolute_url())
    assert (answer.status_code, answer.url) == (302, url(submitted.area))
    page = soup(client.get("/programme/"))
    assert [a["href"] for a in page.select("table.app-grid tbody th a")] == [url(submitted.area)]
    assert submitted.client("viewer").get(submitted.area.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("name", ["programme-area", "beside", "beside-csv", "beside-json"])
def test_nobody_else_reads_it(submitted, editor, name):
    address = url(submitted.area, name)
    for who in ("lead", "health", "health_board", "viewer"):
        assert submitted.client(who).get(address).status_code == 403
    for person in (editor, UserFactory()):
        assert client_of(person).get(address).status_code == 404


# ---- Beside others -------------------------------------------------------------------------------


@pytest.fixture
def beside(framework):
    """Ashby at level 2 throughout; two of its three neighbours and four of five in the region have
    submitted; far away one has."""
    ashby = AreaFactory(name="Ashby", dfe_code="901", region="North East")
    picture(framework, ashby, [2] * 6)
    near = [AreaFactory(name=f"Near {n}", region="North East") for n in range(5)]
    for area, level in zip(near, (1, 2, 2, 4), strict=False):
        picture(framework, area, [level] * 6)
    far = AreaFactory(name="Far", region="London")
    picture(framework, far, [3, None, 3, 3, 3, 3], band="not_yet_rated")
    for rank, area in enumerate([near[0], near[4], far], start=1):
        StatisticalNeighbour.objects.create(
            area=ashby, neighbour=area, rank=rank, closeness="Close"
        )
    AreaFactory(name="Northmoor", dfe_code="D01", region="North East", is_demonstration=True)
    return ashby


def numbers(response):
    """The table, by ingredient and group."""
    found, ingredient = {}, ""
    for node in soup(response).select("table tbody tr"):
        row = [words(cell) for cell in node.find_all(["th", "td"])]
        if len(row) == 9:
            ingredient, row = row[0], row[2:]
        found[ingredient, row[0]] = row[1:]
    return found


def test_an_area_stands_beside_neighbours_region_and_england(client, beside):
    response = client.get(url(beside, "beside"))
    said = text(response)
    assert "Statistical neighbours : of 3 other areas, 2 have submitted." in said
    assert "North East : of 5 other areas, 4 have submitted. Fewer than five" in said
    assert "England : of 6 other areas, 5 have submitted." in said
    assert "England : of 6 other areas, 5 have submitted. Fewer" not in said
    found = numbers(response)
    assert found["Workforce", "Statistical neighbours"] == ["1", "0", "1", "0", "0", "2 of 3"]
    assert found["Workforce", "North East"] == ["1", "2", "0", "1", "0", "4 of 5"]
    assert found["Workforce", "England"] == ["1", "2", "1", "1", "0", "5 of 6"]
    assert found["Family co-production", "England"][4] == "1"
    assert "Workforce: Ashby is at level 2" in said
    assert "2 of 4 at level 2 too, outlined." in said
    assert "None at level 2. 1 of 2 at level 3 or above." in said
    assert "Northmoor" not in said


def test_it_tells_neither_a_mean_nor_a_rank(client, beside):
    said = text(client.get(url(beside, "beside"))).lower()
    said = said.replace("no averages and no ranks", "")
    assert [word for word in ("average", "mean", "rank", "score") if word in said.split()] == []


def test_the_bar_marks_where_the_area_stands(client, beside):
    page = soup(client.get(url(beside, "beside")))
    marked = [len(bar.select('rect[stroke="#7a1f5c"]')) for bar in page.select(".app-hundred")]
    assert marked == [0, 1, 1] * 6
    assert all(bar.select("text") for bar in page.select(".app-hundred"))


def test_as_at_an_earlier_day_nothing_may_have_been_submitted(client, beside):
    day = days_ago(30)
    query = f"?as_at_day={day.day}&as_at_month={day.month}&as_at_year={day.year}"
    response = client.get(url(beside, "beside") + query)
    assert "Ashby had not submitted an assessment by then." in text(response)
    assert numbers(response)["Workforce", "England"] == ["0", "0", "0", "0", "0", "0 of 6"]
    assert not soup(response).select(".app-hundred")


@pytest.mark.parametrize("name", ["beside", "beside-csv", "beside-json"])
def test_a_day_that_is_no_day_is_refused(client, beside, name):
    query = "?as_at_day=31&as_at_month=2&as_at_year=2026"
    assert problems(client.get(url(beside, name) + query)) == ["As at must be a real date"]


def test_an_area_without_neighbours_says_so(client, framework):
    area = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    said = text(client.get(url(area, "beside")))
    assert "Statistical neighbours : none are known for Northmoor." in said
    assert "Demonstration : no other area." in said


def test_without_a_framework_there_is_nothing_to_compare(client):
    area = AreaFactory(dfe_code="901")
    assert "No framework has been published yet" in text(client.get(url(area, "beside")))


def test_files_have_the_same_numbers(client, beside):
    answer = client.get(url(beside, "beside-csv"))
    assert answer["Content-Disposition"] == (
        f'attachment; filename="beside-901-{timezone.localdate():%Y-%m-%d}.csv"'
    )
    rows = list(csv.DictReader(b"".join(answer).decode("utf-8-sig").splitlines()))
    assert len(rows) == 18
    row = next(r for r in rows if (r["ingredient"], r["group"]) == ("workforce", "everywhere"))
    assert [row[name] for name in ("area_level", "areas_in_group", "areas_submitted")] == [
        "2", "6", "5",
    ]  # fmt: skip
    counts = ["level_1", "level_2", "level_3", "level_4", "not_yet_rated"]
    assert [row[name] for name in counts] == ["1", "2", "1", "1", "0"]
    found = json.loads(b"".join(client.get(url(beside, "beside-json"))))
    assert found["as_at"] == timezone.localdate().isoformat()
    assert [
        {k: "" if v is None else str(v) for k, v in one.items()} for one in found["counts"]
    ] == rows


# ---- Cost ----------------------------------------------------------------------------------------


def asked(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_query_count_does_not_grow_with_what_there_is(client, programme, framework):
    area = AreaFactory(name="Ashby", dfe_code="901")
    picture(framework, area, [1] * 6, days=400)
    write_note(area=area, text="One.", category="", follow_up_on=None, by=programme)
    counted = [asked(client, url(area))]
    for days in (300, 200, 100):
        picture(framework, area, [2] * 6, days=days)
        write_note(area=area, text="More.", category="", follow_up_on=None, by=programme)
    counted.append(asked(client, url(area)))
    assert counted == [QUERIES, QUERIES]


def test_beside_asks_as_often_for_many_areas(client, beside, framework):
    counted = [asked(client, url(beside, "beside"))]
    for number in range(4):
        picture(framework, f"More {number}", [2] * 6)
    counted.append(asked(client, url(beside, "beside")))
    assert counted == [BESIDE_QUERIES, BESIDE_QUERIES]


def test_a_long_history_is_cut_and_its_last_line_is_still_compared(client, framework):
    area = AreaFactory(name="Ashby", dfe_code="901")
    for number in range(14):
        picture(framework, area, [1 + number % 2] * 6, days=100 - number)
    rows = reports(client.get(url(area)))
    assert len(rows) == 12
    assert "First picture" not in rows[-1]
