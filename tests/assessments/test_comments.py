"""Comments on a statement: to one's own partner before the reveal, to everyone after it."""

import pytest
from django.urls import reverse

from areas.permissions import Role
from assessments.actions.comments import resolve_comment, withdraw_comment, write_comment
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, Comment, Score
from tests.assessments.pages import chosen, held, problems, sentences, soup, text, words
from tests.assessments.shortcuts import agree, submit
from tests.factories import CommentFactory, MembershipFactory, UserFactory

SLUG = "agency-joint-design"
TEXT = "Do the minutes of May say otherwise?"


@pytest.fixture
def meeting(partnership):
    partnership.reveal()
    return partnership


def url(partnership, name="comments", *args):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk, *(args or [SLUG])])


def own_url(partnership, sector="health"):
    return url(partnership, "return-comments", partnership.returns[sector].pk, SLUG)


def colleague(partnership, sector="health", **fields):
    return MembershipFactory(
        user=UserFactory(**fields), role=Role.CONTRIBUTOR, area=partnership.area,
        partner=partnership.partners[sector],
    ).user  # fmt: skip


def write(partnership, who="health", row=None, mentioned=()):
    return write_comment(
        assessment=partnership.assessment, statement=partnership.statement(SLUG),
        partner_return=row, text=TEXT, mentioned=mentioned, by=partnership.people[who],
    )  # fmt: skip


def offered(response):
    return [words(label) for label in soup(response).select(".govuk-checkboxes__label")]


# ---- Among one's own partner -------------------------------------------------------------------


def test_own_people_read_it_and_nobody_else(partnership):
    other = colleague(partnership)
    client = partnership.client("health")
    response = client.post(own_url(partnership), {"text": TEXT}, follow=True)
    assert "Your comment is saved." in text(response)
    assert TEXT in text(response)
    partnership.people["other"] = other
    assert TEXT in text(partnership.client("other").get(own_url(partnership)))
    score = url(partnership, "score", partnership.returns["health"].pk, SLUG)
    assert TEXT in text(partnership.client("other").get(score))
    for who in ("lead", "schools", "health_board", "viewer"):
        assert partnership.client(who).get(own_url(partnership)).status_code == 404


def test_field_says_who_reads_it_and_that_it_is_not_printed(partnership):
    page = text(partnership.client("health").get(own_url(partnership)))
    assert (
        "Only people who score for Moorland Health see it, after the reveal too. It is not "
        "printed in the report. Do not write anything about a child."
    ) in page


def test_score_page_saves_the_answer_before_one_comments(partnership):
    address = url(partnership, "score", partnership.returns["health"].pk, SLUG)
    response = partnership.client("health").post(
        address, {"answer": "3", "reason": "Typed.", "version": "0", "then": "comment"}
    )
    assert response.url == own_url(partnership)
    assert Score.objects.get().reason == "Typed."


def test_after_the_reveal_it_is_read_by_the_same_people_and_not_added_to(partnership):
    write(partnership, row=partnership.returns["health"])
    partnership.reveal()
    page = text(partnership.client("health").get(own_url(partnership)))
    assert TEXT in page
    assert "Go to the comments of everyone who scored" in page
    response = partnership.client("health").post(own_url(partnership), {"text": "One more."})
    assert response.status_code == 409
    assert "One more." in text(response)
    assert TEXT not in text(partnership.client("health").get(url(partnership)))
    assert TEXT not in text(partnership.client("lead").get(url(partnership, "moderate")))


def test_a_statement_that_a_partner_is_not_asked_has_no_comments(partnership):
    row = partnership.returns["parent_carers"]
    asked = partnership.assessment.statements_for("parent_carers")
    (slug, *_) = [s.slug for s in partnership.statements if s not in asked]
    address = url(partnership, "return-comments", row.pk, slug)
    assert partnership.client("parent_carers").get(address).status_code == 404


