"""The libraries: loading, searching, filtering."""

import pytest
import yaml
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from ingredients.actions import load_library
from ingredients.models import GlossaryTerm, Guidance, Page, SupportPackage
from tests.factories import GlossaryTermFactory, GuidanceFactory, SupportPackageFactory

pytestmark = pytest.mark.django_db
REAL = settings.FIXTURES / "library"


def titles(path: str) -> list[str]:
    soup = BeautifulSoup(Client().get(path).content, "html.parser")
    return [" ".join(heading.get_text().split()) for heading in soup.select("main article h2")]


def text(path: str) -> str:
    soup = BeautifulSoup(Client().get(path).content, "html.parser")
    return " ".join(soup.main.get_text(" ").split())


def read(name: str) -> dict:
    return yaml.safe_load((REAL / f"{name}.yaml").read_text("utf-8"))


def test_loading_brings_in_every_item():
    counts = load_library(folder=REAL)

    assert counts == {
        "guidance": len(read("guidance")["items"]),
        "support packages": len(read("support_packages")["packages"]),
        "glossary terms": len(read("glossary")["terms"]),
        "pages": 4,
    }
    assert counts["guidance"] == Guidance.objects.count()
    assert counts["support packages"] == SupportPackage.objects.count()
    assert counts["glossary terms"] == GlossaryTerm.objects.count()


def test_loading_again_updates_items_and_leaves_edited_pages_alone():
    load_library(folder=REAL)
    Guidance.objects.filter(slug="cfa-2014-part-3").update(title="Old words")
    Page.objects.filter(slug="privacy").update(markdown="# Ours")

    load_library(folder=REAL)

    assert Guidance.objects.get(slug="cfa-2014-part-3").title.startswith("Children and Families")
    assert Page.objects.get(slug="privacy").markdown == "# Ours"
    assert Guidance.objects.count() == len(read("guidance")["items"])


def test_command_says_what_it_loaded(capsys):
    call_command("load_library", REAL)

    assert "glossary terms" in capsys.readouterr().out


def test_every_see_also_in_the_glossary_exists():
    load_library(folder=REAL)
    terms = set(GlossaryTerm.objects.values_list("term", flat=True))

    for term in GlossaryTerm.objects.all():
        assert set(term.see_also) <= terms, term


def test_search_needs_every_word_in_any_case_and_any_field(framework):
    GuidanceFactory(title="Joint boards", summary="How boards work.", provider="NHS England")
    GuidanceFactory(title="Joint training", summary="How to train.")

    assert titles("/guidance/?q=JOINT") == ["Joint boards", "Joint training"]
    assert titles("/guidance/?q=joint+nhs") == ["Joint boards"]
    assert titles("/guidance/?q=joint+absent") == []


def test_search_takes_signs_as_they_are(framework):
    GuidanceFactory(title="Reach 100% of schools")
    GuidanceFactory(title="Reach 100 schools")

    assert titles("/guidance/?q=100%25") == ["Reach 100% of schools"]
    assert titles("/guidance/?q=_") == []


def test_an_ingredient_is_never_found_inside_another_name(framework):
    GuidanceFactory(title="For culture", ingredient_list="|culture|")
    GuidanceFactory(title="For another", ingredient_list="|agency-culture|family-co-production|")

    assert titles("/guidance/?ingredient=culture") == ["For culture"]


def test_guidance_is_narrowed_by_ingredient_and_kind_together(framework):
    GuidanceFactory(title="A", kind="law", ingredient_list="|culture|leadership|")
    GuidanceFactory(title="B", kind="guide", ingredient_list="|culture|")
    GuidanceFactory(title="C", kind="law", ingredient_list="|workforce|")

    assert titles("/guidance/?ingredient=culture&kind=law") == ["A"]
    assert titles("/guidance/?kind=law") == ["A", "C"]


def test_support_is_narrowed_by_length_and_cost(framework):
    SupportPackageFactory(title="A", term="short", cost="free")
    SupportPackageFactory(title="B", term="short", cost="paid")
    SupportPackageFactory(title="C", term="long", cost="free")

    assert titles("/support/?term=short") == ["A", "B"]
    assert titles("/support/?term=short&cost=free") == ["A"]


def test_the_number_found_is_said_in_words_and_announced(framework):
    GuidanceFactory(title="Only one")
    soup = BeautifulSoup(Client().get("/guidance/?q=only").content, "html.parser")

    assert " ".join(soup.find(role="status").get_text().split()) == "1 item found"
    assert soup.find("input", attrs={"name": "q"})["value"] == "only"
    assert "Clear the search" in text("/guidance/?q=only")


def test_when_nothing_is_found_the_page_says_what_to_do(framework):
    assert "0 items found Try fewer or other words, or clear the search" in text("/guidance/?q=zzz")


def test_an_item_that_needs_checking_says_so(framework):
    item = GuidanceFactory(standing="check", note="It may be out of date.", title="Older guide")

    assert "Helps with leadership Check" in text("/guidance/")
    assert "Check before relying on it." in text(item.get_absolute_url())
    assert "It may be out of date." in text(item.get_absolute_url())


def test_a_package_page_shows_its_terms(framework):
    item = SupportPackageFactory(
        helps_when=[1, 2], check_in_pattern=[6, 12], regions=["East Midlands"], cost="paid"
    )

    found = text(item.get_absolute_url())

    assert "Helps with Leadership" in found
    assert "Levels 1, 2" in found
    assert "6, 12 weeks after the start" in found
    assert "Only for areas in East Midlands" in found
    assert "Paid for by the area" in found
    assert "the provider has not approved this entry" in found


def test_an_archived_item_is_not_offered_on_the_ingredient_page(framework):
    GuidanceFactory(title="Still good")
    GuidanceFactory(title="Kept for the record", standing="archived")

    assert "Still good" in text("/ingredients/leadership/")
    assert "Kept for the record" not in text("/ingredients/leadership/")


def test_glossary_runs_from_a_to_z_with_a_way_to_each_letter():
    GlossaryTermFactory(term="zeal")
    GlossaryTermFactory(term="Area")
    GlossaryTermFactory(term="20-week limit")
    soup = BeautifulSoup(Client().get("/glossary/").content, "html.parser")

    assert [heading.text for heading in soup.select("main h2")] == ["0 to 9", "A", "Z"]
    assert [link["href"] for link in soup.select(".app-jump a")] == ["#digits", "#A", "#Z"]


def test_glossary_is_searched_by_acronym_and_alias():
    GlossaryTermFactory(term="Integrated care board", acronym="ICB", alias_text="ICBs")
    GlossaryTermFactory(term="Forum", alias_text="PCF, parents together")

    assert "1 word found" in text("/glossary/?q=icb")
    assert "Forum" in text("/glossary/?q=parents+together")
    assert "Integrated" not in text("/glossary/?q=parents+together")


def test_a_term_links_only_to_terms_that_exist():
    GlossaryTermFactory(term="Here", slug="here")
    term = GlossaryTermFactory(term="Subject", see_also=["Here", "Gone"], aliases=["subjects"])
    soup = BeautifulSoup(Client().get(term.get_absolute_url()).content, "html.parser")

    links = [link["href"] for link in soup.select("main a")]
    assert links == ["/glossary/here/"]
    assert "Gone" not in text(term.get_absolute_url())
    assert "subjects" in text(term.get_absolute_url())
