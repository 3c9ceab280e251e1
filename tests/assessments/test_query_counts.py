"""Pages ask the database as often with much data as with little."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.factories import (
    AssessmentFactory,
    CommentFactory,
    DissentFactory,
    MembershipFactory,
    QuorumReasonFactory,
    UserFactory,
)

SLUG, NEXT = "agency-joint-design", "agency-safe-learning"

# The bars are 10 for pages and saves, 15 for the area's home and the report. A save counts two
# more here, as its transaction is a savepoint inside the one of the test.
SAVEPOINT = 2
TASK_LIST, STATEMENT = 5, 6
SAVE_SCORE = 7 + SAVEPOINT
AGENDA, MODERATE = 9, 8
SAVE_AGREED = 9 + SAVEPOINT
DRAFT_REPORT = 12
REPORT = 6
AREA_HOME = 9
COMMENTS, LIST = 5, 5


def little(partnership):
    """The least that a meeting can have."""
    partnership.reveal()
    return partnership


def much(partnership):
    """Everything agreed, with evidence, dissent and reasons, over an earlier assessment."""
    for sector in partnership.returns:
        partnership.answer(sector, "2", reason="It is so.")
    lay_evidence(partnership, sector="health", title="From health")
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    second = next_assessment(partnership)
    for sector in second.returns:
        second.answer(sector, "3", reason="It is so.")
    for number in range(3):
        lay_evidence(second, sector="schools", title=f"Item {number}")
    second.reveal()
    agree(second, {s.slug: "3" for s in second.statements if s.slug != NEXT})
    for statement in second.statements[:3]:
        DissentFactory(
            partner_return=second.returns["schools"], statement=statement,
            recorded_by=second.people["schools"],
        )  # fmt: skip
        CommentFactory(
            assessment=second.assessment, statement=statement, written_by=second.people["schools"]
        )
    for sector in ("health", "schools"):
        QuorumReasonFactory(
            assessment=second.assessment, sector=sector, recorded_by=second.people["lead"]
        )
    return second


def asked(partnership, who, django_assert_num_queries, expected, act):
    client = partnership.client(who)
    act(client)  # Warm: framework and revealed scores are kept by the process.
    with django_assert_num_queries(expected):
        assert act(client).status_code in {200, 302}


def url(partnership, name, *args):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk, *args])


@pytest.mark.parametrize("scores", [1, 3, 32])
def test_task_list_queries(partnership, django_assert_num_queries, scores):
    for sector, row in partnership.returns.items():
        asked_of = partnership.assessment.statements_for(row.sector)[:scores]
        partnership.answer(sector, {s.slug: "2" for s in asked_of})
    address = partnership.assessment.get_absolute_url()
    asked(partnership, "health", django_assert_num_queries, TASK_LIST, lambda c: c.get(address))


@pytest.mark.parametrize("scores", [0, 1, 32])
def test_statement_page_queries(partnership, django_assert_num_queries, scores):
    partnership.answer("health", {s.slug: "2" for s in partnership.statements[:scores]})
    for number in range(scores % 30):
        lay_evidence(partnership, SLUG, sector="health", title=f"Item {number}")
        CommentFactory(
            assessment=partnership.assessment, statement=partnership.statement(SLUG),
            partner_return=partnership.returns["health"],
        )  # fmt: skip
    address = url(partnership, "score", partnership.returns["health"].pk, SLUG)
    asked(partnership, "health", django_assert_num_queries, STATEMENT, lambda c: c.get(address))


@pytest.mark.parametrize("scores", [1, 32])
def test_save_score_queries(partnership, django_assert_num_queries, scores):
    partnership.answer("health", {s.slug: "2" for s in partnership.statements[:scores]})
    address = url(partnership, "score", partnership.returns["health"].pk, SLUG)
    versions = iter(range(1, 9))

    def save(client):
        version = next(versions)
        return client.post(
            address, {"version": version, "answer": "3", "reason": f"Edit {version}"}
        )

    asked(partnership, "health", django_assert_num_queries, SAVE_SCORE, save)


def test_first_save_of_a_score_queries(partnership, django_assert_num_queries):
    slugs = iter([SLUG, NEXT])

    def save(client):
        address = url(partnership, "score", partnership.returns["health"].pk, next(slugs))
        return client.post(address, {"version": 0, "answer": "3"})

    asked(partnership, "health", django_assert_num_queries, SAVE_SCORE + 1, save)


@pytest.mark.parametrize("data", [little, much])
def test_moderation_agenda_queries(partnership, django_assert_num_queries, data):
    meeting = data(partnership)
    address = url(meeting, "moderation")
    asked(meeting, "lead", django_assert_num_queries, AGENDA, lambda c: c.get(address))


@pytest.mark.parametrize("data", [little, much])
def test_moderate_page_queries(partnership, django_assert_num_queries, data):
    meeting = data(partnership)
    address = url(meeting, "moderate", SLUG)
    asked(meeting, "lead", django_assert_num_queries, MODERATE, lambda c: c.get(address))


@pytest.mark.parametrize("data", [little, much])
def test_save_agreed_queries(partnership, django_assert_num_queries, data):
    meeting = data(partnership)
    address = url(meeting, "moderate", NEXT)
    versions = iter(range(9))

    def save(client):
        version = next(versions)
        return client.post(
            address,
            {"version": version, "answer": "not_agreed", "rationale": f"Edit {version}"},
        )

    asked(meeting, "lead", django_assert_num_queries, SAVE_AGREED, save)


def test_first_save_of_an_agreed_score_queries(partnership, django_assert_num_queries):
    partnership.reveal()
    slugs = iter([SLUG, NEXT])

    def save(client):
        return client.post(
            url(partnership, "moderate", next(slugs)),
            {"version": 0, "answer": "2", "rationale": "x"},
        )

    asked(partnership, "lead", django_assert_num_queries, SAVE_AGREED + 1, save)


@pytest.mark.parametrize("data", [little, much])
def test_draft_report_queries(partnership, django_assert_num_queries, data):
    meeting = data(partnership)
    address = url(meeting, "report")
    expected = DRAFT_REPORT + (data is much)  # One more for the hash of the baseline.
    asked(meeting, "lead", django_assert_num_queries, expected, lambda c: c.get(address))


@pytest.mark.parametrize("data", [little, much])
def test_submitted_report_queries(partnership, django_assert_num_queries, data):
    meeting = data(partnership)
    submit(meeting)
    address = url(meeting, "report")
    asked(meeting, "lead", django_assert_num_queries, REPORT, lambda c: c.get(address))


@pytest.mark.parametrize("data", [little, much])
def test_area_home_queries(partnership, django_assert_num_queries, data):
    meeting = data(partnership)
    submit(meeting)
    third = next_assessment(meeting, "Third")
    address = third.area.get_absolute_url()
    asked(third, "lead", django_assert_num_queries, AREA_HOME, lambda c: c.get(address))


@pytest.mark.parametrize("many", [1, 3])
def test_comments_page_queries(partnership, django_assert_num_queries, many):
    partnership.reveal()
    for _ in range(many):
        CommentFactory(
            assessment=partnership.assessment, statement=partnership.statement(SLUG),
            resolved_at=timezone.now(), resolved_by=UserFactory(),
        )  # fmt: skip
        MembershipFactory(area=partnership.area)
    address = url(partnership, "comments", SLUG)
    asked(partnership, "lead", django_assert_num_queries, COMMENTS, lambda c: c.get(address))


@pytest.mark.parametrize("many", [1, 3])
def test_assessment_list_queries(partnership, django_assert_num_queries, many):
    for number in range(many):
        AssessmentFactory(
            area=partnership.area, title=f"Old {number}", stage="cancelled",
            cancelled_from="scoring", cancelled_at=timezone.now(), cancel_reason="x",
            cancelled_by=partnership.people["lead"],
        )  # fmt: skip
    address = reverse("assessments:assessment-list", args=[partnership.area.dfe_code])
    asked(partnership, "lead", django_assert_num_queries, LIST, lambda c: c.get(address))
