"""Where families sit beside the agencies: the rule, what is kept of it, and what is ever shown."""

import importlib
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

import assessments.migrations
from assessments.actions.assessments import set_consent
from assessments.models import Assessment, SectorGap
from assessments.readiness import Sits, sector_gaps, sits
from assessments.reports.distributions import SMALLEST_GROUP
from assessments.reports.sector_gaps import gaps_of
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import problems, soup, text, words
from tests.assessments.shortcuts import agree, next_assessment, submit
from tests.conftest import client_of
from tests.factories import AreaFactory, SectorGapFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/programme/sector-gaps/"
QUERIES = 6
FIRST, NOT_ASKED = "family-every-stage", "Not asked of families."


@pytest.fixture
def client(programme):
    return client_of(programme)


# ---- The rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "agencies", "found"),
    [
        ([1], [2, 2, 3], Sits.LOWER),
        ([2], [2, 3, 3], Sits.LOWER),
        ([2], [2, 3], Sits.LEVEL),
        ([2], [2, 2, 3], Sits.LEVEL),
        ([2], [1, 3], Sits.LEVEL),
        ([3], [1, 2, 4], Sits.HIGHER),
        ([1, 4], [2, 3], Sits.LEVEL),
        ([1, 1, 4], [2, 3], Sits.LOWER),
        ([2], [], None),
        ([], [2], None),
    ],
)
def test_where_a_sector_sits_is_decided_by_more_than_half_of_the_pairs(own, agencies, found):
    assert sits(own, agencies) == found


levels = st.lists(st.integers(1, 4), min_size=1, max_size=8)


@given(own=levels, agencies=levels)
def test_turned_round_lower_is_higher_and_order_does_not_matter(own, agencies):
    other_way = {Sits.LOWER: Sits.HIGHER, Sits.HIGHER: Sits.LOWER, Sits.LEVEL: Sits.LEVEL}
    assert sits(agencies, own) == other_way[sits(own, agencies)]
    assert sits(own[::-1], sorted(agencies)) == sits(own, agencies)


@given(own=st.integers(1, 3), agencies=levels)
def test_a_higher_level_never_makes_a_sector_sit_lower(own, agencies):
    order = [Sits.LOWER, Sits.LEVEL, Sits.HIGHER]
    assert order.index(sits([own + 1], agencies)) >= order.index(sits([own], agencies))


def test_all_but_families_are_agencies():
    sectors = {"a": "health", "b": "voluntary_sector", "c": "parent_carers", "d": "young_people"}
    found = sector_gaps({"a": 3, "b": None, "c": 2, "d": 4}, sectors)
    assert found == {"parent_carers": Sits.LOWER, "young_people": Sits.HIGHER}
    # Families are never laid beside each other.
    assert sector_gaps({"c": 2, "d": 4}, sectors) == {}
    assert sector_gaps({"a": 3, "c": None}, sectors) == {}


@pytest.mark.parametrize(
    ("levels_given", "sectors", "field"),
    [({"a": 5, "c": 1}, {"a": "health", "c": "parent_carers"}, "level"), ({"a": 1}, {}, "sector")],
)
def test_what_cannot_be_is_refused_by_name(levels_given, sectors, field):
    with pytest.raises(ValueError, match=f"^{field}:"):
        sector_gaps(levels_given, sectors)


# ---- What is kept --------------------------------------------------------------------------------


def kept():
    rows = SectorGap.objects.values_list(
        "picture", "sector", "ingredient__slug", "statement__slug", "sits"
    )
    return set(rows)


@pytest.fixture
def submitted(partnership):
    """Parent carers at 1 throughout, all others at 2."""
    partnership.reveal({"parent_carers": "1"})
    agree(partnership)
    submit(partnership)
    return partnership


def test_a_submitted_report_keeps_where_its_families_sit(submitted):
    rows = kept()
    asked = submitted.assessment.statements_for("parent_carers")
    assert {row[3] for row in rows if row[1] == "parent_carers" and row[3]} == {
        row.slug for row in asked
    }
    assert {row[4] for row in rows if row[1] == "parent_carers"} == {"lower"}
    assert len([row for row in rows if row[1] == "parent_carers" and row[2]]) == 6
    assert {row[4] for row in rows if row[1] == "young_people"} == {"level"}


def test_they_are_worked_out_again_and_checked(submitted, capsys):
    before = kept()
    SectorGap.objects.filter(statement__slug=FIRST).delete()
    with pytest.raises(CommandError, match="1 problems in 1 reports"):
        call_command("verify_reports")
    assert "rows in the comparison of areas" in capsys.readouterr().out
    call_command("rebuild_pictures")
    assert kept() == before
    call_command("verify_reports")


