"""Reads a page as a person would: its words, its messages, what a form still holds."""

from bs4 import BeautifulSoup

from areas.models import AuditEvent


def soup(response):
    return BeautifulSoup(response.content, "lxml")


def words(node):
    return " ".join(node.get_text(" ").split())


def text(response):
    """What the main part of the page says, in one line."""
    return words(soup(response).main)


def title(response):
    return words(soup(response).title)


def heading(response):
    return words(soup(response).h1)


def problems(response):
    """The messages of a refused form, after checking that each is where it must be: in the
    summary, with a link to a control that exists, and beside that control."""
    page = soup(response)
    assert response.status_code == 400
    assert words(page.title).startswith("Error: ")
    found = []
    for item in page.select(".govuk-error-summary__list li"):
        message = words(item)
        found.append(message)
        if item.a is not None:
            control = page.find(id=item.a["href"].removeprefix("#"))
            group = control.find_parent(class_="govuk-form-group--error")
            beside = [words(node) for node in group.select(".govuk-error-message")]
            assert any(message in said for said in beside)
    return found


def held(response, name):
    """What a text field of the page holds."""
    field = soup(response).find(attrs={"name": name})
    return field.get("value", "") if field.name == "input" else field.get_text().removeprefix("\n")


def chosen(response, name):
    """Which radio buttons or check boxes of this name are on."""
    return [
        node["value"] for node in soup(response).find_all(attrs={"name": name, "checked": True})
    ]


def cells(table):
    """Rows of a table as texts; a dot before a name is decoration."""
    for decoration in table.find_all(attrs={"aria-hidden": "true"}):
        decoration.decompose()
    return [
        [words(cell) for cell in row.find_all(["th", "td"])] for row in table.tbody.find_all("tr")
    ]


def sentences(verb=None):
    """What the log says, oldest first."""
    events = AuditEvent.objects.order_by("pk")
    return [event.sentence for event in (events.filter(verb=verb) if verb else events)]
