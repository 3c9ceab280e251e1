"""The public pages: open to all, complete, and calm about any address."""

import shutil

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client

from areas.models import Sector
from ingredients.actions import load_framework, load_library, publish
from ingredients.models import GlossaryTerm, Guidance, Page, SupportPackage
from ingredients.views import SECTOR_NAMES
from tests import factories
from tests.conftest import Rows, load_once

PAGES = [
    "/ingredients/",
    "/ingredients/leadership/",
    "/guidance/",
    "/guidance/cfa-2014-part-3/",
    "/support/",
    "/support/dfe-send-adviser/",
    "/glossary/",
    "/glossary/special-educational-needs/",
    "/help/",
    "/accessibility/",
    "/privacy/",
    "/cookies/",
]


KEPT: Rows = []


@pytest.fixture
def library(framework):
    folder = settings.FIXTURES / "library"
    load_once(
        KEPT,
        [Guidance, SupportPackage, GlossaryTerm, Page],
        lambda: load_library(folder=folder),
    )
    return framework


def page(path: str) -> BeautifulSoup:
    response = Client().get(path)
    assert response.status_code == 200, path
    return BeautifulSoup(response.content, "lxml")


def words(soup) -> str:
    return " ".join(soup.get_text(" ").split())


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_opens_without_an_account_and_is_well_made(library, path):
    soup = page(path)

    assert len(soup.find_all("h1")) == 1
    assert words(soup.h1) in words(soup.title)
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert sorted(ids) == sorted(set(ids))
    for link in soup.select("main a[href^='#']"):
        assert link["href"][1:] in ids, link
    assert not soup.select("[style], script:not([src])")


@pytest.mark.parametrize("path", PAGES)
def test_every_link_on_a_public_page_leads_somewhere(library, path):
    targets = {link["href"] for link in page(path).select("main a[href^='/'], header nav a")}

    for target in targets:
        assert Client().get(target).status_code == 200, target


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_is_only_read(library, path):
    assert Client().head(path).status_code == 200
    assert Client().post(path).status_code == 405


def test_framework_page_shows_ingredients_levels_and_where_it_comes_from(library):
    text = words(page("/ingredients/"))

    for ingredient in library.all_ingredients:
        assert ingredient.title in text
        assert ingredient.plain_title in text
    for level in library.levels.values():
        assert level["label"] in text
        assert level["meaning"] in text
        assert level["plain"] in text
    for state in library.states.values():
        assert f"{state['label']} {state['meaning']}" in text
    for line in library.content["scoring_guidance"]:
        assert line in text
    for term in library.content["terms"]:
        assert term["meaning"] in text
    assert "The researchers have not endorsed it" in text
    assert "Creative Commons Attribution 4.0 International (CC-BY-4.0)" in text
    assert library.fingerprint in text
    assert "Version 1" in text


def test_ingredient_page_shows_all_of_every_statement(library):
    soup = page("/ingredients/leadership/")
    text = words(soup)
    ingredient = next(row for row in library.all_ingredients if row.slug == "leadership")

    assert ingredient.why_it_matters.split(".")[0][:40] in text
    for row in ingredient.statements.all():
        section = words(soup.find("section", attrs={"aria-labelledby": row.slug}))
        for part in (row.title, row.text, row.plain, *row.evidence_prompts, *row.look_for):
            assert part in section, part
        for level, step in row.next_step.items():
            assert f"From level {level} {step}" in section
        for lines in row.level_sentences.values():
            for line in lines:
                assert line in section
        for code in row.source_points:
            assert f"({code})" in section


def test_ingredient_page_gives_each_level_its_own_row_sentence_by_sentence(library):
    soup = page("/ingredients/agency-co-production/")

    table = soup.find("section", attrs={"aria-labelledby": "agency-joint-design"}).table
    rows = [words(row.th) for row in table.tbody.find_all("tr")]
    assert rows == [
        "Level 1 Not yet in place",
        "Level 2 Started",
        "Level 3 In routine use",
        "Level 4 Making a difference",
    ]
    assert [words(line) for line in table.tbody.find_all("tr")[3].find_all("li")] == [
        "All of level 3 is true.",
        "A review of at least one jointly designed change shows what improved for children or families.",
        "The group kept working when a lead member moved on.",
    ]


def test_ingredient_page_names_measures_and_who_is_not_asked(library):
    soup = page("/ingredients/agency-co-production/")

    learning = words(soup.find("section", attrs={"aria-labelledby": "agency-safe-learning"}))
    assert "Parent carers and young people are not asked for a level here" in learning
    assert "Local measures" not in learning
    design = words(soup.find("section", attrs={"aria-labelledby": "agency-joint-design"}))
    assert "not asked" not in design
    assert "Local measures" in design
    assert "Council, health, social care, schools." in design


def test_a_measure_shows_the_national_value_with_its_year_and_source(library):
    text = words(page("/ingredients/accountability/"))

    assert "England, 2024: 46.4% . Calendar year 2024" in text.replace("46.4%.", "46.4% .")
    assert "Open Government Licence v3.0" in text


