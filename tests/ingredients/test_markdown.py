"""Help and policy pages are Markdown, shown in the portal's look and never as given HTML."""

from bs4 import BeautifulSoup

from ingredients.templatetags.content import contents, first_heading, markdown


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(markdown(text), "html.parser")


def test_elements_get_the_look_of_the_portal():
    page = soup("# Title\n\nText with a [link](/help/).\n\n- one\n- two\n\n1. first\n")

    assert page.h1["class"] == ["govuk-heading-xl"]
    assert page.p["class"] == ["govuk-body"]
    assert page.a["class"] == ["govuk-link"]
    assert page.ul["class"] == ["govuk-list", "govuk-list--bullet"]
    assert page.ol["class"] == ["govuk-list", "govuk-list--number"]


def test_html_is_shown_as_text_and_comments_are_dropped():
    page = soup("<script>alert(1)</script>\n\n<!-- a note\nto us -->Text <b onclick=x>bold</b>")

    assert page.script is None
    assert page.b is None
    assert "<script>alert(1)</script>" in page.get_text()
    assert "a note" not in page.get_text()


def test_a_link_cannot_carry_a_script():
    assert soup("[click](javascript:alert(1)) [or](data:text/html,x)").find("a") is None


def test_a_table_scrolls_in_a_region_named_after_its_heading():
    page = soup(
        "## Who *sees* what\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n\n| C |\n| --- |\n| 3 |\n"
    )

    regions = page.select("div.app-scroll[role=region][tabindex='0']")
    assert [region["aria-label"] for region in regions] == [
        "Table 1: Who sees what",
        "Table 2: Who sees what",
    ]
    assert [cell["scope"] for cell in regions[0].find_all("th")] == ["col", "col"]
    assert regions[0].table.parent is regions[0]


def test_the_name_of_a_scroll_region_is_escaped():
    page = soup('## "><img src=x>\n\n| A |\n| --- |\n| 1 |\n')

    assert page.find("img") is None
    assert page.select_one(".app-scroll")["aria-label"] == 'Table 1: "><img src=x>'


def test_a_note_stands_in_an_inset():
    note = soup("> Note for the host.").div

    assert note["class"] == ["govuk-inset-text"]
    assert note.get_text(strip=True) == "Note for the host."


def test_headings_can_be_linked_to_and_are_listed():
    text = "# Title\n\n## One thing\n\n### Detail\n\n## One thing\n\n## 😀\n"

    assert contents(text) == [
        ("one-thing", "One thing"),
        ("one-thing-2", "One thing"),
        ("part", "😀"),
    ]
    assert [tag["id"] for tag in soup(text).find_all("h2")] == ["one-thing", "one-thing-2", "part"]
    assert first_heading(text) == "Title"
    assert first_heading("Text only") == ""