# ---- After the reveal --------------------------------------------------------------------------


def test_everyone_who_scored_reads_and_answers(meeting):
    meeting.client("health").post(url(meeting), {"text": TEXT})
    for who in ("lead", "parent_carers"):
        assert TEXT in text(meeting.client(who).get(url(meeting)))
        assert TEXT in text(meeting.client(who).get(url(meeting, "moderate")))
    assert meeting.client("health_board").get(url(meeting)).status_code == 403
    assert sentences("comment.write") == [
        f"Moorland Health Contributor commented on ‘{meeting.statement(SLUG).title}’"
    ]


def test_agenda_and_end_of_the_meeting_count_what_is_open(meeting):
    write(meeting)
    write(meeting, "schools")
    resolve_comment(comment=write(meeting), by=meeting.people["lead"])
    withdraw_comment(comment=write(meeting), by=meeting.people["health"])
    address = reverse("assessments:moderation", args=[meeting.assessment.pk])
    agenda = text(meeting.client("lead").get(address))
    assert agenda.count("2 open comments") == 1
    finish = reverse("assessments:finish-moderation", args=[meeting.assessment.pk])
    said = text(meeting.client("lead").get(finish))
    assert "Comments wait for an answer on 1 statement. They are not printed" in said
    assert f"{meeting.statement(SLUG).title} : 2 comments" in said


@pytest.mark.parametrize("text_", ["", "  \n ", "a" * 1001])
def test_bad_text_is_refused_and_kept_with_who_was_ticked(meeting, text_):
    person = meeting.people["schools"]
    response = meeting.client("health").post(
        url(meeting), {"text": text_, "mentioned": [person.pk]}
    )
    expected = (
        "Your comment must be 1000 characters or fewer" if text_.strip() else "Write a comment"
    )
    assert problems(response) == [expected]
    assert held(response, "text").strip() == text_.strip()
    assert chosen(response, "mentioned") == [str(person.pk)]
    assert Comment.objects.count() == 0


def test_nothing_is_printed_in_the_report(meeting):
    write(meeting)
    agree(meeting)
    submit(meeting)
    for name in ("report", "report-statements"):
        page = meeting.client("lead").get(
            reverse(f"assessments:{name}", args=[meeting.assessment.pk])
        )
        assert TEXT not in text(page)
    assert TEXT not in meeting.assessment.stored_report.facts
    assert "No more comments can be written here." in text(meeting.client("lead").get(url(meeting)))


# ---- Mentioning --------------------------------------------------------------------------------


def test_only_who_may_read_it_is_offered(partnership):
    colleague(partnership, name="Asha Nair", job_title="Matron")
    colleague(partnership, name="Left Us", is_active=False)
    colleague(partnership, sector="schools", name="Sam School")
    assert offered(partnership.client("health").get(own_url(partnership))) == ["Asha Nair, Matron"]
    partnership.reveal()
    names = offered(partnership.client("health").get(url(partnership)))
    assert {"Asha Nair, Matron", "Sam School", "Moorland Lead, Head of SEND"} < set(names)
    assert not any("Board" in name or "Viewer" in name or "Left Us" in name for name in names)
    assert "Moorland Health Contributor" not in names


def test_a_person_mentioned_gets_one_mail_with_a_link(meeting, letters):
    person = meeting.people["schools"]
    meeting.client("health").post(url(meeting), {"text": TEXT, "mentioned": [person.pk]})
    (letter,) = letters()
    assert letter.to == [person.email]
    assert letter.subject == "Moorland: Moorland Health Contributor mentioned you in a comment"
    assert url(meeting) in letter.body
    assert TEXT not in letter.body
    page = text(meeting.client("lead").get(url(meeting)))
    assert "Told by mail: Moorland Schools Contributor" in page


