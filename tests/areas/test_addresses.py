"""What a lead pastes, read as addresses."""

import pytest

from areas.forms.invitations import addresses_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann@area.example", ["ann@area.example"]),
        ("ann@area.example\nben@area.example", ["ann@area.example", "ben@area.example"]),
        ("ann@area.example, ben@area.example", ["ann@area.example", "ben@area.example"]),
        ("ann@area.example;ben@area.example;", ["ann@area.example", "ben@area.example"]),
        ("ann@area.example\r\n\r\n  \r\n", ["ann@area.example"]),
        ("Ann Lee <ann@area.example>", ["ann@area.example"]),
        ("Lee, Ann <ann@area.example>; Ray, Ben <ben@a.example>", ["ann@area.example", "ben@a.example"]),
        ('"Lee, Ann" <ann@area.example>, Ben <ben@a.example>', ["ann@area.example", "ben@a.example"]),
        ("x@a.example, Ann <ann@area.example>, y@a.example", ["x@a.example", "ann@area.example", "y@a.example"]),
        ("Ann Lee ann@area.example", ["ann@area.example"]),
        ("ann@area.example<mailto:ann@area.example>", ["ann@area.example"]),
        ("ANN@Area.Example\nann@area.example", ["ann@area.example"]),
        ("o'neil@area.example", ["o'neil@area.example"]),
    ],
)  # fmt: skip
def test_addresses_are_found(text, found):
    assert addresses_in(text) == (found, [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Ann Lee", ["Ann Lee"]),
        ("ann@area.example, ben.area.example", ["ben.area.example"]),
        ("ann@area", ["ann@area"]),
        ("Ann <>", ["<>"]),
        ("Ann <ann>", ["ann"]),
        ("ann@@area.example", ["ann@@area.example"]),
        ("@", ["@"]),
        (f"{'a' * 300}@area.example", [f"{'a' * 300}@area.example"]),
        ("ann@area.example\u202e", ["ann@area.example\u202e"]),
    ],
)
def test_what_is_no_address_is_named(text, wrong):
    assert addresses_in(text)[1] == wrong


def test_a_line_break_never_gets_into_an_address():
    found, _ = addresses_in("ann@area.example\nBcc: all@area.example\r\n\r\nBody")

    assert found == ["ann@area.example", "all@area.example"]
    assert not any(sign in address for address in found for sign in "\r\n \t")