def test_what_was_submitted_before_is_filled_in(submitted):
    before = kept()
    SectorGap.objects.all().delete()
    (path,) = Path(assessments.migrations.__path__[0]).glob("*_stats.py")
    importlib.import_module(f"assessments.migrations.{path.stem}").fill(apps, None)
    assert kept() == before


# ---- What is shown -------------------------------------------------------------------------------


def lay(framework, number, where, *, sector="parent_carers", slug=FIRST, consents=True, **given):
    """So many areas in which this sector sits there on one statement and on its ingredient."""
    found = []
    statement = next(row for row in framework.all_statements if row.slug == slug)
    for _ in range(number):
        made = picture(framework, AreaFactory(name=f"Secret {UserFactory().pk}", **given), [2] * 6)
        Assessment.objects.filter(pk=made.pk).update(dfe_sees_partners=consents)
        part = {"ingredient": statement.ingredient, "statement": None}
        for of in ({"statement": statement}, part):
            SectorGapFactory(picture=made, sector=sector, sits=where, **of)
        found.append(made)
    return found


@pytest.fixture
def six(framework):
    return [*lay(framework, 4, "lower"), *lay(framework, 1, "level"), *lay(framework, 1, "higher")]


def table(response, title):
    page = soup(response)
    block = next(s for s in page.select("main section") if words(s.h3) == title)
    return {
        words(row.th): [words(cell) for cell in row.find_all("td")]
        for row in block.select("tbody tr")
    }


def test_areas_are_counted_by_where_parent_carers_sit(client, six, framework):
    response = client.get(f"{URL}?ingredient=family-co-production")
    assert "from 6 of 6 assessments" in text(response)
    code = next(row.code for row in framework.all_statements if row.slug == FIRST)
    rows = table(response, "Parent carers: Inside family co-production")
    (found,) = (cells for name, cells in rows.items() if name.startswith(code))
    # Lower, level, higher, not compared, areas.
    assert found == ["4", "1", "1", "0", "6"]
    rows = table(response, "Parent carers: The six ingredients")
    assert rows["Family co-production"] == ["4", "1", "1", "0", "6"]
    assert "Parent carers sit lower in 4 of 6 areas, level in 1 and higher in 1." in text(response)


def test_each_bar_adds_up_and_says_its_counts(client, six):
    bars = soup(client.get(URL)).select(".app-hundred")
    assert bars
    for bar in bars:
        parts = bar.select("rect")[1:]
        assert sum(float(part["width"].rstrip("%")) for part in parts) == pytest.approx(
            100, abs=0.1
        )
        assert "Parent carers sit lower in 4 of 6 areas" in bar["aria-label"]


def test_the_statements_on_which_they_are_most_often_lower_are_listed(client, six, framework):
    statement = next(row for row in framework.all_statements if row.slug == FIRST)
    page = text(client.get(URL))
    assert f"{statement.code} {statement.title} 4 of 6" in page
    assert "Young people do not sit lower on any statement that can be shown." in page


def test_the_rule_is_printed(client, six):
    said = text(client.get(URL))
    assert "lower in more than half of these pairs" in said
    assert "Rule sector-gap-1." in said


def test_no_area_is_named(client, six):
    assert "Secret" not in client.get(URL).content.decode()


def test_a_statement_that_families_are_not_asked_says_so(client, six, framework):
    row = next(row for row in framework.all_statements if not row.families_can_score)
    response = client.get(f"{URL}?ingredient={row.ingredient.slug}")
    rows = table(response, f"Parent carers: Inside {row.ingredient.short_title.lower()}")
    assert rows[f"{row.code} {row.title}"] == [NOT_ASKED]


@pytest.mark.parametrize("number", range(SMALLEST_GROUP))
def test_nothing_is_shown_of_fewer_than_five_areas_that_consented(client, framework, number):
    made = lay(framework, number, "lower") + lay(framework, 9, "lower", consents=False)
    response = client.get(URL)
    assert "Not shown. Fewer than 5" in text(response)
    assert not soup(response).select("main table, main .app-hundred")
    assert gaps_of([row.pk for row in made] * 9, framework) is None


