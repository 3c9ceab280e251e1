"""The API: who reads what, how lists are cut, and what is answered when something cannot be."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import jsonschema
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from areas.models import ApiToken, Area, User
from assessments.actions.check_ins import agree_check_in
from assessments.api import paging, tokens
from assessments.api.document import document
from assessments.models import Assessment
from assessments.reports.exports.json import schema_json
from tests import factories
from tests.assessments.shortcuts import agree, submit

ROOT = "/api/v1/"


def bearer(user, **more) -> dict[str, str]:
    n = ApiToken.objects.count()
    factories.ApiTokenFactory(user=user, token=f"send_{n}_secret", **more)
    return {"Authorization": f"Bearer send_{n}_secret"}


def ask(user, path, **query):
    return Client().get(f"{ROOT}{path}", query, headers=bearer(user))


def results(user, path, **query):
    answer = ask(user, path, **query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def is_problem(answer, status):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    jsonschema.validate(found, document()["components"]["schemas"]["Problem"] | defs())
    return found


def defs():
    return {"components": document()["components"]}


@pytest.fixture
def done(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


# ---- Who asks ----------------------------------------------------------------------------------


def test_without_a_token_it_says_how_to_send_one(db):
    answer = Client().get(f"{ROOT}areas/")
    assert "Authorization: Bearer" in is_problem(answer, 401)["detail"]
    assert answer["WWW-Authenticate"] == 'Bearer realm="SEND improvement portal"'


def test_a_session_opens_nothing(partnership):
    is_problem(partnership.client("lead").get(f"{ROOT}areas/"), 401)


@pytest.mark.parametrize(
    "given", ["Bearer wrong", "Bearer ", "Basic abc", "Bearer \x00", "Bearer é"]
)
def test_a_wrong_token_is_refused(db, given):
    answer = Client().get(f"{ROOT}areas/", headers={"Authorization": given})
    is_problem(answer, 401)
    assert answer["WWW-Authenticate"].endswith('error="invalid_token"')


def test_a_token_ends_when_revoked_expired_or_with_the_account(partnership):
    lead, now = partnership.people["lead"], timezone.now()
    revoked = bearer(lead, revoked_at=now + timedelta(seconds=1))
    expired = bearer(lead, created_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    good = bearer(lead)
    codes = [Client().get(f"{ROOT}areas/", headers=h).status_code for h in (revoked, expired, good)]
    assert codes == [401, 401, 200]
    User.objects.filter(pk=lead.pk).update(is_active=False)
    is_problem(Client().get(f"{ROOT}areas/", headers=good), 401)


def test_the_day_of_the_last_use_is_kept_and_written_once_a_day(partnership):
    headers = bearer(partnership.people["lead"])
    Client().get(f"{ROOT}areas/", headers=headers)
    assert ApiToken.objects.get().last_used_on == timezone.localdate()
    with CaptureQueriesContext(connection) as found:
        Client().get(f"{ROOT}areas/", headers=headers)
    assert not [q for q in found if 'UPDATE "areas_apitoken"' in q["sql"]]


# ---- Who reads what ----------------------------------------------------------------------------

WHO = ["lead", "health", "health_board", "viewer"]


@pytest.mark.parametrize("who", WHO)
def test_people_of_an_area_read_their_own_and_nothing_else(done, other_partnership, who):
    person, own, other = done.people[who], done.area.dfe_code, other_partnership.area.dfe_code
    assert [row["code"] for row in results(person, "areas/")] == [own]
    assert ask(person, f"areas/{own}/").json()["name"] == done.area.name
    is_problem(ask(person, f"areas/{other}/"), 404)
    assert [row["id"] for row in results(person, "assessments/")] == [done.assessment.pk]
    assert ask(person, f"assessments/{done.assessment.pk}/").json()["shows_partners"] is True


@pytest.mark.parametrize("who", WHO)
def test_another_area_is_not_there(done, other_partnership, who):
    stranger = other_partnership.people[who]
    check_in = factories.CheckInFactory(baseline=done.assessment, kind="dfe")
    is_problem(ask(stranger, f"areas/{done.area.dfe_code}/"), 404)
    is_problem(ask(stranger, f"assessments/{done.assessment.pk}/"), 404)
    is_problem(ask(stranger, f"check-ins/{check_in.pk}/"), 404)
    assert results(stranger, "assessments/", area=done.area.dfe_code) == []
    assert results(stranger, "check-ins/", area=done.area.dfe_code) == []


def test_a_content_editor_and_somebody_without_a_role_read_nothing(done, editor):
    for person in (editor, factories.UserFactory()):
        assert [results(person, part) for part in ("areas/", "assessments/", "check-ins/")] == [
            [], [], [],
        ]  # fmt: skip
        is_problem(ask(person, f"assessments/{done.assessment.pk}/"), 404)


def test_programme_staff_read_agreed_levels_but_no_partner_s_without_consent(done, programme):
    address = f"assessments/{done.assessment.pk}/"
    found = ask(programme, address).json()
    assert found["shows_partners"] is False
    statements = [row for part in found["ingredients"] for row in part["statements"]]
    assert {row["level"] for row in statements} == {2}
    assert all(row["answers"] == [] and row["rationale"] is None for row in statements)
    Assessment.objects.filter(pk=done.assessment.pk).update(dfe_sees_partners=True)
    found = ask(programme, address).json()
    assert found["shows_partners"] is True
    assert found["ingredients"][0]["statements"][0]["answers"] != []
    Assessment.objects.filter(pk=done.assessment.pk).update(dfe_sees_partners=False)
    assert ask(programme, address).json()["shows_partners"] is False


@pytest.mark.parametrize("stage", ["scoring", "moderation", "sign_off"])
def test_nothing_of_an_assessment_under_way_is_read_by_anyone(partnership, programme, stage):
    for sector in partnership.returns:
        partnership.answer(sector, "3")
    if stage != "scoring":
        partnership.mark_submitted()
        partnership.move_to(stage)
    for person in (programme, *partnership.people.values()):
        assert results(person, "assessments/") == []
        is_problem(ask(person, f"assessments/{partnership.assessment.pk}/"), 404)


def test_an_assessment_in_the_list_says_band_and_levels(done, programme):
    [row] = results(programme, "assessments/")
    report = ask(programme, f"assessments/{done.assessment.pk}/").json()
    assert row["band"] == report["band"]["id"]
    assert [part["level"] for part in row["ingredients"]] == [
        part["level"] for part in report["ingredients"]
    ]
    assert (row["levelled"], row["contested"]) == (32, report["confidence"]["contested"])
    assert row["report"].endswith(f"{ROOT}assessments/{done.assessment.pk}/")


def test_the_whole_report_keeps_to_its_published_schema(done, programme):
    for person in (programme, done.people["lead"]):
        found = ask(person, f"assessments/{done.assessment.pk}/").json()
        jsonschema.validate(found, json.loads(schema_json()))


def test_check_ins_are_read_as_on_the_pages(done, programme):
    lead = done.people["lead"]
    now = timezone.now()
    internal = factories.CheckInFactory(baseline=done.assessment, kind="internal")
    sent = factories.CheckInFactory(
        baseline=done.assessment, kind="dfe", area_agreed_at=now, area_agreed_by=lead
    )
    factories.CheckInPriorityFactory(
        check_in=sent, statement=done.statements[0], level="3", how_we_know="A survey."
    )
    assert [row["id"] for row in results(programme, "check-ins/")] == [sent.pk]
    is_problem(ask(programme, f"check-ins/{internal.pk}/"), 404)
    assert {row["id"] for row in results(lead, "check-ins/")} == {internal.pk, sent.pk}
    assert results(done.people["viewer"], "check-ins/") == []
    found = ask(programme, f"check-ins/{sent.pk}/").json()
    assert found["priorities"][0]["statement"] == done.statements[0].slug
    assert (found["priorities"][0]["level"], found["momentum"]) == (3, None)


def test_a_made_up_area_is_left_out_of_national_lists_unless_asked_for(done, programme):
    Area.objects.filter(pk=done.area.pk).update(is_demonstration=True, dfe_code="D01")
    factories.CheckInFactory(
        baseline=done.assessment, kind="dfe", area_agreed_at=timezone.now(),
        area_agreed_by=done.people["lead"],
    )  # fmt: skip
    for part in ("areas/", "assessments/", "check-ins/"):
        assert results(programme, part) == []
        assert [row["is_demonstration"] for row in results(programme, part, demonstration=1)] == [
            True
        ]
        assert len(results(done.people["lead"], part)) == 1


# Of the area with the assessment and a check-in that it has sent to DfE; by token.
MATRIX = """
#                       lead  contr board view  progr edit  other none
areas/                  200   200   200   200   200   200   200   200
areas/CODE/             200   200   200   200   200   404   404   404
assessments/            200   200   200   200   200   200   200   200
assessments/ID/         200   200   200   200   200   404   404   404
levels/                 200   200   200   200   200   200   200   200
check-ins/              200   200   200   200   200   200   200   200
check-ins/SENT/         200   200   200   404   200   404   404   404
check-ins/OPEN/         200   200   200   404   404   404   404   404
"""
# How many rows of this area's each person finds in a list.
ROWS = """
areas/                  1     1     1     1     1     0     0     0
assessments/            1     1     1     1     1     0     0     0
levels/                 32    32    32    32    32    0     0     0
check-ins/              2     2     2     0     1     0     0     0
"""


def test_every_address_answers_each_person_s_token_as_the_table_says(
    done, other_partnership, programme, editor
):
    own = done.people
    people = [
        own["lead"], own["health"], own["health_board"], own["viewer"], programme, editor,
        other_partnership.people["lead"], factories.UserFactory(),
    ]  # fmt: skip
    unsent = factories.CheckInFactory(baseline=done.assessment, kind="dfe")
    names = {"CODE": done.area.dfe_code, "ID": done.assessment.pk, "OPEN": unsent.pk}
    names["SENT"] = plan_check_in(done).pk
    for path, *expected in table(MATRIX):
        address = re.sub(r"[A-Z]+", lambda name: str(names[name[0]]), path)
        answers = [str(ask(person, address).status_code) for person in people]
        assert answers == expected, path
    for path, *expected in table(ROWS):
        found = [results(person, path) for person in people]
        mine = [
            [r for r in rows if done.area.dfe_code in {r.get("area"), r.get("code")}]
            for rows in found
        ]
        assert [str(len(rows)) for rows in mine] == expected, path


def table(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines() if not line.startswith("#")]


def test_a_closed_check_in_says_what_was_kept_then(done, programme):
    lead = done.people["lead"]
    check_in = factories.CheckInFactory(
        baseline=done.assessment, kind="dfe", planned_by=lead, on=timezone.localdate()
    )
    factories.CheckInPriorityFactory(
        check_in=check_in, statement=done.statements[0], level="2", how_we_know="A survey."
    )
    agree_check_in(check_in=check_in, by=lead)
    agree_check_in(check_in=check_in, by=programme, for_programme=True)
    found = ask(programme, f"check-ins/{check_in.pk}/").json()
    today = timezone.localdate().isoformat()
    assert [found[f"{what}_on"] for what in ("area_agreed", "programme_agreed", "closed")] == [
        today
    ] * 3
    assert found["priorities"] == [
        {
            "statement": done.statements[0].slug, "level": 2, "what_changed": "",
            "how_we_know": "A survey.", "blocker": "", "next_step": "", "body": "", "next_on": None,
        }
    ]  # fmt: skip
    assert (found["momentum"]["rule"], found["momentum"]["priorities"]) == ("momentum-1", 1)
    assert results(lead, "check-ins/") == [found]


# ---- Lists -------------------------------------------------------------------------------------


def test_a_list_comes_in_pieces(programme):
    codes = sorted(factories.AreaFactory().dfe_code for _ in range(5))
    first = ask(programme, "areas/", limit=2).json()
    assert (first["count"], first["limit"], first["offset"]) == (5, 2, 0)
    assert [row["code"] for row in first["results"]] == codes[:2]
    assert [row["code"] for row in results(programme, "areas/", limit=2, offset=4)] == codes[4:]
    assert results(programme, "areas/", offset=100) == []


def test_levels_are_rows_that_name_statement_and_marks(partnership, programme):
    partnership.reveal()
    agree(partnership, {"agency-joint-design": "3", "agency-adulthood": "not_agreed"})
    done = submit(partnership)
    rows = {row["statement"]: row for row in results(programme, "levels/")}
    assert len(rows) == 32
    found = rows["agency-joint-design"]
    assert (found["level"], found["counts_as"], found["is_not_evidenced"]) == (3, 2, True)
    assert (found["assessment"], found["ingredient"], found["without"]) == (
        done.pk,
        "agency-co-production",
        "",
    )
    assert (found["submitted_on"], found["replaced_on"]) == (f"{timezone.localdate()}", None)
    found = rows["agency-adulthood"]
    assert (found["level"], found["without"], found["is_contested"]) == (None, "not_agreed", True)
    (only,) = results(programme, "levels/", statement="agency-joint-design", assessment=done.pk)
    assert only == rows["agency-joint-design"]
    assert results(programme, "levels/", area="999") == []


def test_levels_of_an_assessment_under_way_are_not_there(partnership, programme):
    partnership.reveal()
    agree(partnership)
    assert results(programme, "levels/") == results(partnership.people["lead"], "levels/") == []


@pytest.mark.parametrize("path", ["assessments/", "levels/", "check-ins/"])
def test_lists_may_be_cut_by_day(done, programme, path):
    plan_check_in(done)
    (check_in,) = results(programme, "check-ins/")
    today = check_in["on"] if path == "check-ins/" else f"{timezone.localdate()}"
    assert results(programme, path, since=today, until=today)
    assert results(programme, path, since="2100-01-01") == []
    assert results(programme, path, until="2000-01-01") == []
    is_problem(ask(programme, path, since="yesterday"), 422)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("limit=", "limit"),
        ("offset=-1", "offset"), (f"offset={10**30}", "offset"), ("demonstration=perhaps", "demonstration"),
        ("region=London", "region"), ("limit=1&limit=2", "limit"), ("%00=1", "\x00"),
    ],
)  # fmt: skip
def test_a_parameter_that_does_not_fit_is_named(programme, query, name):
    answer = Client().get(f"{ROOT}areas/?{query}", headers=bearer(programme))
    assert [row["name"] for row in is_problem(answer, 422)["errors"]] == [name]


def test_the_address_of_one_thing_takes_no_parameter(done):
    answer = ask(done.people["lead"], f"areas/{done.area.dfe_code}/", limit=1)
    assert is_problem(answer, 422)["errors"][0]["name"] == "limit"


def queries_for(user, path) -> int:
    headers = bearer(user, last_used_on=timezone.localdate())
    Client().get(f"{ROOT}{path}", headers=headers)
    with CaptureQueriesContext(connection) as found:
        assert Client().get(f"{ROOT}{path}", headers=headers).status_code == 200
    return len([q for q in found if "portal_cache" not in q["sql"] and "SAVEPOINT" not in q["sql"]])


def test_a_list_costs_the_same_whatever_its_length(done, programme, other_partnership):
    parts = {"areas/": 4, "assessments/": 5, "levels/": 4, "check-ins/": 5}
    plan_check_in(done)
    assert {part: queries_for(programme, part) for part in parts} == parts
    other_partnership.reveal()
    agree(other_partnership)
    submit(other_partnership)
    plan_check_in(other_partnership)
    plan_check_in(other_partnership)
    factories.AreaFactory()
    assert len(results(programme, "assessments/")) == 2
    assert len(results(programme, "check-ins/")) == 3
    assert {part: queries_for(programme, part) for part in parts} == parts


def plan_check_in(own):
    row = factories.CheckInFactory(
        baseline=own.assessment, kind="dfe", area_agreed_at=timezone.now(),
        area_agreed_by=own.people["lead"],
    )  # fmt: skip
    factories.CheckInPriorityFactory(check_in=row, statement=own.statements[0])
    return row


# ---- How it answers ----------------------------------------------------------------------------


def test_too_many_requests_are_told_when_to_come_back(programme, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_PER_MINUTE", 2)
    headers, other = bearer(programme), bearer(programme)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        codes = [Client().get(f"{ROOT}areas/", headers=headers).status_code for _ in range(2)]
        refused = Client().get(f"{ROOT}areas/", headers=headers)
        assert codes == [200, 200]
        is_problem(refused, 429)
        assert refused["Retry-After"] == "60"
        assert Client().get(f"{ROOT}areas/", headers=other).status_code == 200
        clock.shift(61)
        assert Client().get(f"{ROOT}areas/", headers=headers).status_code == 200


def test_no_answer_is_kept_or_given_to_other_sites(programme):
    headers = bearer(programme) | {"Origin": "https://other.example"}
    answers = [Client().get(f"{ROOT}{part}", headers=headers) for part in ("areas/", "nothing/")]
    for answer in answers:
        assert answer["Cache-Control"] == "no-store, private"
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert not answer.cookies


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["areas/", "assessments/1/", "nothing"])
def test_nothing_is_done_but_reading(programme, method, path):
    client = Client(enforce_csrf_checks=True)
    answer = getattr(client, method)(f"{ROOT}{path}", headers=bearer(programme))
    is_problem(answer, 405)
    assert answer["Allow"] == "GET, HEAD"


def test_head_is_answered_without_a_body(programme):
    head = Client().head(f"{ROOT}areas/", headers=bearer(programme))
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["", "nothing/", "areas", "assessments/1/2/"])
def test_an_address_that_is_not_there_is_a_problem_too(db, path):
    is_problem(Client().get(f"{ROOT}{path}"), 404)


@pytest.mark.parametrize("number", ["0", "-1", "x", str(10**30)])
def test_a_number_that_is_none_is_refused(programme, number):
    answer = ask(programme, f"assessments/{number}/")
    assert answer.status_code in {404, 422}
    is_problem(answer, answer.status_code)


def test_a_fault_is_a_problem_without_its_cause_and_is_logged(programme, caplog):
    # Submitted without a snapshot, which no road through the portal leads to.
    now, lead = timezone.now(), factories.UserFactory()
    factories.AssessmentFactory(
        stage="submitted", revealed_at=now, revealed_by=lead, submitted_at=now, submitted_by=lead
    )
    found = is_problem(ask(programme, "assessments/"), 500)
    assert found["detail"] == "Something went wrong on our side. Try again later."
    assert "API request failed: /api/v1/assessments/" in caplog.text


# ---- The page and the document -----------------------------------------------------------------


def test_the_page_and_the_document_are_open_to_all(db):
    page = Client().get("/api/")
    assert b"/api/v1/openapi.json" in page.content
    assert b"120 times a minute" in page.content
    made = Client().get(f"{ROOT}openapi.json").json()
    assert made["openapi"].startswith("3.1")
    assert set(made["paths"]) == {
        f"{ROOT}{path}"
        for path in (
            "areas/", "areas/{code}/", "assessments/", "assessments/{number}/", "levels/", "check-ins/",
            "check-ins/{number}/",
        )
    }  # fmt: skip
    assert made["components"]["schemas"]["AreaPage"]["properties"]["count"]["type"] == "integer"
    assert paging.MOST_ROWS == 100
