"""The report as a page, and who may read it when."""

from datetime import date

import pytest
from django.urls import reverse

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.pdf import report_pdf
from tests.assessments.pages import cells, soup, text, words
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, open_sign_off, submit
from tests.assessments.tagged import below, tree_of
from tests.conftest import client_of
from tests.factories import (
    ActionFactory,
    CheckInFactory,
    DissentFactory,
    SupportRequestFactory,
)

SLUG = "agency-joint-design"


@pytest.fixture
def meeting(partnership):
    partnership.reveal({"health": "4"})
    return partnership


def url(partnership, name="report"):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk])


def page_of(partnership, who="lead", name="report"):
    return soup(partnership.client(who).get(url(partnership, name)))


def table(page, caption):
    found = [node for node in page.find_all("table") if caption in node.caption.get_text()]
    return cells(found[0])


# ---- Who reads it ------------------------------------------------------------------------------------


WHO = ["lead", "schools", "schools_board", "viewer", "programme"]


def statuses(partnership, programme, name):
    clients = [partnership.client(who) for who in WHO[:4]] + [client_of(programme)]
    return [client.get(url(partnership, name)).status_code for client in clients]


@pytest.mark.parametrize("name", ["report", "report-statements"])
def test_report_opens_to_each_when_their_time_has_come(partnership, programme, name):
    found = {"scoring": statuses(partnership, programme, name)}
    partnership.reveal()
    for stage in (Assessment.Stage.MODERATION, Assessment.Stage.SIGN_OFF):
        partnership.move_to(stage)
        found[stage.value] = statuses(partnership, programme, name)
    submit(partnership)
    found["submitted"] = statuses(partnership, programme, name)
    assert found == {
        "scoring": [403, 403, 403, 404, 404],
        "moderation": [200, 200, 403, 404, 404],
        "sign_off": [200, 200, 200, 404, 404],
        "submitted": [200, 200, 200, 200, 200],
    }


def test_report_of_another_area_is_not_found(partnership, other_partnership):
    partnership.reveal()
    submit(partnership)
    assert other_partnership.client("lead").get(url(partnership)).status_code == 404


# ---- What it says -------------------------------------------------------------------------------------


def test_page_has_the_same_figures_as_the_contents(meeting):
    agree(meeting, {s.slug: "3" if s.number % 2 else "2" for s in meeting.statements})
    lay_evidence(meeting, SLUG)
    report, page = contents_of(meeting.assessment), page_of(meeting)
    assert words(page.select_one(".app-verdict__band")) == report.band_label
    assert [words(div) for div in page.select(".app-tiles > div")] == [
        f"{tile.name} {tile.figure} {tile.words}" for tile in report.tiles
    ]
    assert table(page, "Agreed level and each partner’s place") == [
        [row.short_title, str(row.level), *(str(place.level) for place in row.places)]
        for row in report.ingredients
    ]
    rows = [row[:-1] for row in table(page, "Every statement")]
    assert rows == [
        [f"{row.code} {row.title}", f"Level {row.level}", *(answer.cell for answer in row.answers)]
        for row in report.statements
    ]
    assert [words(node) for node in page.select(".app-lift li")] == [
        line for group in report.lift.groups for line in group.lines
    ]
    assert [(row[0], row[1]) for row in table(page, "Priorities and next steps")] == [
        (f"{row.statement.code} {row.statement.title}", row.why) for row in report.priorities
    ]
    assert report.method.rule in words(page.main)
    assert report.method.framework_fingerprint in words(page.main)


def test_page_of_a_draft_says_so(meeting):
    page = page_of(meeting)
    assert words(page.h1) == "Draft readiness report, Autumn assessment"
    assert "This is a draft." in words(page.main)
    assert "PDF, marked as a draft" in words(page.main)


def test_page_of_a_submitted_report_prints_its_hash(meeting):
    submit(meeting)
    page = page_of(meeting)
    assert words(page.h1) == "Readiness report, Autumn assessment"
    assert meeting.assessment.stored_report.sha256 in words(page.main)
    assert "It cannot be changed." in words(page.main)
    assert "The others signed on paper." in words(page.main)


