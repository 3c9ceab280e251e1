"""The first use of a glossary term on a page leads to its meaning."""

import pytest
from bs4 import BeautifulSoup
from django.template import Context, Template
from django.test import Client

from tests.factories import GlossaryTermFactory

pytestmark = pytest.mark.django_db
LINK = '<a class="govuk-link" href="/glossary/{}/">{}</a>'


def linked(*texts: str) -> str:
    source = "{% load glossary %}{% for text in texts %}{% link_terms text %}{% endfor %}"
    return Template(source).render(Context({"texts": texts}))


def test_a_term_is_linked_in_the_words_of_the_text():
    GlossaryTermFactory(term="Co-production", slug="co-production", aliases=["co-produced"])

    assert linked("We call it co-production.") == (
        f"We call it {LINK.format('co-production', 'co-production')}."
    )
    assert linked("Plans are Co-Produced.") == (
        f"Plans are {LINK.format('co-production', 'Co-Produced')}."
    )


def test_only_the_first_use_on_the_page_is_linked():
    GlossaryTermFactory(term="Baseline", slug="baseline", aliases=["first picture"])

    found = linked("A baseline, then a baseline.", "Baseline: the first picture.")

    assert (
        found
        == f"A {LINK.format('baseline', 'baseline')}, then a baseline.Baseline: the first picture."
    )


def test_the_longest_term_wins():
    GlossaryTermFactory(term="Parent carer", slug="parent-carer", aliases=["parent carers"])
    GlossaryTermFactory(term="Parent carer forum", slug="forum")

    assert linked("The parent carer forum") == f"The {LINK.format('forum', 'parent carer forum')}"


def test_a_term_inside_another_word_is_left_alone():
    GlossaryTermFactory(term="Band", slug="band")

    assert linked("Husband, bandage and band-aid") == "Husband, bandage and band-aid"


def test_an_acronym_is_matched_only_as_it_is_written():
    GlossaryTermFactory(term="Preparing for adulthood", acronym="PAP", slug="adult")

    assert linked("A pap smear") == "A pap smear"
    assert linked("The PAP") == f"The {LINK.format('adult', 'PAP')}"


def test_terms_that_are_too_common_are_not_linked():
    GlossaryTermFactory(term="Level", auto_link=False)

    assert linked("Choose a level.") == "Choose a level."


def test_everything_is_escaped():
    GlossaryTermFactory(term="Rights & duties", slug="rights")

    assert linked("<b>Rights & duties</b> & more") == (
        f"&lt;b&gt;{LINK.format('rights', 'Rights &amp; duties')}&lt;/b&gt; &amp; more"
    )


def test_a_term_may_be_broken_over_two_lines():
    GlossaryTermFactory(term="Local offer", slug="local-offer")

    assert 'href="/glossary/local-offer/"' in linked("the local\noffer")


def test_without_any_term_the_text_stays_as_it_is():
    assert linked("Nothing to link.") == "Nothing to link."


def test_letters_that_only_look_alike_do_no_harm():
    GlossaryTermFactory(term="Ask", slug="ask")

    assert linked("Aſk a ſilly thing") == "Aſk a ſilly thing"


def test_one_query_a_page_however_many_texts(django_assert_num_queries):
    GlossaryTermFactory(term="Baseline")

    with django_assert_num_queries(1):
        linked("one baseline", "two", "three baseline", "four")


def test_an_edited_term_is_linked_anew_at_once():
    term = GlossaryTermFactory(term="Baseline", slug="baseline")
    assert "href" in linked("baseline")

    term.auto_link = False
    term.save()

    assert linked("baseline") == "baseline"


def test_an_ingredient_page_links_its_terms(framework):
    GlossaryTermFactory(term="SEND", slug="send")
    soup = BeautifulSoup(Client().get("/ingredients/agency-co-production/").content, "html.parser")

    links = soup.select("main a[href='/glossary/send/']")
    assert [link.text for link in links] == ["SEND"]
    assert "Services for children with SEND improve" in " ".join(soup.get_text().split())
