"""Killed in the middle: what was acknowledged is there, what was not is there whole or not at all."""

from __future__ import annotations

from django.db import connection

from areas.models import AuditEvent
from assessments.models import Score
from tests.conftest import Partnership
from tests.faults.conftest import free_port, kill, scorers, web
from tests.faults.scorers import AtWork, Saved, Scorer


def assert_nothing_lost(area: Partnership, people: list[Scorer]) -> None:
    rows = {
        (return_id, slug): Saved(answer, reason, version)
        for return_id, slug, answer, reason, version in Score.objects.filter(
            partner_return__assessment=area.assessment
        ).values_list("partner_return_id", "statement__slug", "answer", "reason", "version")
    }
    known = {(who.row.pk, slug) for who in people for slug in (*who.kept, *who.unknown)}
    assert rows.keys() <= known
    for who in people:
        for slug in who.slugs:
            may_be = {who.kept.get(slug), who.unknown.get(slug, who.kept.get(slug))}
            assert rows.get((who.row.pk, slug)) in may_be, (slug, who.kept.get(slug))


def assert_history_is_whole(area: Partnership) -> None:
    """An answer and its line in the history are one change: never one without the other."""
    told = AuditEvent.objects.filter(assessment_id=area.assessment.pk, verb="score.save")
    scored = Score.objects.filter(partner_return__assessment=area.assessment)
    assert set(told.values_list("partner_id", "statement")) == set(
        scored.values_list("partner_return__partner_id", "statement__slug")
    )


def test_web_killed_while_everyone_saves(area, environment):
    port = free_port()
    people = scorers(area, port)
    with AtWork(people) as at_work:
        with web(environment, port) as server:
            at_work.wait_for(60)
            kill(server)
        with web(environment, port):
            at_work.wait_for(30)

    # Some were cut off in the middle, so that there was something to lose.
    assert any(who.unknown for who in people)
    assert {status for who in people for status in who.said} == {302}
    assert_nothing_lost(area, people)
    assert_history_is_whole(area)


def test_database_killed_while_everyone_saves(area, environment, cluster):
    port = free_port()
    people = scorers(area, port)
    with web(environment, port), AtWork(people) as at_work:
        at_work.wait_for(60)
        cluster.kill()
        wait_until_refused(people)
        cluster.start()
        connection.close()  # this test's own
        # The same web processes: nobody has to start them again.
        at_work.wait_for(30)

    assert {status for who in people for status in who.said} == {302, 503}
    assert_nothing_lost(area, people)
    assert_history_is_whole(area)


def wait_until_refused(people: list[Scorer]) -> None:
    for who in people:
        while 503 not in who.said:
            who.is_done.wait(0.05)
        assert "Sorry, the portal is unavailable" in who.last_words
        assert "Traceback" not in who.last_words
