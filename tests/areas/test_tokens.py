"""Tokens for the API: made once, shown once, listed and revoked by their owner alone."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from areas.models import ApiToken, AuditEvent
from areas.models.invitations import hash_of
from areas.models.tokens import MOST_TOKENS
from tests import factories
from tests.conftest import client_of as signed_in

PAGE = "/account/tokens/"


@pytest.fixture
def person(db):
    return factories.UserFactory(name="Ann Example")


def acts():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", "sentence"))


def client_of(person):
    """Signed in, and has just given the password again."""
    client = signed_in(person)
    client.post("/account/reauthenticate/", {"password": factories.PASSWORD})
    return client


def make(person, name="Dashboard"):
    return client_of(person).post(PAGE, {"name": name})


def read_with(token):
    headers = {"Authorization": f"Bearer {token}"}
    return Client().get("/api/v1/areas/", headers=headers).status_code


def token_in(answer) -> str:
    return re.search(r"send_[\w-]{43}", answer.content.decode())[0]


def test_a_token_is_shown_once_and_kept_as_its_hash(person):
    answer = make(person)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    token, row = token_in(answer), ApiToken.objects.get()
    assert row.token_hash == hash_of(token)
    assert timedelta(days=364) < row.expires_at - timezone.now() <= timedelta(days=365)
    again = client_of(person).get(PAGE)
    assert b"Dashboard" in again.content
    assert b"Never used" in again.content
    assert b"send_" not in again.content
    assert acts() == [("token.create", "Ann Example made the API token “Dashboard”")]
    assert token not in str(AuditEvent.objects.values())
    assert read_with(token) == 200


def test_it_takes_the_password_again_and_then_goes_on(person):
    client = signed_in(person)
    answer = client.post(PAGE, {"name": "Dashboard"})
    assert answer.status_code == 302
    assert not ApiToken.objects.exists()
    page = client.get(answer["Location"])
    assert b"Enter your password again" in page.content
    refused = client.post(answer["Location"], {"password": "not it"})
    assert not ApiToken.objects.exists()
    assert b"Error:" in refused.content
    done = client.post(answer["Location"], {"password": factories.PASSWORD, "next": PAGE})
    assert read_with(token_in(done)) == 200
    # The form that comes back goes to its own address, not to that of the password.
    assert f'action="{PAGE}"'.encode() in client.get(PAGE).content


def test_another_password_ends_the_token(person):
    token = token_in(make(person))
    client = client_of(person)
    client.post(
        "/account/password/change/",
        {
            "oldpassword": factories.PASSWORD,
            "password1": "other-words-8",
            "password2": "other-words-8",
        },
    )
    assert read_with(token) == 401
    assert b"ended when you changed your password" in client.get(PAGE).content


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Enter what will use the token"),
        ("   ", "Enter what will use the token"),
        ("x" * 61, "What will use the token must be 60 characters or fewer"),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_given_back(person, name, message):
    answer = make(person, name)
    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_second_token_of_the_same_name_is_refused_so_a_reload_makes_none(person):
    make(person)
    answer = make(person)
    assert answer.status_code == 400
    assert "You have a token with this name" in answer.content.decode()
    assert b'value="Dashboard"' in answer.content
    assert ApiToken.objects.count() == 1


def test_a_person_has_ten_tokens_at_most(person):
    factories.ApiTokenFactory.create_batch(MOST_TOKENS, user=person)
    answer = make(person)
    assert answer.status_code == 400
    assert "You have 10 tokens. Revoke one first" in answer.content.decode()


def test_a_revoked_token_ends_at_once_and_frees_its_name(person):
    token = token_in(make(person))
    row = ApiToken.objects.get()
    client = client_of(person)
    assert "Revoke “Dashboard”?" in client.get(f"{PAGE}{row.pk}/revoke/").content.decode()
    assert ApiToken.objects.not_revoked().exists()
    answer = client.post(f"{PAGE}{row.pk}/revoke/", follow=True)
    assert "The token “Dashboard” is revoked." in answer.content.decode()
    assert "You have no tokens." in answer.content.decode()
    asked = Client().get("/api/v1/areas/", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 401
    assert acts()[-1] == ("token.revoke", "Ann Example revoked the API token “Dashboard”")
    assert client.post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert make(person).status_code == 200


def test_nobody_sees_or_revokes_another_person_s_token(person):
    row = factories.ApiTokenFactory(name="Secret dashboard")
    client = client_of(person)
    assert b"Secret dashboard" not in client.get(PAGE).content
    assert client.get(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert client.post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert ApiToken.objects.not_revoked().exists()


def test_an_expired_token_says_so(person):
    now = timezone.now()
    factories.ApiTokenFactory(
        user=person, created_at=now - timedelta(days=366), expires_at=now - timedelta(days=1)
    )
    assert b", ended on " in client_of(person).get(PAGE).content


def test_the_list_costs_the_same_whatever_its_length(person, django_assert_num_queries):
    client = client_of(person)
    for _ in range(2):
        factories.ApiTokenFactory(user=person)
        with django_assert_num_queries(4):
            client.get(PAGE)
        factories.ApiTokenFactory(user=person)
