"""A lead invites three people; one is new, one has an account, one is withdrawn. A board merges."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from playwright.sync_api import expect

from areas.models import Invitation, Membership, User
from areas.permissions import Role
from tests import factories
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
NEW, KNOWN, OTHER = "new@trust.example", "known@trust.example", "other@trust.example"


def link_to(letters: Callable[[], list[EmailMessage]], address: str) -> str:
    """The link of the latest mail to this address."""
    last = [mail for mail in letters() if mail.to == [address]][-1]
    return re.search(r"/invitations/[\w-]+/", last.body)[0]


@everywhere
def test_three_are_invited_and_two_join(visit: Visit, partnership: Partnership, letters):
    known = factories.UserFactory(email=KNOWN, name="Known Person")
    lead = visit(partnership.people["lead"])
    lead.go(partnership.area.get_absolute_url() + "people/")
    lead.at("People", shot="people")
    invite(lead)
    new_person_joins(visit(), link_to(letters, NEW))
    known_person_joins(visit(), known, link_to(letters, KNOWN))
    revoked_and_sent_again(lead, visit, letters)

    roles = Membership.objects.filter(partner=partnership.partners["health"], role="contributor")
    assert {row.user.email for row in roles} >= {NEW, KNOWN}
    assert not User.objects.filter(email=OTHER).exists()


def invite(lead: Visitor) -> None:
    """Nothing filled in; then junk; then three addresses as a mail program writes them."""
    lead.press("Invite people")
    lead.at("Invite people", shot="invite")
    lead.press("Send invitations")
    lead.at("Invite people", status=400, shot="invite-errors")
    lead.is_told("Enter at least one email address", "Select what they will do")
    lead.fill("Email addresses", f"{NEW}\nKnown Person <{KNOWN}>; somebody else")
    lead.choose("Contributor")
    lead.press("Send invitations")
    lead.at("Invite people", status=400)
    lead.is_told(
        "‘somebody else’ is not an email address", "Select the partner for which they will do this"
    )
    lead.fill("Email addresses", f"{NEW}\nPerson, Known <{KNOWN}>; {OTHER}, {NEW}")
    lead.page.get_by_label("For which partner?").select_option(label="Moorland Health")
    lead.press("Send invitations")
    lead.at("People", shot="people-invited")
    lead.sees("3 invitations are on the way.")
    expect(lead.page.get_by_role("table").nth(1).get_by_role("row")).to_have_count(4)


def new_person_joins(person: Visitor, link: str) -> None:
    person.go(link)
    person.at("Join Moorland", shot="invitation")
    person.press("Join Moorland")
    person.at("Join Moorland", status=400, shot="invitation-errors")
    person.is_told("Enter your name", "Choose a password")
    person.fill("Your name", "New Person")
    person.page.get_by_label("Choose a password", exact=True).fill("three-quiet-words")
    person.press("Join Moorland")
    person.at("Autumn assessment", shot="joined")
    person.sees("You have joined Moorland.", "Score for Moorland Health.")
    person.press("Start scoring")
    person.follow("New Person")
    person.at("My details", shot="my-details")
    person.follow("Leave Moorland as contributor for Moorland Health")
    person.at("Leave Moorland as contributor for Moorland Health?")
    person.follow("Cancel")
    person.at("My details")


def known_person_joins(person: Visitor, user: User, link: str) -> None:
    person.go(link)
    person.at("Join Moorland")
    person.follow("sign in to join")
    person.at("Sign in")
    person.fill("Email address", user.email)
    person.fill("Password", factories.PASSWORD)
    person.press("Sign in")
    person.at("Join Moorland?", shot="join")
    person.press("Join Moorland")
    person.at("Autumn assessment")
    person.sees("You have joined Moorland.")


def revoked_and_sent_again(lead: Visitor, visit: Visit, letters) -> None:
    first = link_to(letters, OTHER)
    stranger = visit(factories.UserFactory(name="Some Stranger"))
    stranger.go(first)
    stranger.at("You are signed in as somebody else", shot="wrong-account")
    stranger.press("Sign out and go on")
    stranger.at("Join Moorland")
    lead.press(f"Send again to {OTHER}")
    lead.at("People")
    lead.sees(f"The invitation to {OTHER} is on the way again.")
    stranger.go(first)
    stranger.at("This link does not work any more", status=404)
    second = link_to(letters, OTHER)
    stranger.go(second)
    stranger.at("Join Moorland")
    lead.press(f"Withdraw the invitation to {OTHER}")
    lead.at("People")
    lead.sees(f"The invitation to {OTHER} is withdrawn.")
    stranger.fill("Your name", "Too Late")
    stranger.page.get_by_label("Choose a password", exact=True).fill("three-quiet-words")
    stranger.press("Join Moorland")
    stranger.at("This link does not work any more", status=410, shot="invitation-closed")


@everywhere
def test_lead_changes_what_somebody_does_and_ends_it(visit: Visit, partnership: Partnership):
    health = partnership.people["health"]
    now = timezone.now()
    factories.InvitationFactory(
        area=partnership.area,
        email="late@trust.example",
        mailed_at=now - timedelta(days=20),
        expires_at=now - timedelta(days=6),
    )
    lead = visit(partnership.people["lead"])
    lead.go(partnership.area.get_absolute_url() + "people/")
    lead.at("People")
    lead.sees("Expired")
    lead.follow(f"Change {health.name}, contributor for Moorland Health")
    lead.at("Change what they do in Moorland", shot="change-membership")
    lead.page.get_by_label("For which partner?").select_option(label="No partner")
    lead.press("Save")
    lead.at("Change what they do in Moorland", status=400)
    lead.is_told("Select the partner for which they will do this")
    lead.choose("Viewer")
    lead.press("Save")
    lead.at("People")
    lead.sees(f"What {health.name} does here is changed.")
    lead.follow(f"Change {health.name}, viewer")
    lead.at("Change what they do in Moorland")
    lead.follow(f"Remove {health.name} as viewer")
    lead.at("Remove them as viewer?", shot="remove-membership")
    lead.press("Remove")
    lead.at("People")
    assert not health.memberships.exists()


def closes(lead: Visitor, name: str) -> None:
    lead.follow(f"Change {name}")
    lead.follow("Close it")
    lead.at(f"Close {name}", shot="close-partner")
    lead.press("Close it")
    lead.at("Partners")


@everywhere
def test_lead_adds_a_board_from_the_list_and_merges_it(visit: Visit, partnership: Partnership):
    health, ann = partnership.partners["health"], partnership.people["health"]
    lead = visit(partnership.people["lead"])
    lead.go(partnership.area.get_absolute_url() + "partners/")
    lead.at("Partners", shot="partners")
    lead.page.get_by_label("Sector", exact=True).select_option(label="Health")
    lead.press("Add partner")
    lead.at("Partners", status=400)
    lead.is_told("Enter name of the organisation or group")
    lead.page.get_by_label("Integrated care board").select_option(
        label="NHS Devon Integrated Care Board"
    )
    lead.press("Add partner")
    lead.at("Partners")
    lead.sees("NHS Devon Integrated Care Board was added.")
    lead.follow("Change Moorland Health")
    lead.at("Change Moorland Health", shot="change-partner")
    lead.follow("Replace it by another partner")
    lead.at("Replace Moorland Health", shot="replace-partner")
    lead.press("Replace it")
    lead.at("Replace Moorland Health", status=400)
    lead.is_told("Enter the name of the new partner")
    lead.fill("Name of the new partner", "Moorland and Devon Board")
    lead.press("Replace it")
    lead.at("Partners", shot="partners-replaced")
    lead.sees("Moorland and Devon Board takes the place of Moorland Health.")
    lead.sees("replaced by Moorland and Devon Board")
    closes(lead, "NHS Devon Integrated Care Board")
    health.refresh_from_db()
    assert health.replaced_by.name == "Moorland and Devon Board"
    assert ann.memberships.filter(partner=health.replaced_by, role=Role.CONTRIBUTOR).exists()
    assert not Invitation.objects.exists()
