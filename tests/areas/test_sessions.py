"""Signed out while writing: the text comes back to its writer, and to nobody else."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django.urls import reverse

from areas.sessions import KEPT, LARGEST, WHO
from assessments.models import Score
from tests import factories
from tests.assessments.pages import heading, soup, text
from tests.conftest import Partnership

SLUG = "agency-joint-design"
WRITTEN = {"version": "0", "answer": "3", "reason": "We met twice a term.", "then": "next"}


def sign_in(client: Client, user) -> None:
    client.post("/account/login/", {"login": user.email, "password": factories.PASSWORD})
    assert "_auth_user_id" in client.session


@pytest.fixture
def address(partnership: Partnership) -> str:
    row = partnership.returns["health"]
    return reverse("assessments:score", args=[row.assessment_id, row.pk, SLUG])


@pytest.fixture
def late(partnership: Partnership, address: str) -> Client:
    """Signed in, looked at a page, signed out by time, and then sent the form."""
    client = Client()
    sign_in(client, partnership.people["health"])
    client.get(address)
    client.session.flush()
    answer = client.post(address, WRITTEN)
    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/?next=/assessments/")
    return client


def test_what_was_sent_too_late_is_offered_after_signing_in(partnership, late, address):
    sign_in(late, partnership.people["health"])

    page = late.get(address)

    assert heading(page) == "You were signed out before this was saved"
    assert "We met twice a term." in text(page)
    form = soup(page).select("main form")[0]
    fields = {node["name"]: node["value"] for node in form.select("input")}
    fields.pop("csrfmiddlewaretoken", None)
    assert fields == WRITTEN
    assert late.post(form["action"], fields).status_code == 302
    assert Score.objects.get().reason == "We met twice a term."
    assert KEPT not in late.session


def test_it_can_be_thrown_away(partnership, late, address):
    sign_in(late, partnership.people["health"])

    answer = late.post(address, {"leave": "1"})

    assert (answer.status_code, answer.url) == (302, "/")
    assert not Score.objects.exists()
    assert "signed out before" not in text(late.get(address))


def test_somebody_else_at_the_same_browser_never_sees_it(partnership, late, address):
    sign_in(late, partnership.people["lead"])

    assert "We met twice a term." not in text(late.get(address))
    late.get("/")
    assert KEPT not in late.session


def test_nothing_is_kept_of_who_never_signed_in_here(partnership, address):
    client = Client()

    client.post(address, WRITTEN)

    assert KEPT not in client.session


def test_a_forged_cookie_keeps_nothing(partnership, address):
    client = Client()
    client.cookies[WHO] = "MQ:1abcde:not-a-signature"

    client.post(address, WRITTEN)

    assert KEPT not in client.session


def test_no_password_and_nothing_huge_is_kept(partnership, late, address):
    late.session.flush()
    late.post(address, {**WRITTEN, "password": "secret-words", "csrfmiddlewaretoken": "t"})
    assert sorted(name for name, _ in late.session[KEPT]["fields"]) == sorted(WRITTEN)

    late.session.flush()
    late.post(address, {**WRITTEN, "reason": "x" * LARGEST})
    assert KEPT not in late.session


def test_a_script_is_told_that_the_person_is_signed_out(partnership, late, address):
    answer = late.post(address, WRITTEN, headers={"X-Autosave": "1"})

    assert answer.status_code == 403


def test_a_session_ends_on_its_hour_and_not_before(partnership, address, settings):
    client = Client()
    sign_in(client, partnership.people["health"])
    session = client.session
    assert session["ends_at"] == pytest.approx(time.time() + settings.SESSION_COOKIE_AGE, abs=5)
    assert client.get(address).status_code == 200

    session["ends_at"] = int(time.time()) - 1
    session.save()

    assert client.get(address).status_code == 302


def test_staying_signed_in_starts_the_clock_again(partnership, settings):
    client = Client()
    sign_in(client, partnership.people["health"])
    session = client.session
    session["ends_at"] = int(time.time()) + 60
    session.save()

    answer = client.post("/account/stay/")

    assert answer.json()["ends_at"] == client.session["ends_at"]
    assert answer.json()["ends_at"] == pytest.approx(
        time.time() + settings.SESSION_COOKIE_AGE, abs=5
    )
    page = client.get("/")
    assert soup(page).body["data-session-ends"] == str(answer.json()["ends_at"])


def test_the_cookie_that_remembers_who_sat_here_is_kept_from_scripts(partnership):
    client = Client()
    sign_in(client, partnership.people["health"])
    client.get("/")

    cookie = client.cookies[WHO]
    assert (cookie["httponly"], cookie["samesite"], cookie["expires"]) == (True, "Lax", "")


def test_a_form_of_another_session_is_refused_with_its_text_to_copy(partnership, address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(partnership.people["health"])

    page = client.post(address, WRITTEN)

    assert page.status_code == 403
    assert heading(page) == "We could not save that"
    assert "We met twice a term." in text(page)
