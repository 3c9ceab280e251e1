"""The other end of an invitation: joining by the link of the mail, once, as the person invited."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from areas.actions import invitations as actions
from areas.actions.errors import InvitationClosedError
from areas.models import AuditEvent, Invitation, Membership, User
from areas.permissions import Role
from send_portal.logs import WithoutSecretLinks
from tests.conftest import client_of
from tests.databases import on_postgresql
from tests.factories import (
    PASSWORD,
    AreaFactory,
    InvitationFactory,
    MembershipFactory,
    PartnerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
URL = "/invitations/the-token/"
NEW = {"name": "Ann Lee", "job_title": "Manager", "password": "three-quiet-words"}


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def partner():
    return PartnerFactory(area=AreaFactory(name="Moorland"), name="Moorland Trust")


@pytest.fixture
def invitation(partner):
    return InvitationFactory(
        area=partner.area,
        partner=partner,
        role=Role.CONTRIBUTOR,
        email="ann@trust.example",
        token="the-token",
        invited_by=UserFactory(name="Zora Lead"),
    )


def main(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


# ---- Somebody new ------------------------------------------------------------------------------


def test_the_page_says_who_invites_to_what(invitation):
    text = main(Client().get(URL))

    assert "Join Moorland" in text
    assert "Zora Lead invites you to take part as contributor for Moorland Trust." in text
    assert "You will sign in as ann@trust.example" in text


def test_looking_changes_nothing(invitation):
    for client in (Client(), client_of(UserFactory(email=invitation.email))):
        client.get(URL)
        client.head(URL)

    assert not Membership.objects.exists()
    assert Invitation.objects.get().state == Invitation.State.WAITING


def test_somebody_new_gives_name_and_password_and_is_in(invitation, partner):
    client = Client()

    response = client.post(URL, NEW, follow=True)

    person = User.objects.get(email="ann@trust.example")
    assert (person.name, person.job_title) == ("Ann Lee", "Manager")
    assert person.check_password("three-quiet-words")
    assert (person.is_staff, person.is_superuser) == (False, False)
    membership = person.memberships.get()
    assert (membership.role, membership.area, membership.partner) == (
        "contributor", partner.area, partner,
    )  # fmt: skip
    assert is_signed_in(client)
    assert response.redirect_chain[-1][0] == f"/areas/{partner.area.dfe_code}/"
    assert "You have joined Moorland." in main(response)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.accepted_by) == (Invitation.State.USED, person)
    event = AuditEvent.objects.get()
    assert event.sentence == "Ann Lee joined as contributor for Moorland Trust"


def test_a_contributor_lands_where_scoring_begins(partnership):
    InvitationFactory(
        area=partnership.area,
        partner=partnership.partners["health"],
        role=Role.CONTRIBUTOR,
        token="the-token",
    )

    response = Client().post(URL, NEW, follow=True)

    assert response.redirect_chain[-1][0] == partnership.assessment.get_absolute_url()
    assert "Score for Moorland Health. 0 of 32 statements answered." in main(response)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LEAD])
def test_others_land_at_the_home_of_the_area(partnership, role):
    InvitationFactory(area=partnership.area, role=role, token="the-token")

    response = Client().post(URL, NEW, follow=True)

    assert response.redirect_chain[-1][0] == partnership.area.get_absolute_url()


@pytest.mark.parametrize(
    ("wrong", "target", "message"),
    [
        ({"name": ""}, "#id_name", "Enter your name"),
        ({"name": "x" * 121}, "#id_name", "Your name must be 120 characters or fewer"),
        ({"name": "Ann\x07"}, "#id_name", "Your name must be letters, not control signs"),
        ({"name": "Ann\u202eeel"}, "#id_name", "Your name must be letters, not control signs"),
        ({"password": ""}, "#id_password", "Choose a password"),
        ({"password": "short"}, "#id_password", "too short"),
        ({"password": "password12"}, "#id_password", "too common"),
        ({"password": "ann@trust.example"}, "#id_password", "too similar"),
        ({"job_title": "x" * 121}, "#id_job_title", "must be 120 characters or fewer"),
    ],
)
def test_what_is_missing_or_weak_is_explained(invitation, wrong, target, message):
    client = Client()

    response = client.post(URL, NEW | wrong)

    assert response.status_code == 400
    soup = BeautifulSoup(response.content, "html.parser")
    links = {link["href"]: link.text for link in soup.select(".govuk-error-summary a")}
    assert message in links[target]
    assert not User.objects.filter(email=invitation.email).exists()
    assert not is_signed_in(client)


def test_a_line_break_in_a_name_becomes_a_space(invitation):
    Client().post(URL, NEW | {"name": "Ann\r\nBcc: all@area.example"})

    assert User.objects.get(email=invitation.email).name == "Ann Bcc: all@area.example"


def test_no_field_of_the_form_gives_more_than_was_offered(invitation):
    more = {"role": "lead", "area": "1", "partner": "1", "email": "x@y.example", "is_staff": "on"}

    Client().post(URL, NEW | more | {"is_superuser": "on"})

    person = User.objects.get(email=invitation.email)
    assert (person.is_staff, person.is_superuser) == (False, False)
    assert [row.role for row in person.memberships.all()] == ["contributor"]
    assert not User.objects.filter(email="x@y.example").exists()


# ---- Somebody with an account ------------------------------------------------------------------


def test_the_page_is_the_same_whether_the_address_has_an_account(invitation):
    before = Client().get(URL)
    UserFactory(email=invitation.email)
    after = Client().get(URL)

    assert main(before) == main(after)


def test_somebody_with_an_account_signs_in_and_confirms(invitation):
    person = UserFactory(email=invitation.email)
    client = Client()
    page = BeautifulSoup(client.get(URL).content, "html.parser")
    sign_in = next(a["href"] for a in page.main.select("a") if a.text == "sign in to join")

    response = client.post(sign_in, {"login": person.email, "password": PASSWORD}, follow=True)

    assert response.redirect_chain[-1][0] == URL
    assert "Join Moorland?" in main(response)
    assert not person.memberships.exists()
    client.post(URL)
    assert person.memberships.get().role == "contributor"


def test_an_account_is_never_taken_over_by_the_form_for_new_people(invitation):
    person = UserFactory(email=invitation.email, name="As it was")
    client = Client()

    response = client.post(URL, NEW)

    assert response.status_code == 400
    assert "There is an account for this address. Sign in to join" in main(response)
    person.refresh_from_db()
    assert (person.name, person.check_password(PASSWORD)) == ("As it was", True)
    assert not person.memberships.exists()
    assert not is_signed_in(client)


def test_a_closed_account_does_not_come_back_by_an_invitation(invitation):
    UserFactory(email=invitation.email, is_active=False)
    client = Client()

    assert client.post(URL, NEW).status_code == 400
    client.post("/account/login/", {"login": invitation.email, "password": PASSWORD})

    assert not is_signed_in(client)
    assert not Membership.objects.exists()


def test_one_person_may_belong_to_many_areas_and_partners(invitation):
    person = UserFactory(email=invitation.email)
    MembershipFactory(user=person, role=Role.LEAD, area__name="Fenland")

    client_of(person).post(URL)

    assert {(row.role, row.area.name) for row in person.memberships.all()} == {
        ("lead", "Fenland"),
        ("contributor", "Moorland"),
    }


def test_a_role_that_one_has_already_is_not_doubled(invitation, partner):
    person = UserFactory(email=invitation.email)
    MembershipFactory(user=person, role=Role.CONTRIBUTOR, area=partner.area, partner=partner)

    assert client_of(person).post(URL).status_code == 302

    assert person.memberships.count() == 1
    assert Invitation.objects.get().state == Invitation.State.USED


def test_signed_in_as_somebody_else_is_told_so_and_may_sign_out(invitation):
    other = UserFactory(email="other@area.example")
    client = client_of(other)

    page = client.get(URL)

    assert "You are signed in as somebody else" in main(page)
    assert "ann@trust.example" in main(page)
    assert "other@area.example" in main(page)
    assert client.post(URL, NEW).status_code == 403
    assert not other.memberships.exists()
    form = BeautifulSoup(page.content, "html.parser").main.form
    answer = client.post(form["action"], {"next": form.select_one("[name=next]")["value"]})
    assert answer["Location"] == URL
    assert not is_signed_in(client)


def test_the_act_itself_lets_nobody_else_join(invitation):
    with pytest.raises(ValueError, match="another address"):
        actions.accept_invitation(invitation=invitation, by=UserFactory())


# ---- Links that are dead -----------------------------------------------------------------------


def used(row):
    return {"accepted_at": timezone.now(), "accepted_by": UserFactory(email=row.email)}


DEAD = {
    "used": used,
    "revoked": lambda row: {"revoked_at": timezone.now(), "revoked_by": UserFactory()},
    "expired": lambda row: {
        "mailed_at": timezone.now() - timedelta(days=14, seconds=2),
        "expires_at": timezone.now() - timedelta(seconds=1),
    },
}


@pytest.mark.parametrize("how", DEAD)
def test_a_dead_link_says_whom_to_ask_and_nothing_else(invitation, how):
    texts = set()
    for name, deadly in DEAD.items():
        row = InvitationFactory(area=invitation.area, token=name, invited_by=invitation.invited_by)
        Invitation.objects.filter(pk=row.pk).update(**deadly(row))
        texts.add(main(Client().get(f"/invitations/{name}/")))
    Invitation.objects.filter(pk=invitation.pk).update(**DEAD[how](invitation))
    client, people = Client(), User.objects.count()

    for answer in (client.get(URL), client.post(URL, NEW)):
        assert answer.status_code == 410
        assert {main(answer)} == texts, "used, withdrawn and expired read the same"
        assert "Ask Zora Lead of Moorland for a new invitation." in main(answer)
        assert "ann@trust.example" not in main(answer)
    assert (User.objects.count(), Membership.objects.count()) == (people, 0)


def test_a_link_that_never_was_is_404_and_reads_alike(db):
    answer = Client().get("/invitations/never-made/")

    assert answer.status_code == 404
    assert "Ask the SEND lead in your area for a new invitation." in main(answer)
    assert Client().post("/invitations/never-made/", NEW).status_code == 404


def test_it_works_on_the_last_day_and_no_longer(invitation, time_machine):
    time_machine.move_to(invitation.expires_at - timedelta(seconds=5))
    assert Client().get(URL).status_code == 200
    time_machine.move_to(invitation.expires_at)
    assert Client().get(URL).status_code == 410


def test_who_has_joined_and_follows_the_link_again_is_led_on(invitation):
    client = Client()
    client.post(URL, NEW)

    assert client.get(URL)["Location"] == f"/areas/{invitation.area.dfe_code}/next/"
    assert Client().get(URL).status_code == 410


def test_withdrawn_while_the_page_is_open_it_does_not_let_in(invitation):
    client = Client()
    assert client.get(URL).status_code == 200
    actions.revoke_invitation(invitation=invitation, by=invitation.invited_by)

    assert client.post(URL, NEW).status_code == 410
    assert not User.objects.filter(email=invitation.email).exists()


def test_sent_again_at_the_same_moment_the_old_link_does_not_let_in(invitation):
    stale = Invitation.objects.get()
    actions.resend_invitation(invitation=invitation, by=invitation.invited_by)

    with pytest.raises(InvitationClosedError):
        actions.open_account(invitation=stale, **NEW)
    with pytest.raises(InvitationClosedError):
        actions.resend_invitation(invitation=stale, by=stale.invited_by)
    assert not User.objects.filter(email=invitation.email).exists()


# ---- Safety ------------------------------------------------------------------------------------


def test_the_page_is_kept_nowhere_and_its_address_goes_to_nobody(invitation):
    for client in (Client(), client_of(UserFactory())):
        answer = client.get(URL)
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "same-origin"
        soup = BeautifulSoup(answer.content, "html.parser")
        assert soup.select("[href^=http], [src^=http]") == []


def test_a_form_from_another_site_does_not_join(invitation):
    assert Client(enforce_csrf_checks=True).post(URL, NEW).status_code == 403


def test_who_tries_links_by_the_dozen_has_to_wait(db):
    answers = [Client().post(f"/invitations/guess-{n}/", NEW).status_code for n in range(61)]

    assert answers == [404] * 60 + [429]


@pytest.mark.parametrize(
    "message",
    [
        "Bad Request: /invitations/{}/",
        "GET /account/login/?next=/invitations/{}/ HTTP/1.1",
        "Forbidden: /account/login/?next=%2Finvitations%2F{}%2F",
        "Gone: /account/password/reset/key/{}/",
    ],
)
def test_the_log_never_holds_a_link_that_lets_in(message):
    secret = "aB3-xYz_9"
    record = logging.LogRecord("django.request", 30, "", 0, "%s", (message.format(secret),), None)

    assert WithoutSecretLinks().filter(record)
    assert secret not in record.getMessage()
    assert "…" in record.getMessage()


def test_other_lines_of_the_log_stay_as_they_are():
    record = logging.LogRecord("x", 30, "", 0, "Not Found: %s (100%%)", ("/areas/%2F/",), None)

    assert WithoutSecretLinks().filter(record)
    assert record.getMessage() == "Not Found: /areas/%2F/ (100%)"


def test_a_refused_page_is_logged_without_its_link(invitation, settings, capsys):
    import logging.config

    logging.config.dictConfig(settings.LOGGING)
    Client().post(URL, {"name": ""})

    logged = capsys.readouterr().err
    assert "Bad Request: /invitations/…/" in logged
    assert "the-token" not in logged


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_ten_who_use_one_link_at_once_one_gets_in(invitation):
    barrier, outcomes = threading.Barrier(10), []

    def join(number: int) -> None:
        row = Invitation.objects.get()
        barrier.wait()
        try:
            actions.open_account(invitation=row, **NEW | {"name": f"Person {number}"})
            outcomes.append("in")
        except InvitationClosedError:
            outcomes.append("closed")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=join, args=[n]) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["closed"] * 9 + ["in"]
    assert User.objects.filter(email=invitation.email).count() == 1
    assert Membership.objects.count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_invitations_to_one_new_address_used_at_once_make_one_account(invitation):
    InvitationFactory(email=invitation.email, token="second")
    barrier, outcomes = threading.Barrier(2), []

    def join(row: Invitation) -> None:
        barrier.wait()
        try:
            actions.open_account(invitation=row, **NEW)
            outcomes.append("in")
        except Exception as error:  # what the page would answer
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=join, args=[row]) for row in Invitation.objects.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["AccountExistsError", "in"]
    assert connection.vendor == "postgresql"
