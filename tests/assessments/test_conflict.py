"""Two people on one answer: nothing is overwritten until a person chooses."""

import pytest
from django.urls import reverse

from areas.permissions import Role
from assessments.actions.errors import ConflictError
from assessments.actions.scoring import replace_version, save_score
from assessments.models import AgreedScore, Score
from assessments.views.conflict import both_texts, marked
from tests.assessments.pages import chosen, heading, held, sentences, soup, text, words
from tests.conftest import client_of
from tests.factories import MembershipFactory, UserFactory

SLUG = "agency-joint-design"


@pytest.fixture
def colleagues(partnership):
    """Two people who score for health; both opened the empty page, the first saved."""
    second = UserFactory(name="Second Person", email="second@area.example")
    MembershipFactory(
        user=second, role=Role.CONTRIBUTOR, area=partnership.area,
        partner=partnership.partners["health"],
    )  # fmt: skip
    first = partnership.client("health")
    first.post(url(partnership), {"version": 0, "answer": "2", "reason": "What the first wrote"})
    return first, client_of(second)


def url(partnership):
    row = partnership.returns["health"]
    return reverse("assessments:score", args=[row.assessment_id, row.pk, SLUG])


MINE = {"version": 0, "answer": "4", "reason": "What the second wrote", "then": "next"}


def form_values(form):
    values = {node["name"]: node["value"] for node in form.find_all(["input", "button"])}
    values.pop("csrfmiddlewaretoken", None)
    return values


def state():
    row = Score.objects.get()
    return row.answer, row.reason, row.version


def test_conflict_shows_both_versions_and_saves_neither(partnership, colleagues):
    response = colleagues[1].post(url(partnership), MINE)
    assert response.status_code == 409
    assert heading(response) == "Someone else changed this answer while you had it open"
    theirs, mine = soup(response).select(".app-version")
    assert "The version of Moorland Health Contributor" in theirs.get_text()
    assert "Level 2" in theirs.get_text()
    assert "What the first wrote" in theirs.get_text()
    assert "Level 4" in mine.get_text()
    assert "What the second wrote" in mine.get_text()
    assert state() == ("2", "What the first wrote", 1)
    assert len(sentences("score.save")) == 1


def test_conflict_keep_mine_replaces_the_version_that_was_seen(partnership, colleagues):
    response = colleagues[1].post(url(partnership), MINE)
    form = soup(response).select(".app-version form")[0]
    assert form["action"] == url(partnership)
    assert colleagues[1].post(form["action"], form_values(form)).status_code == 302
    assert state() == ("4", "What the second wrote", 2)


def test_conflict_keep_mine_after_a_third_save_asks_again(partnership, colleagues):
    response = colleagues[1].post(url(partnership), MINE)
    colleagues[0].post(url(partnership), {"version": 1, "answer": "3", "reason": "Once more"})
    form = soup(response).select(".app-version form")[0]
    again = colleagues[1].post(form["action"], form_values(form))
    assert again.status_code == 409
    assert "Once more" in text(again)
    assert state() == ("3", "Once more", 2)


def test_conflict_keep_theirs_is_a_link_to_the_saved_answer(partnership, colleagues):
    response = colleagues[1].post(url(partnership), MINE)
    link = soup(response).select(".app-version")[0].find("a", role="button")
    page = colleagues[1].get(link["href"])
    assert chosen(page, "answer") == ["2"]
    assert held(page, "reason") == "What the first wrote"
    assert state() == ("2", "What the first wrote", 1)


def test_conflict_merge_opens_both_texts_and_saves_nothing_yet(partnership, colleagues):
    response = colleagues[1].post(url(partnership), MINE)
    form = soup(response).find_all("form")[-1]
    page = colleagues[1].post(form["action"], form_values(form))
    assert page.status_code == 200
    assert held(page, "reason") == "What the first wrote\nWhat the second wrote"
    assert chosen(page, "answer") == ["4"]
    assert held(page, "version") == "1"
    assert state() == ("2", "What the first wrote", 1)
    colleagues[1].post(
        url(partnership), {"version": 1, "answer": "3", "reason": held(page, "reason")}
    )
    assert state() == ("3", "What the first wrote\nWhat the second wrote", 2)


def test_conflict_merge_of_two_long_texts_loses_nothing(partnership, colleagues):
    colleagues[0].post(url(partnership), {"version": 1, "answer": "2", "reason": "a" * 500})
    response = colleagues[1].post(url(partnership), MINE | {"reason": "b" * 500})
    form = soup(response).find_all("form")[-1]
    page = colleagues[1].post(form["action"], form_values(form))
    assert held(page, "reason") == f"{'a' * 500}\n{'b' * 500}"


def test_same_answer_saved_by_both_is_no_conflict(partnership, colleagues):
    same = MINE | {"answer": "2", "reason": "What the first wrote"}
    assert colleagues[1].post(url(partnership), same).status_code == 302
    assert state() == ("2", "What the first wrote", 1)