def test_sector_names_are_those_of_the_partners():
    for value, name in SECTOR_NAMES.items():
        assert Sector(value).label == name


def test_an_older_version_stays_readable_and_says_so(library, tmp_path):
    folder = shutil.copytree(settings.FIXTURES / "framework" / "1", tmp_path / "2")
    given = (folder / "framework.yaml").read_text("utf-8")
    text = given.replace("version: 1\n", "version: 2\n", 1)
    text = text.replace("Six ingredients for improving", "New words for improving", 1)
    (folder / "framework.yaml").write_text(text, "utf-8")
    new, _ = load_framework(folder=folder)
    assert Client().get("/ingredients/?version=2").status_code == 404, "a draft is not public"
    publish(framework=new)

    assert words(page("/ingredients/").h1) == "New words for improving SEND services"
    assert "new assessments do not use" not in words(page("/ingredients/"))
    old = page("/ingredients/?version=1")
    assert words(old.h1) == "Six ingredients for improving SEND services"
    assert "This is version 1, which new assessments do not use" in words(old)
    links = [link["href"] for link in old.select(".app-ingredients a")]
    assert links[2] == "/ingredients/leadership/?version=1"
    assert "This is version 1" in words(page(links[2]))


@pytest.mark.django_db
def test_before_any_framework_is_published_the_libraries_still_open():
    factories.FrameworkFactory()
    factories.GuidanceFactory(title="A guide")

    assert Client().get("/ingredients/").status_code == 404
    assert "A guide" in words(page("/guidance/"))
    assert "0 packages" in words(page("/support/"))


@pytest.mark.parametrize(
    "path",
    [
        "/ingredients/nope/",
        "/guidance/nope/",
        "/support/nope/",
        "/glossary/nope/",
        "/ingredients/?version=2",
        "/ingredients/?version=0",
        "/ingredients/?version=-1",
        "/ingredients/?version=one",
        "/ingredients/?version=99999999999999999999",
        "/ingredients/leadership/?version=7",
    ],
)
def test_what_does_not_exist_is_not_found(library, path):
    assert Client().get(path).status_code == 404


NASTY = [
    "\x00",
    "a\x00b",
    "%",
    "_",
    "\\",
    "'; DROP TABLE x; --",
    "<script>alert(1)</script>",
    "😀" * 200,
    "x" * 60_000,
    "%ff",
    "١",
    " ",
    "|",
    "leadership|workforce",
    "[]",
    "{{ 7 }}",
]


@pytest.mark.parametrize("value", NASTY, ids=lambda value: repr(value)[:20])
def test_no_query_breaks_a_page(library, value):
    for path in ("/ingredients/", "/guidance/", "/support/", "/glossary/"):
        for name in ("q", "ingredient", "kind", "term", "cost", "version"):
            response = Client().get(path, {name: value})
            assert response.status_code in {200, 404}, (path, name)
            assert b"<script>alert" not in response.content


def test_unknown_filter_values_count_as_not_asked(library):
    total = Guidance.objects.count()

    assert f"{total} items" in words(page("/guidance/?ingredient=nope&kind=nope"))
    assert f"{total} items" in words(page("/guidance/?page=3&nothing=x"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "factory", "queries"),
    [
        ("/guidance/", factories.GuidanceFactory, 2),
        ("/support/", factories.SupportPackageFactory, 2),
        ("/glossary/", factories.GlossaryTermFactory, 1),
    ],
)
def test_a_list_costs_the_same_with_one_row_and_three(
    framework, django_assert_num_queries, path, factory, queries
):
    factory()
    Client().get(path)  # reads the framework into the process
    with django_assert_num_queries(queries):
        Client().get(path)
    factory.create_batch(2)
    with django_assert_num_queries(queries):
        Client().get(path)


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/ingredients/", 4),  # current version, other versions, recommendations, glossary
        # current version, source points, measures, guidance, support, glossary
        ("/ingredients/workforce/", 6),
        ("/guidance/cfa-2014-part-3/", 2),
        ("/support/dfe-send-adviser/", 2),
        ("/glossary/special-educational-needs/", 2),
        ("/help/", 1),
    ],
)
def test_what_a_page_costs(library, django_assert_num_queries, path, queries):
    Client().get("/ingredients/")
    with django_assert_num_queries(queries):
        Client().get(path)


def test_policy_pages_take_their_title_from_the_text(library):
    Page.objects.filter(slug="help").update(markdown="# How this works\n\nRead **this**.")

    soup = page("/help/")

    assert words(soup.title) == "How this works – SEND improvement portal"
    assert words(soup.h1) == "How this works"
    assert soup.select_one("main strong").text == "this"


@pytest.mark.django_db
def test_a_page_without_a_heading_has_its_own_name():
    factories.PageFactory(slug="privacy", markdown="Only text.")

    assert "Privacy notice – SEND improvement portal" in words(page("/privacy/").title)
