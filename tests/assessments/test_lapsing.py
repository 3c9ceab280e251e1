"""Evidence that lapses is said while it can be mended: on the agenda, before and at sign-off."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from assessments.reports.build import Builder
from assessments.reports.facts import gather
from assessments.reports.lapsing import lapsing
from tests.assessments.pages import soup, text, words
from tests.assessments.shortcuts import agree, lay_evidence, open_sign_off

SLUG, OTHER = "leadership-stability", "leadership-shared-vision"


def built(partnership):
    return Builder(gather(partnership.assessment), partnership.assessment.content)


def url(partnership, page):
    return reverse(f"assessments:{page}", args=[partnership.assessment.pk])


def section(response):
    found = soup(response).find(attrs={"aria-labelledby": "lapsing"})
    return words(found) if found else ""


@pytest.fixture
def meeting(partnership):
    """Everything agreed at 3 with evidence that never lapses, except beside one statement."""
    partnership.reveal()
    agree(partnership, "3")
    lay_evidence(partnership, *(s.slug for s in partnership.statements if s.slug != SLUG))
    return partnership


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "since"), (-5, "since"), (1, "from"), (30, "from"), (31, None), (None, None)],
)
def test_lapsing_until_the_day_to_sign_by(meeting, days, said):
    today, by = meeting.assessment.day, meeting.assessment.sign_off_by
    review_on = None if days is None else today + timedelta(days=days)
    lay_evidence(meeting, SLUG, title="Senior roles", review_on=review_on)
    found = lapsing(built(meeting), by)
    if said is None:
        assert found is None
        return
    (line,) = found.lines
    assert (line.slug, line.level, line.evidence) == (SLUG, 3, "‘Senior roles’")
    assert line.is_lapsed == (said == "since")
    assert line.words.startswith(f"Level 3 counts as 2 {said} ")


def test_lapsing_is_not_said_where_other_evidence_holds(meeting):
    lay_evidence(meeting, SLUG, title="Old", review_on=meeting.assessment.day)
    lay_evidence(meeting, SLUG, title="New")
    assert lapsing(built(meeting), meeting.assessment.sign_off_by) is None


def test_lapsing_is_not_said_of_a_lower_level_or_where_there_never_was_evidence(meeting):
    assert lapsing(built(meeting), meeting.assessment.sign_off_by) is None
    lay_evidence(meeting, SLUG, review_on=meeting.assessment.day)
    row = meeting.assessment.agreed_scores.get(statement__slug=SLUG)
    row.answer = "2"
    row.save()
    assert lapsing(built(meeting), meeting.assessment.sign_off_by) is None


def test_lapsing_tells_what_it_does_to_ingredient_and_band(partnership):
    partnership.reveal()
    agree(partnership, "3")
    leadership = [s.slug for s in partnership.statements if s.slug.startswith("leadership-")]
    lay_evidence(partnership, *(s.slug for s in partnership.statements if s.slug not in leadership))
    lay_evidence(
        partnership, *leadership, title="Old",
        review_on=partnership.assessment.day + timedelta(days=3),
    )  # fmt: skip
    found = lapsing(built(partnership), partnership.assessment.sign_off_by)
    assert [line.slug for line in found.lines] == leadership
    assert found.changes == (
        "Leadership is at level 2 instead of 3.",
        "The band is ‘Nearly ready’ instead of ‘Ready’.",
    )


def test_lapsing_of_one_statement_may_change_nothing_else(meeting):
    lay_evidence(meeting, SLUG, review_on=meeting.assessment.day)
    assert lapsing(built(meeting), meeting.assessment.sign_off_by).changes == ()


def test_agenda_and_finish_page_say_what_lapses(meeting):
    lay_evidence(meeting, SLUG, title="Senior roles", review_on=meeting.assessment.day)
    lead = meeting.client("lead")
    agenda = lead.get(url(meeting, "moderation"))
    link = soup(agenda).find("a", href=f"{url(meeting, 'finish-moderation')}#lapsing")
    assert words(link.parent).startswith("1 agreed level of 3 or 4 will count as 2")
    for_others = meeting.client("health").get(url(meeting, "moderation"))
    assert "1 agreed level of 3 or 4 will count as 2" in text(for_others)
    assert "#lapsing" not in for_others.content.decode()
    said = section(lead.get(url(meeting, "finish-moderation")))
    assert "‘Senior roles’. Level 3 counts as 2 since" in said
    assert "What it does: as things stand, no ingredient’s level and no band changes." in said


def test_sign_off_page_says_what_has_lapsed(meeting):
    lay_evidence(meeting, SLUG, title="Senior roles", review_on=meeting.assessment.day)
    open_sign_off(meeting)
    board = meeting.client("health_board").get(url(meeting, "sign-off"))
    assert "‘Senior roles’. Level 3 counts as 2 since" in section(board)
    link = soup(board).find(attrs={"aria-labelledby": "lapsing"}).find("a")["href"]
    assert meeting.client("health_board").get(link).status_code == 200
    assert "go back to moderation" not in section(board)
    lead = meeting.client("lead").get(url(meeting, "sign-off"))
    assert "go back to moderation" in section(lead)


def test_pages_without_lapsing_evidence_say_nothing_of_it(meeting):
    lay_evidence(meeting, SLUG)
    lead = meeting.client("lead")
    assert section(lead.get(url(meeting, "finish-moderation"))) == ""
    assert "will count as 2" not in text(lead.get(url(meeting, "moderation")))
    open_sign_off(meeting)
    assert section(lead.get(url(meeting, "sign-off"))) == ""


def test_a_late_sign_off_looks_at_today(meeting):
    lay_evidence(meeting, SLUG, review_on=meeting.assessment.day)
    past = meeting.assessment.day - timedelta(days=40)
    type(meeting.assessment).objects.update(
        scoring_closes_on=past, moderation_on=past, sign_off_by=past
    )
    response = meeting.client("lead").get(url(meeting, "finish-moderation"))
    assert "counts as 2 since" in section(response)


def test_facts_from_before_files_were_taken_are_read(meeting):
    facts = gather(meeting.assessment)
    for item in facts["evidence"]:
        del item["file_name"], item["file_sha256"]
    old = Builder(json.loads(json.dumps(facts)), meeting.assessment.content).report()
    line = old.statements[0].evidence[0]
    assert (line.title, line.file_name) == ("Board minutes", "")
