"""Signing in and out, by invitation only, without telling who has an account."""

import re

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from areas.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
RESET = "/account/password/reset/"


@pytest.fixture
def person():
    return UserFactory(email="ada@area.example", name="Ada North")


def main(response) -> str:
    soup = BeautifulSoup(response.content, "html.parser")
    return " ".join(soup.main.get_text(" ").split())


def sign_in(client: Client, login: str, password: str, **extra):
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_signs_in_and_shows_who_you_are(person):
    client = Client()

    response = sign_in(client, "ada@area.example", PASSWORD, follow=True)

    assert response.redirect_chain[-1] == ("/", 302)
    assert is_signed_in(client)
    assert "Ada North" in response.content.decode()


def test_the_address_counts_in_any_case(person):
    client = Client()

    sign_in(client, "ADA@Area.Example", PASSWORD)

    assert is_signed_in(client)


def test_after_signing_in_you_are_where_you_wanted_to_be(person):
    response = Client().post(
        f"{LOGIN}?next=/areas/", {"login": person.email, "password": PASSWORD, "next": "/areas/"}
    )

    assert response["Location"] == "/areas/"


def test_nobody_is_sent_to_another_site(person):
    response = Client().post(
        LOGIN, {"login": person.email, "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert response["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_read_the_same(person):
    wrong = sign_in(Client(), "ada@area.example", "not-the-password")
    unknown = sign_in(Client(), "nobody@area.example", "not-the-password")

    assert wrong.status_code == unknown.status_code
    assert main(wrong) == main(unknown)
    assert "There is a problem" in main(wrong)
    assert "are not correct" in main(wrong)
    assert BeautifulSoup(wrong.content, "html.parser").title.text.startswith("Error: ")


def test_what_is_missing_is_named(person):
    response = sign_in(Client(), "", "")

    assert "Enter your email address" in main(response)
    assert "Enter your password" in main(response)


@pytest.mark.parametrize("value", ["\x00", "x" * 5000, "😀", "' OR 1=1 --", "a@b"])
def test_no_input_breaks_the_page(person, value):
    client = Client()

    assert sign_in(client, value, value).status_code == 200
    assert not is_signed_in(client)


def test_a_closed_account_does_not_sign_in(person):
    person.is_active = False
    person.save()
    client = Client()

    sign_in(client, person.email, PASSWORD)

    assert not is_signed_in(client)


def test_an_account_closed_while_signed_in_is_out_at_once(person):
    client = Client()
    sign_in(client, person.email, PASSWORD)

    person.is_active = False
    person.save()

    assert client.get("/areas/").status_code == 302


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(person):
    client = Client()
    for _ in range(5):
        sign_in(client, person.email, "not-the-password")

    response = sign_in(client, person.email, PASSWORD)

    assert not is_signed_in(client)
    assert "Too many failed login attempts" in main(response)


def test_guessing_at_one_account_does_not_lock_out_another(person):
    other = UserFactory()
    for _ in range(5):
        sign_in(Client(), person.email, "not-the-password")
    client = Client()

    sign_in(client, other.email, PASSWORD)

    assert is_signed_in(client)


def test_nobody_signs_up():
    client = Client()

    assert "invitation" in main(client.get("/account/signup/"))
    client.post(
        "/account/signup/",
        {"email": "new@area.example", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert not User.objects.exists()
    assert not is_signed_in(client)


def test_a_password_reset_page_never_tells_whether_there_is_an_account(person, letters):
    known = Client().post(RESET, {"email": person.email}, follow=True)
    unknown = Client().post(RESET, {"email": "nobody@area.example"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert main(known) == main(unknown).replace("nobody@area.example", person.email)
    links = {mail.to[0]: "/account/password/reset/key/" in mail.body for mail in letters()}
    assert links[person.email] is True
    assert links.get("nobody@area.example") in {None, False}


def test_a_new_password_is_set_by_the_link_of_the_mail_once(person, letters):
    client = Client()
    client.post(RESET, {"email": person.email})
    link = re.search(r"/account/password/reset/key/\S+", letters()[0].body)[0]

    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0]
    client.post(address, {"password1": "a-new-long-word", "password2": "a-new-long-word"})

    assert sign_in(Client(), person.email, PASSWORD).status_code == 200
    again = Client()
    sign_in(again, person.email, "a-new-long-word")
    assert is_signed_in(again)
    assert Client().get(link, follow=True).context["token_fail"] is True


@pytest.mark.parametrize("password", ["short", "password12", "ada@area.example"])
def test_a_weak_password_is_refused(person, letters, password):
    client = Client()
    client.post(RESET, {"email": person.email})
    link = re.search(r"/account/password/reset/key/\S+", letters()[0].body)[0]
    address = client.get(link, follow=True).redirect_chain[-1][0]

    response = client.post(address, {"password1": password, "password2": password})

    assert response.status_code == 200
    assert "There is a problem" in main(response)


def test_signing_out_takes_a_post(person):
    client = Client()
    sign_in(client, person.email, PASSWORD)

    page = client.get("/account/logout/")
    assert page.status_code == 200
    assert is_signed_in(client), "looking at the page changes nothing"

    response = client.post("/account/logout/", follow=True)
    assert not is_signed_in(client)
    assert response.redirect_chain[-1][0] == "/"


def test_a_code_by_mail_signs_in(person, letters):
    client = Client()
    client.post("/account/login/code/", {"email": person.email})
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", letters()[0].body, re.MULTILINE)[1]

    client.post("/account/login/code/confirm/", {"code": "WRONG1"})
    assert not is_signed_in(client)
    client.post("/account/login/code/confirm/", {"code": code})

    assert is_signed_in(client)


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(person):
    client = Client()
    sign_in(client, person.email, PASSWORD)

    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
