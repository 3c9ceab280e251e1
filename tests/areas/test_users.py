"""Accounts: one a person, by email address in small letters."""

import pytest
from django.db import IntegrityError, transaction

from areas.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_account_keeps_its_address_in_small_letters():
    user = User.objects.create_user("Ada@Area.Example", "a-long-password", name="Ada North")

    assert user.email == "ada@area.example"
    assert user.check_password("a-long-password")
    assert User.objects.get_by_natural_key("ADA@area.example") == user
    assert (str(user), user.is_staff) == ("Ada North", False)


def test_an_account_needs_an_address():
    with pytest.raises(ValueError, match="an address is needed"):
        User.objects.create_user("", name="Nobody")


def test_two_accounts_never_share_an_address_in_any_case():
    UserFactory(email="ada@area.example")

    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="ADA@area.example")


def test_the_first_account_of_a_host_may_open_the_admin_site():
    user = User.objects.create_superuser("host@area.example", "a-long-password", name="Host")

    assert user.is_staff
    assert not user.may_edit_content, "a membership says so, not a flag"
