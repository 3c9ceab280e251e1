"""Agree together the statements on which all partners chose one level."""

import pytest
from django.urls import reverse

from assessments.actions.errors import NotNowError
from assessments.actions.moderation import accept_aligned
from assessments.models import AgreedScore
from tests.assessments.pages import sentences, soup, text, words
from tests.assessments.shortcuts import agree, open_sign_off

DIFFERENT = "agency-joint-design"
SAME = ["family-clear-terms", "leadership-openness", "workforce-wellbeing"]


@pytest.fixture
def meeting(partnership):
    """All chose 3 on three statements, differ on one, and cannot say on the others."""
    for sector, row in partnership.returns.items():
        for statement in partnership.assessment.statements_for(row.sector):
            answer = "3" if statement.slug in SAME else "cannot_say"
            if statement.slug == DIFFERENT:
                answer = "4" if sector == "health" else "2"
            partnership.answer(sector, {statement.slug: answer})
    partnership.reveal()
    return partnership


def url(partnership):
    return reverse("assessments:accept-aligned", args=[partnership.assessment.pk])


def ticked(response):
    return [box["value"] for box in soup(response).select("input[name=statement][checked]")]


def agreed():
    rows = AgreedScore.objects.order_by("pk").values_list("statement__slug", "answer", "rationale")
    return list(rows)


def test_accept_page_lists_only_what_all_chose_and_saves_nothing(meeting):
    response = meeting.client("lead").get(url(meeting))
    assert ticked(response) == SAME
    labels = [words(label) for label in soup(response).select(".govuk-checkboxes__label")]
    title = meeting.statement(SAME[0]).title
    assert labels[0] == f"2.1 {title}: level 3, in routine use"
    hints = [words(hint) for hint in soup(response).select(".govuk-checkboxes__hint")]
    assert hints[0] == "All 6 partners chose level 3."
    assert hints[2] == "All 4 partners chose level 3."
    assert agreed() == []


def test_accept_agrees_the_ticked_ones_only(meeting):
    data = {"statement": [SAME[0], SAME[2]]}
    response = meeting.client("lead").post(url(meeting), data, follow=True)
    assert "2 statements agreed." in text(response)
    assert agreed() == [(SAME[0], "3", ""), (SAME[2], "3", "")]
    assert sentences() == [
        f"Moorland Lead recorded what was agreed on ‘{meeting.statement(slug).title}’, "
        "in one step with 1 other"
        for slug in (SAME[0], SAME[2])
    ]
    assert ticked(meeting.client("lead").get(url(meeting))) == [SAME[1]]


def test_accept_leaves_what_was_decided_in_the_meantime(meeting):
    client = meeting.client("lead")
    shown = ticked(client.get(url(meeting)))
    agree(meeting, {SAME[0]: "not_agreed"})
    response = client.post(url(meeting), {"statement": shown}, follow=True)
    assert "2 statements agreed." in text(response)
    assert agreed()[0] == (SAME[0], "not_agreed", "We agreed this.")


def test_accept_never_agrees_what_partners_differ_on(meeting):
    data = {"statement": [DIFFERENT, "no-such", SAME[0]]}
    response = meeting.client("lead").post(url(meeting), data, follow=True)
    assert "1 statement agreed." in text(response)
    assert agreed() == [(SAME[0], "3", "")]


def test_accept_with_nothing_ticked_agrees_nothing(meeting):
    response = meeting.client("lead").post(url(meeting), {}, follow=True)
    assert "0 statements agreed." in text(response)
    assert agreed() == []


def test_accept_page_with_nothing_left_says_so(meeting):
    agree(meeting, dict.fromkeys(SAME, "3"))
    assert "There is no such statement left." in text(meeting.client("lead").get(url(meeting)))


def test_agenda_offers_to_agree_them_together(meeting):
    agenda = reverse("assessments:moderation", args=[meeting.assessment.pk])
    link = soup(meeting.client("lead").get(agenda)).find("a", href=url(meeting))
    assert words(link) == "Agree these 3 together"
    agree(meeting, dict.fromkeys(SAME[1:], "3"))
    link = soup(meeting.client("lead").get(agenda)).find("a", href=url(meeting))
    assert words(link) == "Agree this one"
    assert soup(meeting.client("schools").get(agenda)).find("a", href=url(meeting)) is None


@pytest.mark.parametrize("who", ["schools", "health_board"])
def test_accept_by_another_role_is_forbidden(meeting, who):
    assert meeting.client(who).post(url(meeting), {"statement": SAME}).status_code == 403
    assert agreed() == []


def test_accept_after_the_meeting_is_refused(meeting):
    open_sign_off(meeting)
    client = meeting.client("lead")
    assert client.get(url(meeting)).status_code == 409
    assert client.post(url(meeting), {"statement": SAME}).status_code == 409
    assert agreed() == []
    with pytest.raises(NotNowError):
        accept_aligned(
            assessment=meeting.assessment, levels={meeting.statement(SAME[0]): 3},
            by=meeting.people["lead"],
        )  # fmt: skip
    assert sentences() == []