def test_a_row_that_few_of_them_can_be_compared_on_is_not_shown(client, six, framework):
    """Young people took part in four of the six areas."""
    for row in six[:4]:
        SectorGapFactory(
            picture=row, sector="young_people", sits="lower",
            statement=next(s for s in framework.all_statements if s.slug == FIRST),
        )  # fmt: skip
    found = gaps_of([row.pk for row in six], framework)
    young = found.sectors[1]
    assert {sum(row.levels.values()) + row.unrated for row in young.statements} == {0}
    page = soup(client.get(f"{URL}?ingredient=family-co-production"))
    rows = table(client.get(f"{URL}?ingredient=family-co-production"),
                 "Young people: Inside family co-production")  # fmt: skip
    assert all(len(cells) == 1 for cells in rows.values())
    assert "Not shown: it can be compared in fewer than 5 areas." in words(page.main)


def test_consent_that_is_withdrawn_takes_effect_at_once(client, six):
    assert "from 6 of 6 assessments" in text(client.get(URL))
    for row in six[:2]:
        assessment = Assessment.objects.get(pk=row.pk)
        # As the area decides it: the pictures of these tests are closed without a submission.
        Assessment.objects.filter(pk=assessment.pk).update(dfe_sees_partners=False)
    assert "Not shown." in text(client.get(URL))


def test_the_lead_s_consent_is_what_counts(client, submitted, framework):
    lay(framework, 4, "lower")
    assert "Not shown." in text(client.get(URL))
    lead = submitted.people["lead"]
    set_consent(assessment=submitted.assessment, dfe_sees_partners=True, by=lead)
    assert "from 5 of 5 assessments" in text(client.get(URL))
    set_consent(assessment=submitted.assessment, dfe_sees_partners=False, by=lead)
    assert "Not shown." in text(client.get(URL))


def test_a_draft_and_a_report_without_consent_change_nothing(client, submitted, framework):
    """Whatever parent carers of an area that does not consent gave, the page is the same."""
    lay(framework, 5, "level")
    before = client.get(URL).content
    assert b"from 5 of 6 assessments" in before
    SectorGap.objects.filter(picture__area=submitted.area).update(sits="higher")
    assert text(client.get(URL)) == words(BeautifulSoup(before, "lxml").main)
    later = next_assessment(submitted)
    later.reveal({"parent_carers": "4"})
    agree(later)
    Assessment.objects.filter(pk=later.assessment.pk).update(dfe_sees_partners=True)
    assert text(client.get(URL)) == words(BeautifulSoup(before, "lxml").main)


def test_an_older_assessment_never_stands_in_for_the_latest_without_consent(client, framework):
    lay(framework, 4, "lower")
    area = AreaFactory(name="Secret fifth")
    older = picture(framework, area, [2] * 6, days=90)
    Assessment.objects.filter(pk=older.pk).update(dfe_sees_partners=True)
    assert "from 5 of 5 assessments" in text(client.get(URL))
    picture(framework, area, [2] * 6)
    assert "Not shown." in text(client.get(URL))


def test_as_at_a_day_and_within_a_region(client, framework):
    lay(framework, 5, "lower", region="North West")
    lay(framework, 5, "higher", region="London")
    response = client.get(f"{URL}?region=London")
    assert "from 5 of 5 assessments" in text(response)
    rows = table(response, "Parent carers: The six ingredients")
    assert rows["Family co-production"] == ["0", "0", "5", "0", "5"]
    day = days_ago(3)
    query = f"?as_at_day={day.day}&as_at_month={day.month}&as_at_year={day.year}"
    assert "No area that fits these filters had submitted" in text(client.get(URL + query))


def test_made_up_areas_are_never_counted_with_real_ones(client, framework):
    lay(framework, 4, "lower")
    lay(framework, 1, "lower", dfe_code="D01", is_demonstration=True)
    assert "Not shown." in text(client.get(URL))


def test_a_filter_that_cannot_be_is_refused(client, framework):
    assert problems(client.get(f"{URL}?ingredient=luck")) == [
        "Choose ingredient in detail from the list"
    ]


def test_without_a_framework_nothing_is_counted(client):
    assert "No framework has been published yet" in text(client.get(URL))


def test_the_area_is_told_of_it_where_it_consents(submitted):
    page = submitted.client("lead").get(f"/assessments/{submitted.assessment.pk}/consent/")
    assert "is also counted, without its name" in text(page)


def test_it_asks_the_database_as_often_for_many_areas_as_for_few(client, framework):
    lay(framework, 5, "lower")
    client.get(URL)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        return len(asked)

    little = queries()
    lay(framework, 3, "level")
    assert queries() == little == QUERIES