def test_page_of_a_ready_area_has_no_higher_band(meeting):
    agree(meeting, "4")
    lay_evidence(meeting)
    page = page_of(meeting)
    assert "There is no higher band." in words(page.main)
    assert page.find("table", string="Priorities") is None


def test_page_of_nothing_agreed_says_what_is_missing(meeting):
    page = page_of(meeting)
    assert "What is missing" in [words(h2) for h2 in page.find_all("h2")]
    assert {row[1] for row in table(page, "Agreed level and each partner’s place")} == {
        "Not yet rated"
    }


def test_page_shows_what_changed_since_the_baseline(meeting):
    agree(meeting)
    submit(meeting)
    second = next_assessment(meeting)
    second.reveal()
    agree(second, {s.slug: "1" if s.number < 3 else "2" for s in second.statements})
    page = page_of(second)
    report = contents_of(second.assessment)
    section = page.find("h2", id="changed").parent
    assert report.baseline.summary in words(section)
    assert [words(b) for b in section.select(".app-strips b")] == [
        row.change for row in report.ingredients
    ]
    assert page.select_one(".app-ladder li:nth-of-type(2)").get_text(" ").split()[:2] == [
        "Building", "Was",
    ]  # fmt: skip


def test_page_and_pdf_have_the_plan_and_keep_it(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    own = next_assessment(partnership)
    own.reveal()
    agree(own)
    action = ActionFactory(
        body=own.partners["health"], what="Fill two posts", due_on=date(2026, 1, 2)
    )
    SupportRequestFactory(area=own.area, package__title="Peer review", why="Our board is new.")
    CheckInFactory(baseline=partnership.assessment, on=date(2031, 5, 5))
    row = [
        "Fill two posts",
        f"{action.body.name}, Head of SEND",
        "2 January 2026",
        "Late Not started",
    ]
    assert table(page_of(own), "Actions by due day") == [row]
    submit(own)
    ActionFactory(body=own.partners["schools"])
    page = page_of(own)
    assert table(page, "Actions by due day") == [row]
    assert "Support asked for: Peer review Our board is new." in words(page)
    assert "Next check-in Monday 5 May 2031, with the partnership board" in words(page)
    tree = tree_of(report_pdf(own.assessment, shows_partners=True))
    (actions,) = [node for node in below(tree, "Actions, by") if node.kind == "Table"]
    assert actions.rows[1:] == [
        [action.body.name, "Fill two posts Late. Not started", "Head of SEND", "2 Jan 2026", "–"]
    ]
    assert [node.words for node in below(tree, "Support asked for")] == [
        "Peer review. Our board is new."
    ]


def test_statements_page_has_reasons_dissent_and_evidence(meeting):
    agree(meeting, {SLUG: "3"}, rationale="What the meeting wrote.")
    meeting.assessment.agreed_scores.update(outside_reason="It came after.")
    lay_evidence(meeting, SLUG)
    DissentFactory(
        partner_return=meeting.returns["schools"], statement=meeting.statement(SLUG),
        text="Not in our schools.", recorded_by=meeting.people["schools"],
    )  # fmt: skip
    said = words(page_of(meeting, "schools", "report-statements").main)
    for part in (
        "What the meeting wrote.", "because: It came after.",
        "Schools, dissent: “Not in our schools.”",
        "Board minutes (minutes or terms of reference, Moorland Council; in date, no review date)",
    ):  # fmt: skip
        assert part in said


def test_page_escapes_what_people_wrote(meeting):
    nasty = "<script>alert('x')</script><img src=x onerror=alert(1)>"
    agree(meeting, {SLUG: "not_agreed"}, rationale=nasty)
    Assessment.objects.update(title=nasty)
    for name in ("report", "report-statements", "task-list", "moderation"):
        response = meeting.client("lead").get(url(meeting, name))
        assert b"<script>alert" not in response.content
        assert b"<img src=x" not in response.content
        assert nasty in text(response)


# ---- What DfE sees --------------------------------------------------------------------------------------


def test_programme_sees_partners_only_while_the_area_consents(partnership, programme):
    for sector in partnership.returns:
        partnership.answer(sector, "2", reason=f"PLANTED by {sector}")
    partnership.reveal()
    agree(partnership)
    DissentFactory(
        partner_return=partnership.returns["schools"], statement=partnership.statement(SLUG),
        text="PLANTED dissent", recorded_by=partnership.people["schools"],
    )  # fmt: skip
    submit(partnership)
    client = client_of(programme)
    pages = [
        url(partnership), url(partnership, "report-statements"), partnership.area.get_absolute_url(),
        partnership.assessment.get_absolute_url(),
    ]  # fmt: skip

    def seen():
        return any(b"PLANTED" in client.get(page).content for page in pages)

    assert not seen()
    Assessment.objects.update(dfe_sees_partners=True)
    assert seen()
    Assessment.objects.update(dfe_sees_partners=False)
    assert not seen()
    assert "Contested" in text(client.get(pages[1]))


def test_programme_is_told_that_partners_stay_in_the_area(partnership, programme):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    page = soup(client_of(programme).get(url(partnership)))
    assert "which does not share them" in words(page.main)
    assert {len(row) for row in table(page, "Agreed level, by ingredient")} == {2}


def test_lead_is_told_what_dfe_sees_and_can_change_it(meeting):
    assert "DfE does not see who scored what once the report is submitted." in words(
        page_of(meeting).main
    )
    Assessment.objects.update(dfe_sees_partners=True)
    assert "DfE sees each partner’s scores once the report is submitted." in words(
        page_of(meeting).main
    )
    assert "Change this" not in words(page_of(meeting, "schools").main)


# ---- The area's other pages -------------------------------------------------------------------------------


def test_area_home_shows_the_latest_submitted_picture(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    page = text(partnership.client("viewer").get(partnership.area.get_absolute_url()))
    assert "The latest picture" in page
    assert "Building All six ingredients are at level 2." in page
    home = partnership.client("lead").get(partnership.area.get_absolute_url())
    assert "Start the next assessment" in text(home)


def test_area_home_of_a_viewer_before_anything_was_submitted(partnership):
    partnership.reveal()
    page = text(partnership.client("viewer").get(partnership.area.get_absolute_url()))
    assert "Moorland has not submitted an assessment yet." in page
    assert "Autumn" not in page


def test_assessment_list_has_what_each_may_see(partnership):
    address = reverse("assessments:assessment-list", args=[partnership.area.dfe_code])
    rows = cells(soup(partnership.client("lead").get(address)).find("table"))
    assert rows == [
        ["Autumn assessment", "Baseline: our first picture", "Score apart", "Not submitted yet"]
    ]
    assert "Moorland has no assessment that you can see yet." in text(
        partnership.client("viewer").get(address)
    )
    partnership.reveal()
    submit(partnership)
    rows = cells(soup(partnership.client("viewer").get(address)).find("table"))
    assert rows[0][3] == "Read the report of Autumn assessment"
    assert "Start an assessment" in text(partnership.client("lead").get(address))


def test_home_lists_own_areas_with_what_is_next(partnership, other_partnership):
    page = text(partnership.client("health").get("/"))
    assert "Score for Moorland Health" in page
    assert "Fenland" not in page
    partnership.reveal()
    assert "Read what every partner scored" in text(partnership.client("health").get("/"))
    assert "There is nothing for you to do now." in text(
        partnership.client("health_board").get("/")
    )
    open_sign_off(partnership)
    assert "Sign the report for Moorland Health" in text(
        partnership.client("health_board").get("/")
    )
    submit(partnership)
    page = text(partnership.client("health").get("/"))
    assert "There is nothing for you to do now. Go to Moorland" in page


def test_home_of_programme_lists_submitted_reports_only(partnership, programme):
    client = client_of(programme)
    partnership.reveal()
    assert "No area has submitted a report yet." in text(client.get("/"))
    submit(partnership)
    rows = cells(soup(client.get("/")).find("table"))
    assert [row[:2] for row in rows] == [["Moorland", "Autumn assessment of Moorland"]]


def test_home_of_nobody_shows_an_example(framework, client):
    response = client.get("/")
    assert response.status_code == 200
    title = soup(response).select_one("svg title").get_text()
    assert title.startswith("Example. Level 3: Council, Health, Social care and Schools;")
