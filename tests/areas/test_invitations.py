"""A lead invites people, sends again and withdraws; nobody learns who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from areas.actions import invitations as actions
from areas.models import AuditEvent, Invitation
from areas.permissions import Role
from send_portal.models import Mail
from tests.conftest import client_of
from tests.factories import (
    AreaFactory,
    InvitationFactory,
    MailFactory,
    MembershipFactory,
    PartnerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
State = Invitation.State


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def area():
    return AreaFactory(name="Moorland")


@pytest.fixture
def partner(area):
    return PartnerFactory(area=area, name="Moorland Trust")


@pytest.fixture
def person(area):
    user = UserFactory(name="Zora Lead", email="zora@moorland.example")
    MembershipFactory(user=user, role=Role.LEAD, area=area)
    return user


@pytest.fixture
def lead(person):
    return client_of(person)


def url(area, part: str = "invite/") -> str:
    return f"/areas/{area.dfe_code}/people/{part}"


def send(client, area, addresses: str, role: str = "contributor", partner=None, **how):
    data = {"addresses": addresses, "role": role, "partner": partner.pk if partner else ""}
    return client.post(url(area), data, **how)


def words(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def link_in(body: str) -> str:
    return re.search(r"/invitations/[\w-]+/", body)[0]


def errors(response) -> dict[str, str]:
    assert response.status_code == 400
    soup = BeautifulSoup(response.content, "html.parser")
    assert soup.title.text.startswith("Error: ")
    found = {link["href"]: link.text for link in soup.select(".govuk-error-summary a")}
    assert all(soup.select_one(target) for target in found)
    return found


# ---- Sending -----------------------------------------------------------------------------------


def test_each_address_gets_one_mail_with_a_link_of_its_own(area, partner, lead, letters):
    response = send(
        lead, area, "ann@trust.example\nBen Ray <BEN@trust.example>", partner=partner, follow=True
    )

    assert "2 invitations are on the way." in words(response)
    sent = letters()
    assert sorted(mail.to[0] for mail in sent) == ["ann@trust.example", "ben@trust.example"]
    assert len({link_in(mail.body) for mail in sent}) == 2
    assert sent[0].subject == "Moorland: Zora Lead invites you to take part"
    assert "as contributor for Moorland Trust" in sent[0].body
    assert "zora@moorland.example" in sent[0].body
    row = Invitation.objects.get(email="ben@trust.example")
    assert (row.area, row.partner, row.role, row.invited_by.name) == (
        area, partner, "contributor", "Zora Lead",
    )  # fmt: skip
    assert row.expires_at - row.mailed_at == timedelta(days=14)


def test_the_log_tells_the_act_and_no_address(area, partner, lead):
    send(lead, area, "ann@trust.example, ben@trust.example", partner=partner)

    event = AuditEvent.objects.get()
    assert event.sentence == "Zora Lead invited 2 people as contributor for Moorland Trust"
    assert (event.area_code, event.partner_id) == (area.dfe_code, partner.pk)
    assert "@" not in f"{event.sentence}{event.details}"


def test_the_token_is_nowhere_in_the_database_once_the_mail_has_left(area, partner, lead, letters):
    send(lead, area, "ann@trust.example", partner=partner)

    token = link_in(letters()[0].body).split("/")[2]
    row = Invitation.objects.get()
    assert len(token) >= 43
    assert row.token_hash not in {"", token}
    for model in (Invitation, Mail, AuditEvent):
        assert token not in repr(list(model.objects.values_list()))


def test_the_same_people_again_get_no_second_mail(area, partner, lead, letters):
    send(lead, area, "ann@trust.example", partner=partner)
    MembershipFactory(
        user__email="ben@trust.example", role=Role.CONTRIBUTOR, area=area, partner=partner
    )

    response = send(
        lead, area, "ann@trust.example ben@trust.example cat@trust.example", partner=partner,
        follow=True,
    )  # fmt: skip

    assert "1 invitation is on the way." in words(response)
    assert "Not sent to ann@trust.example, ben@trust.example:" in words(response)
    assert sorted(mail.to[0] for mail in letters()) == ["ann@trust.example", "cat@trust.example"]


def test_an_expired_invitation_is_sent_again_when_the_person_is_invited_again(area, lead, letters):
    old = InvitationFactory(
        area=area,
        email="ann@trust.example",
        token="old",
        mailed_at=timezone.now() - timedelta(days=20),
        expires_at=timezone.now() - timedelta(days=6),
    )

    send(lead, area, "ann@trust.example", role="viewer")

    old.refresh_from_db()
    assert (old.state, old.number, Invitation.objects.count()) == (State.WAITING, 2, 1)
    assert len(letters()) == 1


def test_an_address_with_an_account_is_treated_like_any_other(area, partner, lead, letters):
    """Same page, same number of questions to the database, same mail."""
    UserFactory(email="known@trust.example")
    send(lead, area, "first@trust.example", partner=partner, follow=True)
    letters().clear()
    seen = {}
    for name in ("known", "other"):
        page = send(lead, area, f"{name}@trust.example", partner=partner, follow=True)
        mail = letters().pop()
        said = words(page).split("Invitations")[0]
        text = re.sub(r"/invitations/[\w-]+/", "", mail.body).replace(f"{name}@", "x@")
        seen[name] = (said, mail.subject, text)

    assert seen["known"] == seen["other"]


def test_asking_costs_the_same_for_an_address_with_an_account(area, partner, person):
    UserFactory(email="known@trust.example")
    counts = []
    for address in ("known@trust.example", "other@trust.example"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            actions.invite(
                area=area, addresses=[address], role=Role.CONTRIBUTOR, partner=partner, by=person
            )
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        ("", "Enter at least one email address"),
        (" ,;\n ", "Enter at least one email address"),
        ("Ann Lee", "‘Ann Lee’ is not an email address"),
        ("ann@trust.example, ben", "‘ben’ is not an email address"),
        ("a\x00@trust.example", "Null characters are not allowed."),
        ("\n".join(f"p{n}@trust.example" for n in range(51)),
         "You can invite 50 people at once. These are 51"),
        ("x" * 10_001, "Email addresses must be 10000 characters or fewer"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_explained_and_kept(area, partner, lead, addresses, message):
    response = send(lead, area, addresses, partner=partner)

    assert errors(response) == {"#id_addresses": message}
    soup = BeautifulSoup(response.content, "html.parser")
    if addresses.strip(" ,;\n") and "\x00" not in addresses:
        assert soup.select_one("#id_addresses").text.strip() == addresses.strip()
    assert soup.select_one("#id_role_0").has_attr("checked")
    assert not Invitation.objects.exists()


def test_a_hundred_lines_of_junk_are_answered_in_one_message(area, partner, lead, letters):
    junk = "\n".join(f"line {n} of the minutes" for n in range(100))

    (message,) = errors(send(lead, area, junk, partner=partner)).values()

    assert message.startswith("‘line 0 of the minutes’, ‘line 1 of the minutes’")
    assert message.endswith("and 95 more are not email addresses")
    assert len(message) < 250
    assert letters() == []


@pytest.mark.parametrize("role", ["contributor", "board"])
def test_who_acts_for_a_partner_needs_one(area, partner, lead, role):
    assert errors(send(lead, area, "ann@trust.example", role=role)) == {
        "#id_partner": "Select the partner for which they will do this"
    }


@pytest.mark.parametrize("role", ["", "programme", "editor", "superuser"])
def test_no_role_is_given_that_does_not_belong_to_an_area(area, partner, lead, role):
    assert "#id_role_0" in errors(send(lead, area, "ann@trust.example", role=role))
    assert not Invitation.objects.exists()


def test_a_partner_of_another_area_or_a_closed_one_cannot_be_chosen(area, partner, lead):
    for wrong in (PartnerFactory(), PartnerFactory(area=area, closed_on=timezone.localdate())):
        assert "#id_partner" in errors(send(lead, area, "ann@trust.example", partner=wrong))


@pytest.mark.parametrize(
    ("role", "foreign", "field"),
    [("programme", False, "role"), ("contributor", True, "partner"), ("board", None, "partner")],
)
def test_the_act_itself_refuses_what_the_form_would_not_offer(
    area, partner, person, role, foreign, field
):
    given = {True: PartnerFactory(), False: partner, None: None}[foreign]

    with pytest.raises(ValueError, match=field):
        actions.invite(area=area, addresses=["a@b.example"], role=role, partner=given, by=person)


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.BOARD, Role.VIEWER])
def test_others_neither_invite_nor_see_invitations(area, partner, role):
    row = InvitationFactory(area=area, email="ann@trust.example")
    client = client_of(MembershipFactory(role=role, area=area, partner=partner).user)

    assert send(client, area, "ann@trust.example", partner=partner).status_code == 403
    for act in ("resend", "revoke"):
        assert client.post(url(area, f"invitations/{row.pk}/{act}/")).status_code == 403
    assert b"ann@trust.example" not in client.get(url(area, "")).content


def test_a_lead_of_another_area_reaches_none_of_it(area, lead):
    foreign = InvitationFactory(email="far@trust.example")

    assert send(lead, foreign.area, "ann@trust.example", role="viewer").status_code == 404
    for act in ("resend", "revoke"):
        assert lead.post(url(area, f"invitations/{foreign.pk}/{act}/")).status_code == 404
    assert b"far@trust.example" not in lead.get(url(area, "")).content


def test_a_line_break_in_a_name_is_no_header_of_the_mail(area, person, letters):
    person.name = "Zora\r\nBcc: all@area.example"
    area.name = "Moor\nland"

    actions.invite(area=area, addresses=["a@b.example"], role=Role.VIEWER, partner=None, by=person)

    (mail,) = letters()
    assert "\n" not in mail.subject
    assert mail.recipients() == ["a@b.example"]
    assert "Bcc" not in mail.message()


def test_after_sixty_lists_in_an_hour_the_lead_has_to_wait(area, lead):
    for n in range(60):
        assert send(lead, area, f"p{n}@trust.example", role="viewer").status_code == 302

    response = send(lead, area, "more@trust.example", role="viewer")

    assert response.status_code == 429
    assert "Too many tries" in words(response)


# ---- The list ----------------------------------------------------------------------------------


def listed(lead, area) -> list[str]:
    soup = BeautifulSoup(lead.get(url(area, "")).content, "html.parser")
    tables = soup.select("table")
    return [" ".join(row.get_text(" ").split()) for row in tables[1].select("tbody tr")]


def test_the_list_says_what_each_invitation_waits_for(area, partner, lead, person):
    day = timezone.localdate()
    InvitationFactory(
        area=area, email="ann@trust.example", role=Role.BOARD, partner=partner, invited_by=person
    )
    InvitationFactory(
        area=area,
        email="ben@trust.example",
        invited_by=person,
        mailed_at=timezone.now() - timedelta(days=20),
        expires_at=timezone.now() - timedelta(days=6),
    )

    first, second = listed(lead, area)
    until = day + timedelta(days=14)
    assert first.startswith("ann@trust.example Board member, Moorland Trust by Zora Lead,")
    assert f"Waiting Until {until.day} {until:%B %Y}" in first
    assert second.startswith("ben@trust.example Viewer by Zora Lead,")
    assert "Expired Ended" in second


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        ({}, "Email: on its way"),
        ({"attempts": 2}, "Email: the mail server has not taken it yet. we keep trying"),
        ({"state": "sent", "ended_at": timezone.now(), "body": ""}, "Email: sent"),
        ({"state": "failed", "ended_at": timezone.now()}, "Email: the mail server refused it."),
        ({"state": "uncertain", "ended_at": timezone.now()}, "Email: not known whether it left."),
    ],
)
def test_the_list_says_what_became_of_the_mail(area, lead, mail, said):
    row = InvitationFactory(area=area)
    MailFactory(key=row.mail_key, **mail)

    (line,) = listed(lead, area)

    assert said.lower() in line.lower()


def test_what_was_closed_lately_stands_apart_and_then_goes(area, lead):
    now, someone = timezone.now(), UserFactory()
    for days, name in ((5, "lately"), (40, "long")):
        at = now - timedelta(days=days)
        InvitationFactory(
            area=area, email=f"{name}-used@a.example", accepted_at=at, accepted_by=someone
        )
        InvitationFactory(
            area=area, email=f"{name}-void@a.example", revoked_at=at, revoked_by=someone
        )

    text = words(lead.get(url(area, "")))

    assert "No invitation waits for an answer." in text
    assert "lately-used@a.example, viewer: joined on" in text
    assert "lately-void@a.example, viewer: withdrawn on" in text
    assert "long-" not in text


# ---- Sending again and withdrawing -------------------------------------------------------------


def test_sent_again_the_new_link_works_and_the_old_one_is_dead(area, partner, lead, letters):
    send(lead, area, "ann@trust.example", partner=partner)
    old = link_in(letters()[0].body)
    row = Invitation.objects.get()

    response = lead.post(url(area, f"invitations/{row.pk}/resend/"), follow=True)

    assert "The invitation to ann@trust.example is on the way again." in words(response)
    assert len(letters()) == 2
    new = link_in(letters()[1].body)
    anybody = client_of(UserFactory())
    assert anybody.get(old).status_code == 404
    assert anybody.get(new).status_code == 200


def test_what_has_not_left_when_it_is_sent_again_never_leaves(area, partner, lead, letters):
    send(lead, area, "ann@trust.example", partner=partner)
    row = Invitation.objects.get()

    lead.post(url(area, f"invitations/{row.pk}/resend/"))

    assert len(letters()) == 1
    assert client_of(UserFactory()).get(link_in(letters()[0].body)).status_code == 200


def test_withdrawn_its_link_is_dead_and_its_mail_never_leaves(area, partner, lead, letters):
    send(lead, area, "ann@trust.example, ben@trust.example", partner=partner)
    ann = Invitation.objects.get(email="ann@trust.example")

    response = lead.post(url(area, f"invitations/{ann.pk}/revoke/"), follow=True)

    assert "The invitation to ann@trust.example is withdrawn." in words(response)
    ann.refresh_from_db()
    assert (ann.state, ann.revoked_by.name) == (State.REVOKED, "Zora Lead")
    assert [mail.to for mail in letters()] == [["ben@trust.example"]]


@pytest.mark.parametrize("act", ["resend", "revoke"])
def test_an_act_on_an_invitation_that_was_closed_in_the_meantime_says_so(area, lead, letters, act):
    row = InvitationFactory(area=area)
    row_url = url(area, f"invitations/{row.pk}/{act}/")
    Invitation.objects.filter(pk=row.pk).update(
        accepted_at=timezone.now(), accepted_by=UserFactory()
    )

    response = lead.post(row_url, follow=True)

    assert "This invitation was used, withdrawn or sent again in the meantime." in words(response)
    row.refresh_from_db()
    assert row.state == State.USED
    assert letters() == []


def test_nothing_is_sent_or_withdrawn_by_looking(area, lead):
    row = InvitationFactory(area=area)

    for act in ("resend", "revoke"):
        assert lead.get(url(area, f"invitations/{row.pk}/{act}/")).status_code == 405
