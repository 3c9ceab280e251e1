"""Reminders and digests: to whom, when, with which words, and each once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from areas.models import User
from areas.permissions import Role
from assessments import tasks
from assessments.actions.dates import change_dates
from assessments.actions.moderation import finish_moderation
from assessments.actions.scoring import submit_return, withdraw_return
from assessments.emails.reminders import post_due
from assessments.models import Assessment, PartnerReturn
from send_portal import mail
from send_portal.management.commands.work import enqueue_reminders
from send_portal.models import Mail
from tests import factories
from tests.assessments.days import CLOSES, MEETS, SIGNS, at, grace, set_days
from tests.assessments.shortcuts import open_sign_off
from tests.conftest import make_partnership
from tests.databases import on_postgresql

WORKING = "09:00"


@pytest.fixture
def scoring(partnership):
    set_days(partnership)
    return partnership


@pytest.fixture
def signing(partnership):
    set_days(partnership)
    with at(MEETS):
        partnership.reveal()
        open_sign_off(partnership)
    return partnership


def post_on(day, hour=WORKING):
    with at(day, hour):
        return post_due(timezone.localdate())


def posted(kind):
    """Addresses of the mail of a kind, by its key."""
    return sorted(Mail.objects.filter(key__startswith=f"{kind}:").values_list("to", flat=True))


def emails(partnership, *who):
    return sorted(partnership.people[name].email for name in who)


def before(days):
    return CLOSES - timedelta(days=days)


SECTORS = ["health", "social_care", "schools", "parent_carers", "young_people"]
EVERYONE = ["lead", "local_authority", *SECTORS]


# ---- To those who score ------------------------------------------------------------------------


@pytest.mark.parametrize("days", [14, 3, -1])
def test_those_who_have_not_submitted_are_reminded(scoring, days):
    scoring.mark_submitted("schools")
    post_on(before(days))
    waited = [who for who in EVERYONE if who != "schools"]
    assert posted("reminder") == emails(scoring, *waited)


@pytest.mark.parametrize("days", [15, 11, 4, 0, -4])
def test_on_other_days_nobody_is(scoring, days):
    post_on(before(days))
    assert posted("reminder") == []


def test_the_words_before_the_day(scoring, letters):
    scoring.answer("health", {"agency-joint-design": "4"}, reason="Planted")
    post_on(before(3))
    letter = next(m for m in letters() if m.to == emails(scoring, "health"))
    row = scoring.returns["health"]
    assert letter.subject == "Moorland: scoring closes on 17 July, 1 of 32 answered"
    assert "1 of 32 statements are answered, and 31 are left." in letter.body
    assert "Scoring closes at the end of Friday 17 July 2026." in letter.body
    assert f"/assessments/{row.assessment_id}/returns/{row.pk}/?continue=1\n" in letter.body
    assert "Planted" not in letter.body


def test_the_words_when_nothing_is_answered_and_when_all_is(scoring, letters):
    scoring.answer("health", "2")
    post_on(before(14))
    bodies = {letter.to[0]: letter.body for letter in letters()}
    assert "None of the 32 statements is answered yet." in bodies[scoring.people["schools"].email]
    health = bodies[scoring.people["health"].email]
    assert "All 32 statements are answered. Please check the scores and submit them." in health
    assert "?continue=1" not in health


def test_the_words_after_the_day(scoring, letters):
    post_on(before(-1))
    letter = next(m for m in letters() if m.to == emails(scoring, "parent_carers"))
    assert letter.subject == (
        "Moorland: scoring has closed, and Moorland Parent carers has not submitted"
    )
    assert "ask the SEND lead of your area" in letter.body
    assert "0 of 29 statements" in letter.body


def test_no_mail_tells_one_partner_what_another_scored(scoring, letters):
    """Whatever health chose, all mail but its own count is the same."""

    def written(level):
        Mail.objects.all().delete()
        scoring.returns["health"].scores.all().delete()
        scoring.answer("health", level, reason="Planted words")
        for days in (14, 3, -1):
            post_on(before(days))
        return sorted(Mail.objects.values_list("key", "to", "subject", "body"))

    assert written("1") == written("4")
    assert "Planted" not in str(written("4"))


def test_somebody_with_two_roles_for_a_partner_gets_one_reminder(scoring):
    factories.MembershipFactory(
        user=scoring.people["health"], role=Role.LEAD, area=scoring.area,
        partner=scoring.partners["health"],
    )  # fmt: skip
    post_on(before(3))
    assert posted("reminder").count(scoring.people["health"].email) == 1


def test_somebody_who_scores_for_two_partners_gets_one_for_each(scoring):
    factories.MembershipFactory(
        user=scoring.people["health"], role=Role.CONTRIBUTOR, area=scoring.area,
        partner=scoring.partners["schools"],
    )  # fmt: skip
    post_on(before(3))
    assert posted("reminder").count(scoring.people["health"].email) == 2


def test_somebody_removed_closed_or_of_another_role_gets_none(scoring):
    scoring.people["health"].memberships.all().delete()
    User.objects.filter(pk=scoring.people["schools"].pk).update(is_active=False)
    post_on(before(3))
    found = set(posted("reminder"))
    assert not found & set(emails(scoring, "health", "schools", "health_board", "viewer"))


def test_a_return_taken_back_is_reminded_again_and_a_submitted_one_not(scoring):
    scoring.answer("health", "2")
    row, by = scoring.returns["health"], scoring.people["health"]
    with at(before(5)):
        submit_return(partner_return=row, by=by)
    post_on(before(3))
    assert by.email not in posted("reminder")
    with at(before(3), "15:00"):
        withdraw_return(partner_return=row, by=by)
    post_on(before(3), "15:15")
    assert by.email in posted("reminder")


def test_with_grace_the_partner_s_own_day_counts(scoring, letters):
    until = CLOSES + timedelta(days=4)
    grace(scoring, "health", until, given=before(6))
    health = scoring.people["health"].email
    post_on(before(3))
    assert health not in posted("reminder")
    post_on(until - timedelta(days=3))
    assert posted("reminder").count(health) == 1
    letter = next(m for m in letters() if m.to == [health])
    assert "Scoring closes at the end of Tuesday 21 July 2026." in letter.body
    post_on(until + timedelta(days=1))
    assert posted("reminder").count(health) == 2


def test_whoever_got_grace_today_is_not_reminded_of_it_today(scoring):
    grace(scoring, "health", CLOSES + timedelta(days=2), given=before(1))
    post_on(before(1))
    assert scoring.people["health"].email not in posted("reminder")


def test_extended_days_are_reminded_of_anew(scoring):
    post_on(before(3))
    first = len(posted("reminder"))
    with at(before(2)):
        change_dates(
            assessment=scoring.assessment,
            days={
                "scoring_closes_on": CLOSES + timedelta(days=6),
                "moderation_on": MEETS, "sign_off_by": SIGNS,
            },
            reason="More time.", by=scoring.people["lead"],
        )  # fmt: skip
        post_due(timezone.localdate())
    post_on(before(-1))
    assert len(posted("reminder")) == first, "that day is no longer the day after"
    post_on(CLOSES + timedelta(days=3))
    assert len(posted("reminder")) == 2 * first


def test_a_cycle_that_began_after_the_day_of_a_reminder_has_none_of_it(partnership):
    set_days(partnership, started=before(13))
    post_on(before(13))
    assert posted("reminder") == []


def test_a_cancelled_or_revealed_assessment_reminds_nobody_to_score(scoring):
    with at(before(4)):
        scoring.reveal()
    post_on(before(3))
    assert posted("reminder") == posted("digest") == []


# ---- To the lead -------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [14, 3, -1, 18])  # the last is a Monday
def test_the_lead_gets_a_digest(scoring, days):
    post_on(before(days))
    assert posted("digest") == emails(scoring, "lead")


def test_the_digest_tells_counts_and_who_is_missing(scoring, letters):
    scoring.answer("schools", {"agency-joint-design": "4"}, reason="Planted")
    scoring.mark_submitted("health", "social_care")
    scoring.people["young_people"].memberships.all().delete()
    scoring.people["local_authority"].memberships.all().delete()
    scoring.people["lead"].memberships.update(partner=None)
    factories.InvitationFactory(
        area=scoring.area, partner=scoring.partners["young_people"], role=Role.CONTRIBUTOR,
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    grace(scoring, "parent_carers", CLOSES + timedelta(days=2))
    post_on(before(3))
    letter = next(m for m in letters() if m.subject.endswith("partners have submitted"))
    assert letter.subject == "Moorland: 2 of 6 partners have submitted"
    paragraphs = letter.body.split("\n\n")
    assert "Submitted:\n- Moorland Health\n- Moorland Social care" in paragraphs
    assert "Started, not submitted:\n- Moorland Schools: 1 of 32 answered" in paragraphs
    assert "Not started:\n- Moorland Parent carers, has until 19 July" in paragraphs
    assert "Invited, but nobody has joined yet:\n- Moorland Young people" in paragraphs
    assert "Nobody is invited to score for:\n- Moorland Council" in paragraphs
    assert "Planted" not in letter.body


def test_the_digest_after_the_day_says_that_the_lead_decides(scoring, letters):
    post_on(before(-1))
    letter = next(m for m in letters() if m.subject.endswith("partners have submitted"))
    assert "Nothing is revealed until you decide" in letter.body


def test_the_day_of_a_reminder_that_is_a_monday_brings_one_digest(partnership):
    set_days(partnership, closes=CLOSES - timedelta(days=1))  # 3 days before is a Monday
    for hour in ("08:00", "12:00"):
        post_on(before(4), hour)
    assert len(posted("digest")) == 1


# ---- The meeting, and signing ------------------------------------------------------------------


def test_the_day_before_the_meeting_those_who_take_part_are_told(scoring, letters):
    with at(before(1)):
        scoring.reveal()
    post_on(MEETS - timedelta(days=1))
    assert posted("meeting") == emails(scoring, *EVERYONE)
    letter = letters()[0]
    assert letter.subject == "Moorland: the moderation meeting is on Thursday 23 July"
    assert f"/assessments/{scoring.assessment.pk}/moderation/" in letter.body


def test_no_meeting_is_announced_while_scores_are_hidden(scoring):
    post_on(MEETS - timedelta(days=1))
    assert posted("meeting") == []


@pytest.mark.parametrize("days", [7, 1, -1])
def test_those_who_have_not_signed_are_reminded_and_the_lead_told_who(signing, letters, days):
    factories.SignOffFactory(partner_return=signing.returns["health"])
    signing.people["schools_board"].memberships.all().delete()
    post_on(SIGNS - timedelta(days=days))
    boards = ["local_authority", "social_care", "parent_carers", "young_people"]
    assert posted("sign") == emails(signing, *(f"{sector}_board" for sector in boards))
    assert posted("signatures") == emails(signing, "lead")
    letter = next(m for m in letters() if m.subject.endswith("partners have not signed"))
    assert letter.subject == "Moorland: 5 of 6 partners have not signed"
    assert "- Moorland Schools: no board member can sign for it yet\n" in letter.body
    assert "- Moorland Council, required\n" in letter.body
    assert "Moorland Health" not in letter.body


def test_a_voided_signature_is_no_signature(signing):
    factories.SignOffFactory(
        partner_return=signing.returns["health"], voided_at=timezone.now(),
        voided_by=signing.people["lead"], void_reason="Reopened.",
    )  # fmt: skip
    post_on(SIGNS - timedelta(days=7))
    assert signing.people["health_board"].email in posted("sign")


def test_when_sign_off_opens_each_board_member_is_told_once(partnership, letters):
    set_days(partnership)
    partnership.reveal()
    with at(SIGNS - timedelta(days=7)):
        finish_moderation(assessment=partnership.assessment, by=partnership.people["lead"])
        # The same day would call for a reminder, but they have just been told.
        assert post_due(timezone.localdate()) == 0
    boards = [f"{sector}_board" for sector in partnership.returns]
    assert sorted(m.to[0] for m in letters()) == emails(partnership, *boards)
    letter = letters()[0]
    assert letter.subject == "Moorland: the report is ready for you to sign"
    assert "by Thursday 6 August 2026" in letter.body


def test_the_reveal_is_told_to_those_who_take_part(scoring, letters):
    for sector in scoring.returns:
        scoring.answer(sector, "2")
    with at(before(4)):
        for sector, row in scoring.returns.items():
            submit_return(partner_return=row, by=scoring.people[sector])
    told = letters()
    assert sorted(m.to[0] for m in told) == emails(scoring, *EVERYONE)
    assert {m.subject for m in told} == {"Moorland: all scores are shown"}
    assert f"/assessments/{scoring.assessment.pk}/moderation/" in told[0].body


# ---- Once --------------------------------------------------------------------------------------


def test_the_job_may_run_as_often_as_it_likes(scoring):
    assert post_on(before(3)) == 8  # seven reminders and a digest
    for late in (3, 2, 1):
        assert post_on(before(late)) == 0


@pytest.mark.parametrize(("late", "sent"), [(1, True), (2, True), (3, False)])
def test_a_missed_day_is_made_up_for_within_two_days(scoring, late, sent):
    post_on(before(14 - late))
    assert bool(posted("reminder")) is sent


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_post_one_mail_each(framework):
    partnership = make_partnership()
    set_days(partnership)
    ready = threading.Barrier(2)
    counts = []

    def work():
        ready.wait()
        counts.append(post_due(before(3)))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == Mail.objects.count() == DBTaskResult.objects.count() == 8
    assert posted("reminder") == emails(partnership, *EVERYONE)


def test_an_outage_of_the_mail_server_loses_none_and_doubles_none(scoring, settings, mailoutbox):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.assessments.outage.EmailBackend"
    with at(before(3)):
        post_due(timezone.localdate())
        for row in Mail.objects.all():
            mail.send(row.pk, timezone.now())
        assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.WAITING}
    settings.EMAIL_BACKEND = working
    with at(before(2)):
        post_due(timezone.localdate())
        for _ in range(2):
            for row in Mail.objects.all():
                mail.send(row.pk, timezone.now())
    assert sorted(m.to[0] for m in mailoutbox) == sorted(
        [*emails(scoring, *EVERYONE), scoring.people["lead"].email]
    )


# ---- Who does not want them --------------------------------------------------------------------


def test_whoever_wants_no_reminders_gets_no_reminder_and_no_digest(scoring, signing):
    names = ["lead", "health", "health_board"]
    User.objects.filter(email__in=emails(scoring, *names)).update(wants_reminders=False)
    post_on(SIGNS - timedelta(days=7))
    Assessment.objects.update(stage="scoring", revealed_at=None, revealed_by=None)
    PartnerReturn.objects.update(submitted_at=None, submitted_by=None)
    post_on(before(3))
    everybody = {*posted("reminder"), *posted("digest"), *posted("sign"), *posted("signatures")}
    assert everybody
    assert not everybody & set(emails(scoring, *names))


def test_each_reminder_says_how_to_stop_them(scoring, letters):
    post_on(before(3))
    for letter in letters():
        token = User.objects.get(email=letter.to[0]).reminders_token
        assert f"/reminders/{token}/\n" in letter.body
        assert letter.extra_headers["List-Unsubscribe"].endswith(f"/reminders/{token}/at-once/>")
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


# ---- The job and the command -------------------------------------------------------------------


@pytest.fixture
def clear_cache(db):
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize(
    ("hour", "runs"),
    [("07:59", False), ("08:00", True), ("17:59", True), ("18:00", False), ("23:30", False)],
)
def test_the_job_runs_in_daytime(clear_cache, hour, runs):
    with at(CLOSES, hour):
        assert enqueue_reminders(timezone.now()) is runs
    assert DBTaskResult.objects.count() == runs


def test_the_job_runs_at_weekends_too(clear_cache):
    with at(CLOSES + timedelta(days=1)):
        assert enqueue_reminders(timezone.now())


def test_the_job_is_enqueued_once_in_a_quarter_of_an_hour(clear_cache):
    with at(CLOSES, "09:00"):
        assert [enqueue_reminders(timezone.now()) for _ in range(3)] == [True, False, False]
    with at(CLOSES, "09:16"):
        assert enqueue_reminders(timezone.now())


def test_the_job_posts_what_is_due(scoring):
    with at(before(3)):
        tasks.send_reminders.call()
    assert len(posted("reminder")) == 7


def test_the_command_tells_what_it_would_send_and_sends_nothing(scoring, capsys):
    call_command("send_reminders", day="2026-07-14", dry_run=True)
    said = capsys.readouterr().out
    assert f"to {scoring.people['health'].email}\n" in said
    assert "8 reminders would be posted." in said
    assert not Mail.objects.exists()


def test_the_command_posts_once(scoring, capsys):
    for _ in range(2):
        call_command("send_reminders", day="2026-07-14")
    assert capsys.readouterr().out == "8 reminders posted.\n0 reminders posted.\n"


def test_the_command_takes_today_and_refuses_what_is_no_day(scoring, capsys):
    with at(before(3)):
        call_command("send_reminders")
    assert "8 reminders posted." in capsys.readouterr().out
    with pytest.raises(CommandError, match="must be a day"):
        call_command("send_reminders", day="tomorrow")


@pytest.mark.parametrize("areas", [1, 3])
def test_the_job_asks_the_database_as_often_for_many_areas(
    framework, django_assert_num_queries, areas
):
    for number in range(areas):
        set_days(make_partnership(f"Area {number}"))
    post_on(before(3))
    # Assessments, returns, counts, people, invitations, signatures, what was told, and which
    # mail is there.
    with at(before(3)), django_assert_num_queries(8):
        assert post_due(timezone.localdate()) == 0


def test_a_day_on_which_nothing_is_due_costs_two_queries(scoring, django_assert_num_queries):
    with at(before(8)), django_assert_num_queries(2):
        assert post_due(timezone.localdate()) == 0
