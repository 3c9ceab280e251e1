"""The history page: every act in words, filters in the address, files of the same."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from areas.actions import record
from areas.models import Audience, AuditEvent
from assessments.reports.history import HEAD, PAGE
from send_portal.exports import safe_cell
from tests.assessments.pages import held, problems, soup, text, words
from tests.databases import on_postgresql

pytestmark = pytest.mark.django_db
FIRST = "agency-joint-design"
HISTORY = 7


def url(own, name="history", query=""):
    return reverse(f"assessments:{name}", args=[own.area.dfe_code]) + query


def act(own, sentence, *, who="lead", verb="moderation.finish", at=None, **about):
    given = {"audience": Audience.AREA, **about}
    return record(verb, sentence, by=own.people[who], area=own.area, at=at, **given)


def told(response):
    """The sentences of the page, as listed."""
    return [words(item.div.contents[0]) for item in soup(response).select(".app-history li")]


def days(response):
    return [words(node) for node in soup(response).select("main section h2")]


def moment(day, hour=12):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


# ---- What it says --------------------------------------------------------------------------------


def test_acts_stand_under_their_day_the_newest_first(partnership):
    act(partnership, "did the first", at=moment(3, 9))
    act(partnership, "did the second", at=moment(4, 8))
    act(partnership, "did the third", at=moment(4, 14))
    response = partnership.client("lead").get(url(partnership))
    assert days(response) == ["Wednesday 4 March 2026", "Tuesday 3 March 2026"]
    assert told(response) == [
        f"Moorland Lead did the {which}" for which in ("third", "second", "first")
    ]
    times = [words(node) for node in soup(response).select(".app-history time")]
    assert times == ["14:00", "08:00", "09:00"]


def test_a_day_begins_at_midnight_in_london(partnership):
    act(partnership, "did it", at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    response = partnership.client("lead").get(url(partnership))
    assert days(response) == ["Wednesday 1 July 2026"]
    later = partnership.client("lead").get(
        url(partnership, query="?since_day=1&since_month=7&since_year=2026")
    )
    assert len(told(later)) == 1


def test_a_reason_is_printed_below_and_a_private_act_says_so(partnership):
    act(partnership, "closed it", details={"reason": "We are <late>."})
    act(partnership, "scored", who="health", partner_id=partnership.partners["health"].pk,
        audience=Audience.PARTNER, assessment_id=partnership.assessment.pk)  # fmt: skip
    page = text(partnership.client("health").get(url(partnership)))
    assert "“We are <late>.”" in page
    assert "Autumn assessment. Seen only by those who score for Moorland Health" in page
    assert "Seen only" not in text(partnership.client("schools").get(url(partnership)))


def test_an_empty_history_says_so_and_offers_no_file(partnership):
    response = partnership.client("lead").get(url(partnership))
    assert "No act fits these filters" in text(response)
    assert "CSV" not in text(response)


def test_names_are_as_they_were(partnership):
    act(partnership, "did it")
    lead = partnership.people["lead"]
    lead.name = "Somebody Else"
    lead.save()
    assert told(partnership.client("health").get(url(partnership))) == ["Moorland Lead did it"]


def test_another_area_s_acts_are_not_here(partnership, other_partnership):
    act(other_partnership, "did it there")
    assert told(partnership.client("lead").get(url(partnership))) == []


def test_the_page_is_reached_from_every_room_of_the_area(partnership):
    page = soup(partnership.client("health_board").get(partnership.area.get_absolute_url()))
    nav = page.select_one(".govuk-service-navigation__list")
    assert nav.find("a", string="History")["href"] == url(partnership)
    viewer = soup(partnership.client("viewer").get(partnership.area.get_absolute_url()))
    assert viewer.find("a", string="History") is None


# ---- Filters ---------------------------------------------------------------------------------------


@pytest.fixture
def varied(partnership):
    """Four acts that differ in everything a filter asks for."""
    own = partnership
    health, schools = own.partners["health"].pk, own.partners["schools"].pk
    act(own, "submitted", who="health", verb="return.submit", partner_id=health, at=moment(3))
    act(own, "agreed", verb="agreed.save", statement=FIRST, at=moment(4),
        assessment_id=own.assessment.pk, audience=Audience.SCORERS)  # fmt: skip
    act(own, "signed", who="schools", verb="sign_off.sign", partner_id=schools, at=moment(5))
    act(own, "let DfE see", verb="assessment.consent", at=moment(6))
    return own


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["let DfE see", "signed", "agreed", "submitted"]),
        ("?kind=moderation", ["agreed"]),
        ("?kind=settings", ["let DfE see"]),
        ("?person={health}", ["submitted"]),
        ("?person={lead}", ["let DfE see", "agreed"]),
        ("?partner={schools}", ["signed"]),
        ("?assessment={assessment}", ["agreed"]),
        (f"?statement={FIRST}", ["agreed"]),
        ("?words=SIGN", ["signed"]),
        ("?words=Health", ["submitted"]),
        ("?since_day=5&since_month=3&since_year=2026", ["let DfE see", "signed"]),
        ("?until_day=4&until_month=March&until_year=2026", ["agreed", "submitted"]),
        (
            (
                "?since_day=4&since_month=3&since_year=2026"
                "&until_day=5&until_month=3&until_year=2026&kind=sign-off"
            ),
            ["signed"],
        ),
        ("?kind=people", []),
    ],
)
def test_a_filter_keeps_what_fits(varied, query, expected):
    found = {
        "health": varied.people["health"].pk,
        "lead": varied.people["lead"].pk,
        "schools": varied.partners["schools"].pk,
        "assessment": varied.assessment.pk,
    }
    response = varied.client("lead").get(url(varied, query=query.format(**found)))
    said = [sentence.partition(" Lead ")[2] or sentence.split("Contributor ")[1] for sentence in told(response)]  # fmt: skip
    assert said == expected
    # The files hold what the page holds.
    table = varied.client("lead").get(url(varied, "history-csv", query.format(**found)))
    assert [row["What happened"] for row in rows_of(table)] == expected
    answer = varied.client("lead").get(url(varied, "history-json", query.format(**found)))
    assert [row["act"] for row in json.loads(answer.getvalue())["acts"]] == expected


def test_the_filters_stay_in_the_form_and_can_be_cleared(varied):
    response = varied.client("lead").get(
        url(varied, query="?kind=moderation&words=agreed&since_day=1&since_month=3&since_year=2026")
    )
    page = soup(response)
    assert page.select_one("#id_kind option[selected]")["value"] == "moderation"
    assert held(response, "words") == "agreed"
    assert page.select_one("details")["open"] == ""
    assert page.find("a", string="Clear the filters")["href"] == url(varied)


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("?person=999999", ["Choose person from the list"]),
        ("?person=x", ["Choose person from the list"]),
        ("?kind=nothing", ["Select a valid choice. nothing is not one of the available choices."]),
        ("?statement=nothing", ["Choose statement from the list"]),
        (
            "?since_day=31&since_month=2&since_year=2026",
            ["From day must be a real date"],
        ),
        ("?until_day=3", ["To day must include a month and year"]),
        (
            "?since_day=1&since_month=1&since_year=1066",
            ["From day must be between 2000 and 2100"],
        ),
        (
            "?since_day=2&since_month=3&since_year=2026&until_day=1&until_month=3&until_year=2026",
            ["To day must be on or after from day"],
        ),
        ("?words=" + "w" * 101, ["Words in it must be 100 characters or fewer"]),
    ],
)
@pytest.mark.parametrize("name", ["history", "history-csv", "history-json"])
def test_a_filter_that_cannot_be_is_refused_in_words_and_shows_nothing(
    varied, query, messages, name
):
    response = varied.client("lead").get(url(varied, name, query))
    assert problems(response) == messages
    assert told(response) == []


def test_a_person_who_has_left_can_still_be_looked_for(varied, editor):
    record("partner.change", "changed it", by=editor, area=varied.area)
    options = soup(varied.client("lead").get(url(varied))).select("#id_person option")
    assert editor.name in [option.text for option in options]
    response = varied.client("lead").get(url(varied, query=f"?person={editor.pk}"))
    assert told(response) == ["Content Editor changed it"]


# ---- Pages ------------------------------------------------------------------------------------------


def walk(client, address, link):
    """Every page from this one on, following one link."""
    found = []
    while address:
        response = client.get(address)
        found.append(told(response))
        step = soup(response).select_one(f'a[rel="{link}"]')
        address = step and address.partition("?")[0] + step["href"]
    return found


def test_pages_hold_every_act_once_in_both_directions(partnership):
    # Many at one moment: the place in the list must still be clear.
    for number in range(PAGE * 2 + 20):
        act(partnership, f"did {number:03d}", at=moment(3 + number // 60))
    client = partnership.client("lead")
    pages = walk(client, url(partnership, query="?words=did"), "next")
    everything = [sentence for page in pages for sentence in page]
    assert [len(page) for page in pages] == [PAGE, PAGE, 20]
    assert everything == [f"Moorland Lead did {n:03d}" for n in reversed(range(PAGE * 2 + 20))]

    oldest = AuditEvent.objects.order_by("at", "pk")[0]
    back = walk(client, url(partnership, query=f"?words=did&after={oldest.pk}"), "prev")
    assert back[0] == everything[-PAGE - 1 : -1]
    assert back[-1] == everything[:PAGE]
    assert "50 acts on this page" in text(client.get(url(partnership)))


@pytest.mark.parametrize("place", ["before=0", "after=x", "before=99999999999999999999", "after="])
def test_an_address_that_names_no_act_starts_at_the_newest(varied, place):
    response = varied.client("lead").get(url(varied, query=f"?{place}"))
    assert len(told(response)) == 4


def test_a_place_that_this_person_may_not_see_tells_nothing(varied):
    secret = act(varied, "scored", who="health", partner_id=varied.partners["health"].pk,
                 audience=Audience.PARTNER, at=moment(4, 18))  # fmt: skip
    response = varied.client("schools").get(url(varied, query=f"?before={secret.pk}"))
    assert len(told(response)) == 4


@pytest.mark.parametrize("acts", [1, 3, PAGE + 5])
def test_history_queries(partnership, django_assert_num_queries, acts):
    for number in range(acts):
        act(partnership, f"did {number}", partner_id=partnership.partners["health"].pk,
            assessment_id=partnership.assessment.pk, statement=FIRST)  # fmt: skip
    client = partnership.client("lead")
    client.get(url(partnership))
    with django_assert_num_queries(HISTORY):
        client.get(url(partnership))
    with django_assert_num_queries(HISTORY):
        client.get(url(partnership, "history-csv")).getvalue()


# ---- Files -------------------------------------------------------------------------------------------


def rows_of(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_the_table_opens_in_a_spreadsheet_with_its_accents(varied):
    act(varied, "met Zoë in Łódź", at=moment(7), details={"reason": "Two\nlines"})
    response = varied.client("lead").get(url(varied, "history-csv"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="moorland-history-2')
    sent = response.getvalue()
    assert sent.startswith(b"\xef\xbb\xbfDay,Time,Person")
    first, *_ = csv.DictReader(io.StringIO(sent.decode("utf-8-sig")))
    assert tuple(first) == HEAD
    assert first["Day"] == "2026-03-07"
    assert first["Time"] == "12:00:00"
    assert (first["What happened"], first["Reason"]) == ("met Zoë in Łódź", "Two\nlines")


def test_a_row_names_kind_partner_assessment_and_statement(varied):
    rows = {row["What happened"]: row for row in rows_of(
        varied.client("lead").get(url(varied, "history-csv")))}  # fmt: skip
    assert (rows["submitted"]["Kind"], rows["submitted"]["Partner"]) == (
        "Scoring", "Moorland Health",
    )  # fmt: skip
    title = varied.statement(FIRST).title
    agreed = rows["agreed"]
    assert (agreed["Assessment"], agreed["Statement"]) == ("Autumn assessment", f"1.1 {title}")


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "＝1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_ever_a_formula(partnership, formula):
    person = partnership.people["lead"]
    person.name = formula
    person.save()
    act(partnership, "did it", details={"reason": formula})
    (row,) = rows_of(partnership.client("lead").get(url(partnership, "history-csv")))
    assert row["Reason"] == f"'{formula}"
    assert row["Person"].startswith("'")


def test_ordinary_words_are_left_as_they_are():
    for said in ("", "3-4 people", "Zoë", "a=b", "’quoted’"):
        assert safe_cell(said) == said


def test_the_json_says_what_it_holds(varied):
    response = varied.client("lead").get(url(varied, "history-json", "?kind=moderation"))
    found = json.loads(response.getvalue())
    assert found["area"] == {"code": varied.area.dfe_code, "name": "Moorland"}
    assert found["filter"] == {"kind": "moderation"}
    (line,) = found["acts"]
    assert line["person"] == "Moorland Lead"
    assert line["at"] == "2026-03-04T12:00:00+00:00"
    assert line["verb"] == "agreed.save"


def test_the_json_of_nothing_is_an_empty_list(partnership):
    response = partnership.client("lead").get(url(partnership, "history-json"))
    assert json.loads(response.getvalue())["acts"] == []


def test_a_file_holds_more_than_one_page(partnership):
    for number in range(PAGE + 5):
        act(partnership, f"did {number}")
    assert len(rows_of(partnership.client("lead").get(url(partnership, "history-csv")))) == PAGE + 5


# ---- What happened lately ------------------------------------------------------------------------


def lately(own, who):
    page = soup(own.client(who).get(own.area.get_absolute_url()))
    found = page.select_one("section[aria-labelledby=lately]")
    return found and [words(item.div.contents[0]) for item in found.select("li")]


def test_the_home_of_the_area_tells_the_last_five_acts(partnership):
    for number in range(7):
        act(partnership, f"did {number}", at=moment(3, number + 1))
    act(partnership, "scored", who="health", partner_id=partnership.partners["health"].pk,
        audience=Audience.PARTNER)  # fmt: skip
    expected = [f"Moorland Lead did {number}" for number in (6, 5, 4, 3, 2)]
    assert lately(partnership, "health") == expected
    assert lately(partnership, "viewer") is None


# ---- Indexes -----------------------------------------------------------------------------------------


# Each filter alone, and the index through which PostgreSQL finds what fits it.
INDEXES = {
    "": "audit_area",
    "?kind=sign-off": "audit_verb",
    "?person={person}": "audit_actor",
    "?partner={partner}": "audit_partner",
    "?assessment={assessment}": "audit_assessment",
    f"?statement={FIRST}": "audit_statement",
    "?words=nothing": "audit_area",
    "?since_day=1&since_month=1&since_year=2026&until_day=2&until_month=1&until_year=2026": "audit_area",
}


@on_postgresql
def test_each_filter_reads_through_an_index(partnership):
    """Of the acts of all areas few are of this one, and few of these fit a filter."""
    many_acts(partnership)
    found = {
        "person": partnership.people["lead"].pk,
        "partner": partnership.partners["health"].pk,
        "assessment": partnership.assessment.pk,
    }
    plans = {query: plan(partnership, query.format(**found)) for query in INDEXES}
    assert {query: said for query, said in plans.items() if INDEXES[query] not in said} == {}
    assert [said for said in plans.values() if "Seq Scan on areas_auditevent" in said] == []


def many_acts(own):
    AuditEvent.objects.bulk_create(
        AuditEvent(
            verb="score.save" if number % 50 else "sign_off.sign",
            sentence="Person did something", actor_name="Person", actor_id=number % 97,
            area_id=own.area.pk if number % 10 == 0 else -1, partner_id=number % 211,
            assessment_id=number % 173, statement=f"statement-{number % 32}" if number % 3 else "",
            at=moment(1) - timedelta(minutes=number),
        )
        for number in range(20_000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE areas_auditevent")


def plan(own, query):
    """How PostgreSQL would read the acts of this page."""
    with CaptureQueriesContext(connection) as asked:
        own.client("lead").get(url(own, query=query))
    (sql,) = [
        row["sql"]
        for row in asked
        if "areas_auditevent" in row["sql"] and "RECURSIVE" not in row["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())
