"""Change over time: what each report said, side by side, for those who may read it."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.charts import slope
from assessments.reports.trend import trend_of
from tests.assessments.pages import cells, soup, words
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.assessments.test_charts import drawn, shapes
from tests.conftest import client_of


def page_of(client, area):
    return soup(client.get(reverse("assessments:trend", args=[area.dfe_code])))


def table(page, caption):
    return next(
        cells(node) for node in page.find_all("table") if caption in node.caption.get_text()
    )


def cycle(own, level, *, apart=False):
    """One more assessment, agreed at one level and submitted a day after the last."""
    own.reveal({"schools": "4" if apart else level} | dict.fromkeys(own.returns, level))
    agree(own, {s.slug: level for s in own.statements})
    if int(level) > 2:
        lay_evidence(own, title=f"Minutes {own.assessment.pk}")
    submit(own)
    return own


@pytest.fixture
def twice(partnership):
    first = cycle(partnership, "2")
    return cycle(next_assessment(first), "3")


def test_before_the_first_report_there_is_nothing(partnership):
    page = page_of(partnership.client("viewer"), partnership.area)
    assert "Moorland has not submitted a report yet." in words(page)
    assert page.find_all("table") == []


def test_one_report_has_no_change(partnership):
    cycle(partnership, "2")
    page = page_of(partnership.client("viewer"), partnership.area)
    assert "There is one so far" in words(page)
    assert table(page, "The six ingredients")[0] == ["Agency co-production", "2"]
    assert page.select("main svg") == []


def test_two_reports_are_shown_as_a_move_with_the_table_beside_it(twice):
    page = page_of(twice.client("viewer"), twice.area)
    rows = table(page, "The six ingredients")
    assert rows[0] == ["Agency co-production", "2", "3", "Up from 2 to 3."]
    assert rows[6][:3] == ["Band", "Building", "Ready"]
    assert rows[7][:3] == [
        "Statements on which partners were two or more levels apart", "0 of 32", "0 of 32",
    ]  # fmt: skip
    assert table(page, "Statements of Leadership")[0][1:] == ["2", "3", "Up from 2 to 3."]
    charts = page.select("main svg")
    assert charts[0].title.string == "Agency co-production. Up from 2 to 3."
    assert len(charts) == 6


def test_three_reports_are_drawn_as_a_line(twice):
    cycle(next_assessment(twice, "Third"), "2")
    page = page_of(twice.client("lead"), twice.area)
    (first, *_) = page.select("main svg")
    today = timezone.localdate()
    day = f"{today:%-d %B %Y}"
    assert first.title.string == (
        f"Agency co-production. Level 2 on {day}, level 3 on {day}, level 2 on {day}."
    )
    assert table(page, "The six ingredients")[0][1:] == ["2", "3", "2", "Down from 3 to 2."]


def test_five_reports_are_told_in_the_table_only(twice):
    own = twice
    for number in range(3):
        own = cycle(next_assessment(own, f"More {number}"), "2")
    page = page_of(twice.client("lead"), twice.area)
    assert page.select("main svg") == []
    assert len(table(page, "The six ingredients")[0]) == 1 + 5 + 1


def test_marks_stand_in_the_cells(partnership):
    partnership.reveal()
    agree(partnership, {s.slug: "3" for s in partnership.statements[1:]})
    submit(partnership)
    page = page_of(partnership.client("lead"), partnership.area)
    rows = table(page, "Statements of Agency co-production")
    assert rows[0][1] == "Not decided"
    assert rows[1][1] == "3, not evidenced"
    assert table(page, "The six ingredients")[0][1] == "2, not evidenced"


def test_partners_who_come_closer_are_counted(partnership):
    partnership.reveal({"schools": "4"})
    agree(partnership)
    submit(partnership)
    own = cycle(next_assessment(partnership), "2")
    found = trend_of([contents_of(row) for row in Assessment.objects.order_by("pk")])
    assert [point.apart for point in found.points] == [(32, 32), (0, 32)]
    assert found.views == (
        "Partners’ views came closer on 32, moved further apart on 0 and are as before on 0."
    )
    assert found.views in words(page_of(own.client("lead"), own.area))


def test_dfe_sees_agreed_levels_but_not_how_far_apart_partners_were(twice, programme):
    page = page_of(client_of(programme), twice.area)
    rows = table(page, "The six ingredients")
    assert rows[0] == ["Agency co-production", "2", "3", "Up from 2 to 3."]
    assert rows[7][1:] == ["Not shared with DfE", "Not shared with DfE", ""]


def test_superseded_version_is_not_a_point(twice):
    last = twice.assessment
    newer = next_assessment(twice, "Corrected")
    Assessment.objects.filter(pk=newer.assessment.pk).update(
        corrects=last, correct_reason="A slip.", version=2, evidence_on=timezone.localdate()
    )
    newer.assessment.refresh_from_db()
    cycle(newer, "2")
    page = page_of(twice.client("lead"), twice.area)
    assert table(page, "The six ingredients")[0][1:] == ["2", "2", "Still at 2."]


def test_report_of_another_framework_version_is_left_out(twice):
    reports = [contents_of(row) for row in Assessment.objects.order_by("pk")]
    first = reports[0]
    other = replace(first, method=replace(first.method, framework_fingerprint="other"))
    found = trend_of([other, reports[1]])
    assert (found.left_out, len(found.points)) == (1, 1)


def test_query_count_grows_with_nothing_but_reports_read_for_the_first_time(
    twice, django_assert_max_num_queries
):
    client = twice.client("viewer")
    page_of(client, twice.area)
    with django_assert_max_num_queries(10):
        page_of(client, twice.area)


def test_slope_stops_where_there_is_no_level():
    svg = slope([2, None, 3, 4], ["A", "B", "C", "D"], title="T")
    assert len(shapes(svg, "s-move", "path")) == 1
    assert [node.text for node in shapes(svg, "s-agreed-t", "text")] == ["2", "3", "4"]
    heights = [float(node.get("y")) for node in shapes(svg, "s-agreed-t", "text")]
    assert heights == sorted(heights, reverse=True)
    assert drawn(svg).get("viewBox") == "0 0 288 136"
