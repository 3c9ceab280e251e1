"""Weak Wi-Fi, a second window, a long lunch: what was typed is there afterwards."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from assessments.models import AgreedScore, Score
from tests.conftest import Partnership
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
WHY = "Why this answer?"
TEXT = "We met twice a term and wrote it down."


@pytest.fixture
def page_of_health(visit: Visit, partnership: Partnership) -> Visitor:
    health = visit()
    health.sign_in(partnership.people["health"])
    row = partnership.returns["health"]
    health.go(
        f"/assessments/{row.assessment_id}/returns/{row.pk}/{partnership.statements[0].slug}/"
    )
    health.at(partnership.statements[0].title)
    return health


def state(visitor: Visitor):
    return visitor.page.get_by_role("status")


def saved() -> tuple[str, str, int]:
    row = Score.objects.get()
    return row.answer, row.reason, row.version


def test_a_level_and_a_text_are_saved_within_two_seconds(page_of_health):
    health = page_of_health
    health.choose("Level 2")
    expect(state(health)).to_contain_text("Saved at", timeout=2000)
    assert saved() == ("2", "", 1)
    expect(health.page.locator(".app-map__cell--current")).to_have_class(
        "app-map__cell app-map__cell--current app-map__cell--answered"
    )

    health.page.get_by_label(WHY).press_sequentially("We met")
    started = time.monotonic()
    while saved()[1] != "We met" and time.monotonic() - started < 4:
        time.sleep(0.1)
    assert saved() == ("2", "We met", 2)
    assert time.monotonic() - started < 2.2
    expect(health.page.get_by_text("without saving this one")).to_have_count(0)
    health.at(health.page.locator("h1").inner_text())


def test_saving_is_spoken_once_and_never_while_typing(page_of_health):
    health = page_of_health
    health.page.evaluate(
        """() => { window.said = []; const node = document.getElementById('save-state');
        new MutationObserver(() => {
          const words = [...node.childNodes].filter(n => !n.ariaHidden).map(n => n.textContent).join(' ').trim();
          if (said.at(-1) !== words) said.push(words);
        }).observe(node, {childList: true, characterData: true, subtree: true, attributes: true}); }"""
    )
    health.page.get_by_label(WHY).press_sequentially(
        "Seven words are typed here one after", delay=20
    )
    expect(state(health)).to_contain_text("Saved at")
    said = health.page.evaluate("said")
    assert [words for words in said if words.startswith("Saved at")] == [said[-1]]
    assert not any("Saving" in words for words in said)


def test_without_a_connection_the_text_stays_and_is_sent_when_it_is_back(page_of_health):
    health = page_of_health
    health.page.context.set_offline(True)
    health.page.get_by_label(WHY).fill(TEXT)
    expect(state(health)).to_contain_text("Not saved. No connection: your text is kept here")
    assert not Score.objects.exists()

    health.page.context.set_offline(False)

    expect(state(health)).to_contain_text("Saved at", timeout=10_000)
    assert saved() == ("", TEXT, 1)


def test_signed_out_while_writing_the_text_is_there_after_signing_in(page_of_health, partnership):
    health = page_of_health
    Session.objects.all().delete()
    health.page.get_by_label(WHY).fill(TEXT)
    expect(state(health)).to_contain_text("Not saved. You have been signed out")
    health.page.on("dialog", lambda dialog: dialog.accept())
    # As slowly as a person presses: leaving the field meanwhile must not take the link away.
    state(health).get_by_role("link", name="Sign in").click(delay=500)
    health.page.get_by_label("Email").fill(partnership.people["health"].email)
    health.page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    health.press("Sign in")

    expect(health.page.get_by_label(WHY)).to_have_value(TEXT)
    expect(state(health)).to_contain_text("Saved at")
    health.at(partnership.statements[0].title)
    assert saved() == ("", TEXT, 1)


def test_a_second_window_is_never_overwritten_without_a_word(page_of_health, partnership):
    health = page_of_health
    other = health.page.context.new_page()
    other.goto(health.page.url)
    other.get_by_label(WHY).fill("From the other window.")
    expect(other.get_by_role("status")).to_contain_text("Saved at")

    health.page.get_by_label(WHY).fill(TEXT)
    expect(state(health)).to_contain_text("Not saved. You changed this answer.")
    health.press("See both versions")

    health.at("You changed this answer in another window", status=409)
    health.sees("From the other window.")
    health.sees(TEXT)


def test_a_session_that_is_about_to_end_can_be_kept(page_of_health, partnership):
    health = page_of_health
    for row in Session.objects.all():
        values = row.get_decoded() | {"ends_at": int(time.time()) + 300}
        row.session_data = Session.objects.encode(values)
        row.save()
    health.page.reload()

    dialog = health.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("You will be signed out at")
    health.at(partnership.statements[0].title, shot="timeout")
    dialog.get_by_role("button", name="Stay signed in").click()

    expect(dialog).to_be_hidden()
    ends_at = Session.objects.get(session_key=session_key(health)).get_decoded()["ends_at"]
    assert ends_at > time.time() + 3600


def session_key(visitor: Visitor) -> str:
    cookies = {c["name"]: c["value"] for c in visitor.page.context.cookies()}
    return cookies["sessionid"]


def test_an_agreed_level_is_saved_while_the_meeting_talks(visit: Visit, partnership: Partnership):
    partnership.reveal({"health": "3"})
    lead = visit()
    lead.sign_in(partnership.people["lead"])
    statement = partnership.statements[0]
    lead.go(f"/assessments/{partnership.assessment.pk}/moderation/{statement.slug}/")
    lead.at(f"{statement.code} {statement.title}")
    lead.page.locator("#agree").get_by_role("radio", name="Level 2").check(force=True)
    expect(state(lead)).to_contain_text("Not saved yet. Write why you agreed this")
    lead.page.get_by_label("Why did you agree this?").fill("Five of six say so.")
    expect(state(lead)).to_contain_text("Saved at")

    row = AgreedScore.objects.get()
    assert (row.answer, row.rationale) == ("2", "Five of six say so.")
