"""Reminders off and on: from one's own page, from a mail, and by the mail program itself."""

import pytest
from django.test import Client
from django.urls import reverse

from areas.models import AuditEvent, User
from tests.conftest import client_of
from tests.factories import UserFactory


@pytest.fixture
def person(db):
    return UserFactory(name="Ann Example")


def page(person):
    return reverse("areas:stop-reminders", args=[person.reminders_token])


def at_once(person):
    return reverse("areas:stop-reminders-at-once", args=[person.reminders_token])


def wants(person):
    return User.objects.get(pk=person.pk).wants_reminders


def acts():
    return list(AuditEvent.objects.order_by("pk").values_list("sentence", flat=True))


# ---- From a mail, without signing in -----------------------------------------------------------


def test_looking_changes_nothing_and_names_nobody(person):
    answer = Client().get(page(person))
    assert b"Stop reminders" in answer.content
    assert b"Ann Example" not in answer.content
    assert person.email.encode() not in answer.content
    assert wants(person)


def test_the_button_stops_and_another_starts_again(person):
    client = Client()
    answer = client.post(page(person), {"wants": "no"}, follow=True)
    assert b"Reminders are off" in answer.content
    assert not wants(person)
    client.post(page(person), {"wants": "yes"})
    assert wants(person)
    assert acts() == [
        "Ann Example switched reminders off",
        "Ann Example switched reminders on",
    ]


def test_the_page_takes_no_post_without_its_token_of_the_form(person):
    answer = Client(enforce_csrf_checks=True).post(page(person), {"wants": "no"})
    assert answer.status_code == 403
    assert wants(person)


def test_stopping_twice_is_recorded_once(person):
    for _ in range(2):
        Client().post(page(person), {"wants": "no"})
    assert len(acts()) == 1


# ---- By the mail program (RFC 8058) ------------------------------------------------------------


def test_one_click_stops_without_session_and_form_token(person):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(at_once(person), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not wants(person)
    # As form data of several parts too; the standard allows both.
    body = "List-Unsubscribe=One-Click"
    answer = client.post(at_once(person), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200


def test_one_click_needs_the_words_of_the_standard(person):
    assert Client().post(at_once(person), {}).status_code == 400
    assert wants(person)


def test_an_older_mail_program_that_opens_the_address_finds_the_page(person):
    answer = Client().get(at_once(person))
    assert (answer.status_code, answer.url) == (302, page(person))
    assert wants(person)


@pytest.mark.parametrize("name", ["stop-reminders", "stop-reminders-at-once"])
def test_a_token_that_was_made_up_or_changed_leads_nowhere(person, name):
    other = UserFactory()
    stolen = f"{other.pk}.{person.reminders_token.partition('.')[2]}"
    for token in ("1", "x", "1.abc", stolen, f"{person.reminders_token}x"):
        url = reverse(f"areas:{name}", args=[token])
        data = {"List-Unsubscribe": "One-Click"}
        assert Client().get(url).status_code == 404
        assert Client().post(url, data).status_code == 404
    assert wants(other)


# ---- On one's own page -------------------------------------------------------------------------


def test_my_details_lead_to_the_switch(person):
    client, url = client_of(person), reverse("areas:reminders")
    assert url.encode() in client.get(reverse("areas:my-details")).content
    answer = client.post(url, {"wants": "no"}, follow=True)
    assert b"You get no more reminders by email." in answer.content
    assert b"You get no reminders." in answer.content
    assert not wants(person)
    assert b"You get reminders by email." in client.post(url, {"wants": "yes"}, follow=True).content


@pytest.mark.parametrize("data", [{}, {"wants": "perhaps"}])
def test_an_answer_that_is_none_is_refused(person, data):
    answer = client_of(person).post(reverse("areas:reminders"), data)
    assert answer.status_code == 400
    assert wants(person)