def test_conflict_with_an_answer_that_was_only_begun(partnership, colleagues):
    colleagues[0].post(url(partnership), {"version": 1, "answer": "", "reason": "", "then": "stop"})
    theirs, mine = soup(colleagues[1].post(url(partnership), MINE)).select(".app-version")
    assert "No answer yet" in theirs.get_text()
    assert "Nothing written" in theirs.get_text()
    assert "What the second wrote" in mine.get_text()


def test_conflict_on_a_version_over_a_thousand_can_be_solved(partnership, colleagues):
    Score.objects.update(version=1234)
    response = colleagues[1].post(url(partnership), MINE)
    form = soup(response).select(".app-version form")[0]
    assert colleagues[1].post(form["action"], form_values(form)).status_code == 302
    assert state() == ("4", "What the second wrote", 1235)


def test_conflict_page_escapes_what_was_typed(partnership, colleagues):
    response = colleagues[1].post(url(partnership), MINE | {"reason": "<script>alert(1)</script>"})
    assert b"<script>alert" not in response.content
    assert "<script>alert(1)</script>" in text(response)


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [("a", "b", "b\na"), ("a", "a b", "a b"), ("a b", "b", "a b"), ("", "b", "b"), ("", "", "")],
)
def test_both_texts_holds_each_once(mine, theirs, both):
    assert both_texts(mine, theirs) == both


def test_conflict_marks_what_only_one_version_says(partnership, colleagues):
    colleagues[0].post(
        url(partnership), {"version": 1, "answer": "2", "reason": "We both say this. Old words."}
    )
    mine = MINE | {"reason": "We both say this. New words."}
    response = colleagues[1].post(url(partnership), mine)
    marks = [
        [words(mark) for mark in version.find_all("mark")]
        for version in soup(response).select(".app-version")
    ]
    assert marks == [["different", "Old words."], ["different", "New words."]]


def test_conflict_of_texts_with_one_answer_says_only_where_they_differ(partnership, colleagues):
    response = colleagues[1].post(url(partnership), MINE | {"answer": "2", "reason": ""})
    assert [words(mark) for mark in soup(response).select(".app-version mark")] == [
        "What the first wrote"
    ]


@pytest.mark.parametrize(
    "text", ["", "One.", "One. Two!\n\nThree? four", " . ", "\n", "No end", "…", "a.b.c"]
)
def test_marked_pieces_are_the_whole_text(text):
    assert "".join(piece.text for piece in marked(text, "Other. Words.")) == text
    assert not any(piece.is_alone for piece in marked(text, text))


def test_save_score_with_an_old_version_raises_with_the_row_as_it_is(partnership, colleagues):
    with pytest.raises(ConflictError) as raised:
        save_score(
            partner_return=partnership.returns["health"], statement=partnership.statement(SLUG),
            answer="4", reason="", version=0, by=partnership.people["lead"],
        )  # fmt: skip
    assert raised.value.current.reason == "What the first wrote"


def test_replace_version_over_a_row_that_moved_on_raises(partnership, colleagues):
    row = Score.objects.get()
    Score.objects.update(version=7, reason="Moved on")
    with pytest.raises(ConflictError) as raised:
        replace_version(row, answer="4", reason="", by=partnership.people["lead"])
    assert raised.value.current.reason == "Moved on"
    assert state() == ("2", "Moved on", 7)


# ---- Agreed scores ----------------------------------------------------------------------------


def test_agreed_conflict_shows_both_and_replaces_on_request(partnership):
    partnership.reveal()
    address = reverse("assessments:moderate", args=[partnership.assessment.pk, SLUG])
    client = partnership.client("lead")
    theirs = {"version": 0, "answer": "2", "rationale": "First minute", "outside_reason": ""}
    client.post(address, theirs)
    mine = {"version": 0, "answer": "3", "rationale": "Second minute", "outside_reason": "Because"}
    response = client.post(address, mine)
    assert response.status_code == 409
    said = text(response)
    assert all(words in said for words in ("First minute", "Second minute", "Because", "Level 3"))
    assert AgreedScore.objects.get().rationale == "First minute"
    merge = soup(response).find_all("form")[-1]
    page = client.post(address, form_values(merge))
    assert held(page, "rationale") == "First minute\nSecond minute"
    assert held(page, "outside_reason") == "Because"
    assert chosen(page, "answer") == ["3"]
    assert AgreedScore.objects.get().version == 1
    form = soup(response).select(".app-version form")[0]
    assert client.post(address, form_values(form)).status_code == 302
    row = AgreedScore.objects.get()
    assert (row.answer, row.rationale, row.version) == ("3", "Second minute", 2)


def test_agreed_score_saved_again_unchanged_is_no_conflict(partnership):
    partnership.reveal()
    address = reverse("assessments:moderate", args=[partnership.assessment.pk, SLUG])
    client = partnership.client("lead")
    for version in (0, 0):
        data = {"version": version, "answer": "2", "rationale": "Same"}
        assert client.post(address, data).status_code == 302
    assert AgreedScore.objects.get().version == 1
    assert len(sentences("agreed.save")) == 1