@pytest.mark.parametrize("who", ["health_board", "viewer", "schools"])
def test_nobody_is_mentioned_who_may_not_read_it(partnership, who, letters):
    person = partnership.people[who]
    response = partnership.client("health").post(
        own_url(partnership), {"text": TEXT, "mentioned": [person.pk]}
    )
    # Health has nobody else, so there is no such field, and what is sent for it is not read.
    assert response.status_code == 302
    colleague(partnership)
    response = partnership.client("health").post(
        own_url(partnership), {"text": TEXT, "mentioned": [person.pk]}
    )
    assert response.status_code == 400
    with pytest.raises(ValueError, match="mentioned"):
        write(partnership, row=partnership.returns["health"], mentioned=[person])
    assert letters() == []


# ---- Resolve, withdraw -------------------------------------------------------------------------


def act(partnership, who, name, comment):
    address = reverse(f"assessments:{name}-comment", args=[partnership.assessment.pk, comment.pk])
    return partnership.client(who).post(address, follow=True)


def test_anyone_who_reads_it_resolves_it_once(meeting):
    comment = write(meeting)
    assert "The comment is resolved." in text(act(meeting, "parent_carers", "resolve", comment))
    page = text(meeting.client("lead").get(url(meeting)))
    assert "Resolved by Moorland Parent carers Contributor" in page
    assert act(meeting, "lead", "resolve", comment).status_code == 409
    comment.refresh_from_db()
    assert comment.resolved_by == meeting.people["parent_carers"]


def test_writer_withdraws_it_and_its_text_is_gone(meeting):
    comment = write(meeting)
    assert act(meeting, "lead", "withdraw", comment).status_code == 409
    page = text(act(meeting, "health", "withdraw", comment))
    assert "Withdrawn by the person who wrote it." in page
    assert TEXT not in page
    comment.refresh_from_db()
    assert (comment.text, comment.is_withdrawn, str(comment)) == (
        "", True, "Moorland Health Contributor: withdrawn",
    )  # fmt: skip
    assert act(meeting, "health", "withdraw", comment).status_code == 409
    assert act(meeting, "lead", "resolve", comment).status_code == 409


def test_another_partners_comment_is_not_there_to_resolve_or_withdraw(partnership):
    comment = write(partnership, row=partnership.returns["health"])
    for name in ("resolve", "withdraw"):
        assert act(partnership, "lead", name, comment).status_code == 404
        assert act(partnership, "health", name, comment).status_code == 200


def test_actions_check_their_values_and_the_stage(partnership):
    given = {
        "assessment": partnership.assessment,
        "statement": partnership.statement(SLUG),
        "by": partnership.people["health"],
        "mentioned": [],
    }
    with pytest.raises(ValueError, match="text: write a comment"):
        write_comment(**given, partner_return=None, text="")
    with pytest.raises(NotNowError):
        write_comment(**given, partner_return=None, text=TEXT)
    partnership.reveal()
    with pytest.raises(NotNowError):
        write_comment(**given, partner_return=partnership.returns["health"], text=TEXT)
    partnership.move_to(Assessment.Stage.SIGN_OFF)
    comment = write_comment(**given, partner_return=None, text=TEXT)
    partnership.move_to(Assessment.Stage.SUBMITTED)
    for doing in (resolve_comment, withdraw_comment):
        with pytest.raises(NotNowError):
            doing(comment=comment, by=given["by"])


def test_query_finds_what_a_person_may_read(partnership, other_partnership):
    own = write(partnership, row=partnership.returns["health"])
    foreign = CommentFactory(assessment=other_partnership.assessment)
    partnership.reveal()
    all_ = write(partnership)
    seen = {
        who: set(Comment.objects.visible_to(partnership.people[who]))
        for who in ("health", "lead", "health_board", "viewer")
    }
    assert seen == {"health": {own, all_}, "lead": {all_}, "health_board": set(), "viewer": set()}
    assert foreign not in Comment.objects.visible_to(other_partnership.people["lead"])
