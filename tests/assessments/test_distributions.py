"""How many areas are at which level: for programme staff, and for an area beside groups of others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import SubmittedAnswer
from assessments.reports import distributions as counted
from assessments.reports.distributions import SMALLEST_GROUP, Submitted, groups_for
from tests.assessments.kept import days_ago, picture
from tests.assessments.pages import problems, soup, text, words
from tests.conftest import client_of
from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db
URL = "/programme/distributions/"
QUERIES, COMPARE = 7, 9


@pytest.fixture
def client(programme):
    return client_of(programme)


def table(response, title):
    """The numbers of a block as its table has them: name to cells."""
    page = soup(response)
    block = next(s for s in page.select("main section") if words(s.h2) == title)
    return {
        words(row.th): [words(cell) for cell in row.find_all("td")]
        for row in block.select("tbody tr")
    }


def answer(kept, place, given, counts_as=None, **marks):
    rows = SubmittedAnswer.objects.filter(picture=kept).order_by("statement")
    SubmittedAnswer.objects.filter(pk=rows[place].pk).update(
        answer=given, counts_as=counts_as, **marks
    )


@pytest.fixture
def three(framework):
    """Three areas in two regions; one has an older picture, which does not count."""
    ashby, beeley, corley = (
        AreaFactory(name=name, region=region)
        for name, region in (("Ashby", "North"), ("Beeley", "South"), ("Corley", "South"))
    )
    AreaFactory(name="Dunley", region="East")
    picture(framework, ashby, [4] * 6, days=100)
    kept = [
        picture(framework, ashby, [1, 2, 3, 4, None, 2], band="not_yet_rated", marks=[1]),
        picture(framework, beeley, [1, 2, 3, 3, 3, 3]),
        picture(framework, corley, [2, 2, 2, 2, 2, 3]),
    ]
    answer(kept[0], 0, "1", 1)
    answer(kept[1], 0, "1", 1, is_contested=True)
    answer(kept[0], 1, "1", 1)
    answer(kept[0], 2, "not_agreed", is_contested=True)
    answer(kept[1], 2, "not_agreed", is_contested=True)
    answer(kept[2], 2, "not_applicable")
    answer(kept[2], 3, "4", 2, is_not_evidenced=True)
    return framework


# ---- For programme staff -------------------------------------------------------------------------


def test_counts_of_areas_at_each_level_of_each_ingredient(client, three):
    found = table(client.get(URL), "The six ingredients")
    # Levels 1 to 4, none, does not apply, contested, not evidenced, areas.
    assert found == {
        "Agency co-production": ["2", "1", "0", "0", "0", "0", "0", "0", "3"],
        "Family co-production": ["0", "3", "0", "0", "0", "0", "1", "1", "3"],
        "Leadership": ["0", "1", "2", "0", "0", "0", "0", "0", "3"],
        "Workforce": ["0", "1", "1", "1", "0", "0", "0", "0", "3"],
        "Culture": ["0", "1", "1", "0", "1", "0", "0", "0", "3"],
        "Accountability": ["0", "1", "2", "0", "0", "0", "0", "0", "3"],
    }


def test_statements_of_the_ingredient_that_is_asked_for(client, three):
    rows = list(table(client.get(URL), "Inside agency co-production").values())
    assert rows[:4] == [
        ["2", "1", "0", "0", "0", "0", "1", "0", "3"],
        ["1", "2", "0", "0", "0", "0", "0", "0", "3"],
        ["0", "0", "0", "0", "2", "1", "2", "0", "3"],
        ["0", "2", "0", "1", "0", "0", "0", "1", "3"],
    ]
    slug = three.ingredients.get(number=4).slug
    assert "Inside workforce" in text(client.get(f"{URL}?ingredient={slug}"))


def test_each_bar_adds_up_and_says_its_counts(client, three):
    page = soup(client.get(URL))
    for bar in page.select(".app-hundred"):
        parts = bar.select("rect")[1:]
        assert sum(float(part["width"].rstrip("%")) for part in parts) == pytest.approx(
            100, abs=0.1
        )
    bar = page.select_one(".app-hundred")
    assert [words(node) for node in bar.select("text")] == ["2", "1"]
    assert bar["aria-label"] == "Agency co-production: 0 of 3 at level 3 or above."
    assert "2 of 3 at level 3 or above." in text(client.get(URL))


def test_what_does_not_apply_is_no_part_of_a_bar(framework):
    from assessments.reports.bars import hundred

    assert hundred(counted.Counts("Nothing", not_applicable=3)) == ""


def test_by_region_and_within_one(client, three):
    regions = table(client.get(URL), "Agency co-production by region")
    assert regions["North"][:2] == ["1", "0"]
    assert regions["South"][:2] == ["1", "1"]
    assert "East" not in regions
    response = client.get(f"{URL}?region=South")
    assert "from 2 assessments" in text(response)
    assert table(response, "The six ingredients")["Agency co-production"][:2] == ["1", "1"]
    assert "by region" not in text(response)


def test_hardest_and_most_contested_statements(client, three):
    hardest, contested = soup(client.get(URL)).select(".govuk-grid-column-one-half tbody")
    first, second, third = (s for s in three.ingredients.get(number=1).statements.all()[:3])
    assert [words(row) for row in hardest.find_all("tr")] == [
        f"{first.code} {first.title} 2 of 3", f"{second.code} {second.title} 1 of 3",
    ]  # fmt: skip
    assert [words(row) for row in contested.find_all("tr")] == [
        f"{third.code} {third.title} 2 of 3", f"{first.code} {first.title} 1 of 3",
    ]  # fmt: skip


def test_as_at_a_day_and_with_nothing_to_show(client, three):
    day = days_ago(50)
    query = f"?as_at_day={day.day}&as_at_month={day.month}&as_at_year={day.year}"
    response = client.get(URL + query)
    assert "from 1 assessment submitted" in text(response)
    assert table(response, "The six ingredients")["Workforce"][3] == "1"
    assert "No area that fits these filters had submitted" in text(client.get(f"{URL}?region=East"))
    assert "No statement is contested." in text(response)
    assert "No area has agreed level 1" in text(response)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ingredient=luck", "Choose ingredient in detail from the list"),
        ("as_at_day=x", "As at must include a month and year"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(client, three, query, message):
    assert problems(client.get(f"{URL}?{query}")) == [message]


def test_without_a_framework_nothing_is_counted(client):
    assert "No framework has been published yet" in text(client.get(URL))


def test_made_up_areas_are_never_counted_with_real_ones(client, three):
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    picture(three, made_up, [4] * 6)
    assert "from 3 assessments" in text(client.get(URL))
    response = client.get(f"{URL}?areas=demonstration")
    assert "from 1 assessment submitted" in text(response)
    assert "Every area on this page is fictional" in words(soup(response).body)


# ---- For an area ---------------------------------------------------------------------------------


def others(framework, number, *, region="North", start=0, **given):
    return [
        picture(
            framework, AreaFactory(name=f"{region} {start + n}", region=region), [2] * 6, **given
        )
        for n in range(number)
    ]


def compare(own, who="viewer"):
    return own.client(who).get(reverse("assessments:compare", args=[own.area.dfe_code]))


@pytest.fixture
def own(partnership):
    """Moorland, in the North."""
    type(partnership.area).objects.filter(pk=partnership.area.pk).update(region="North")
    partnership.area.refresh_from_db()
    return partnership


@pytest.fixture
def submitted(own, framework):
    picture(framework, own.area, [3, 2, 2, 2, None, 2], band="not_yet_rated")
    return own


def test_an_area_sees_its_level_beside_counts_of_others(submitted, framework):
    others(framework, 5)
    response = compare(submitted)
    assert "5 other areas" in text(response)
    rows = table(response, "England")
    assert rows["Agency co-production"] == ["3", "0", "5", "0", "0", "0"]
    assert rows["Culture"] == ["Not yet rated", "0", "5", "0", "0", "0"]


def test_no_other_area_is_named(submitted, framework):
    others(framework, 6, region="North")
    page = compare(submitted).content.decode()
    assert "North 1" not in page


def test_four_others_are_too_few_and_its_own_is_not_the_fifth(submitted, framework):
    others(framework, 4)
    response = compare(submitted)
    assert text(response).count("Not shown: too few other areas") == 2
    assert not soup(response).find("table")


def test_an_area_with_an_older_picture_counts_once(submitted, framework):
    kept = others(framework, 4)
    picture(framework, kept[0].area, [4] * 6, days=90)
    assert not soup(compare(submitted)).find("table")


def test_a_region_is_not_shown_where_what_is_left_of_england_would_be_too_few(submitted, framework):
    others(framework, 5, region="North")
    others(framework, 4, region="South")
    shown = [
        words(s.h2) for s in soup(compare(submitted)).select("main section") if s.find("table")
    ]
    assert shown == ["England"]
    others(framework, 1, region="South", start=4)
    shown = [
        words(s.h2) for s in soup(compare(submitted)).select("main section") if s.find("table")
    ]
    assert shown == ["England", "North"]


def test_an_area_that_has_not_submitted_sees_counts_and_no_level_of_its_own(own, framework):
    others(framework, 5)
    response = compare(own)
    assert "has not submitted an assessment yet" in text(response)
    assert table(response, "England")["Culture"] == ["None", "0", "5", "0", "0", "0"]


def test_without_anything_at_all_nothing_is_shown(own):
    assert text(compare(own)).count("Not shown") == 2


def test_made_up_areas_are_no_group_for_a_real_one(submitted, framework):
    others(framework, 4)
    made_up = AreaFactory(name="Northmoor", dfe_code="D01", is_demonstration=True)
    picture(framework, made_up, [2] * 6)
    assert not soup(compare(submitted)).find("table")


@pytest.mark.parametrize("number", range(SMALLEST_GROUP))
def test_counting_itself_refuses_a_small_group(framework, number):
    kept = [row.pk for row in others(framework, number)]
    assert counted.counted_for_an_area(kept, framework) is None
    assert counted.counted_for_an_area(kept * 9, framework) is None


def test_the_area_itself_is_never_among_the_others(submitted, framework):
    kept = others(framework, 5)
    rows = [Submitted(row.area, row.pk) for row in kept]
    england, _ = groups_for(kept[0].area, rows, framework)
    assert england.counts is None


def test_the_home_of_an_area_leads_to_it(own, framework):
    from tests.assessments.shortcuts import agree, submit

    own.reveal()
    agree(own)
    submit(own)
    url = reverse("assessments:compare", args=[own.area.dfe_code])
    assert soup(own.client("viewer").get(own.area.get_absolute_url())).find("a", href=url)


# ---- Cost ----------------------------------------------------------------------------------------


def test_both_ask_the_database_as_often_for_many_areas_as_for_few(client, submitted, framework):
    viewer = submitted.client("viewer")
    url = reverse("assessments:compare", args=[submitted.area.dfe_code])
    others(framework, 5)
    others(framework, 5, region="South")

    def queries():
        found = []
        for asker, address in ((client, URL), (viewer, url)):
            asker.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert asker.get(address).status_code == 200
            found.append(len(asked))
        return found

    little = queries()
    others(framework, 3, start=10, days=3)
    assert queries() == little == [QUERIES, COMPARE]
