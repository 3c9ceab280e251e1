"""What anybody may read without an account."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from ingredients.actions import load_library
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor, Window

pytestmark = pytest.mark.browser
POLICIES = (
    ("/help/", "Help"),
    ("/accessibility/", re.compile("^Accessibility statement")),
    ("/privacy/", re.compile("^Privacy")),
    ("/cookies/", re.compile("^Cookies")),
)


@pytest.mark.parametrize(
    "window", [Window(), Window(width=320, javascript=False)], ids=str, indirect=True
)
def test_visitor_reads_about_the_ingredients_and_looks_things_up(visit: Visit, framework):
    load_library(folder=settings.FIXTURES / "library")
    anybody = visit()
    anybody.go("/")
    start = anybody.page.get_by_role("heading", level=1).inner_text()
    anybody.at(start, shot="start")
    first = framework.ingredients.order_by("number").first()
    anybody.follow(first.title)
    anybody.at(first.title, shot="ingredient")
    anybody.go("/ingredients/")
    anybody.check()

    narrows_the_guidance(anybody, first.slug)
    anybody.go("/support/")
    anybody.check()
    looks_up_a_word(anybody)
    for address, words in POLICIES:
        anybody.go(address)
        anybody.at(words, shot=address.strip("/"))
    anybody.follow("Sign in")
    anybody.at("Sign in", shot="sign-in")


def narrows_the_guidance(anybody: Visitor, ingredient: str) -> None:
    anybody.go("/guidance/")
    anybody.at("Good practice guidance", shot="guidance")
    everything = anybody.page.get_by_role("article").count()
    anybody.page.get_by_label("Ingredient", exact=True).select_option(ingredient)
    anybody.press("Search")
    anybody.at("Good practice guidance")
    assert 0 < anybody.page.get_by_role("article").count() < everything
    anybody.fill("Search words", "no such words anywhere")
    anybody.press("Search")
    anybody.at("Good practice guidance")
    expect(anybody.page.get_by_role("status")).to_have_text("0 items found")


def looks_up_a_word(anybody: Visitor) -> None:
    anybody.go("/glossary/")
    anybody.at("Words we use")
    anybody.fill("Search words", "dissent")
    anybody.press("Search")
    anybody.at("Words we use", shot="glossary")
    anybody.follow("Dissent")
    anybody.at("Dissent", shot="glossary-term")
