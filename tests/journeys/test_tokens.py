"""A token for the API: made, copied once, used by a program, revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.conftest import Partnership
from tests.factories import PASSWORD
from tests.journeys.conftest import Visit, everywhere

pytestmark = pytest.mark.browser


def areas_read_with(token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return Client().get("/api/v1/areas/", headers=headers).status_code


@everywhere
def test_a_lead_makes_a_token_for_a_dashboard_and_revokes_it(
    visit: Visit, partnership: Partnership
):
    lead = visit(partnership.people["lead"])
    lead.go("/account/details/")
    lead.follow("Make and revoke tokens")
    lead.at("API tokens", shot="tokens")
    lead.press("Make a token")
    lead.at("Enter your password again", shot="tokens-password")
    lead.fill("Password", PASSWORD)
    lead.press("Continue")
    lead.at("API tokens", status=400)
    lead.is_told("Enter what will use the token")
    lead.fill("What will use it?", "Board dashboard")
    lead.press("Make a token")
    lead.at("API tokens", shot="tokens-made")
    lead.sees("Copy it now.")
    token = re.search(r"send_[\w-]{43}", lead.page.content())[0]
    assert areas_read_with(token) == 200
    lead.follow("I have copied it")
    lead.at("API tokens", shot="tokens-list")
    lead.sees("Board dashboard", "Last used on")
    assert token not in lead.page.content()
    lead.follow("How to use the API")
    lead.at("API", shot="api")
    lead.page.go_back()
    lead.follow("Revoke Board dashboard")
    lead.at("Revoke “Board dashboard”?", shot="revoke-token")
    lead.press("Revoke")
    lead.at("API tokens")
    lead.sees("You have no tokens.")
    assert areas_read_with(token) == 401
