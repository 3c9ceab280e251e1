import gzip
import json
import re
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from crispy_forms.bootstrap import StrictButton
from crispy_forms.layout import HTML, ButtonHolder, Column, Div, Fieldset, Layout, Row, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, ErrorList
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from send_portal.forms import (
    Choice,
    DateInputField,
    LevelBoard,
    LevelCards,
    LoginForm,
    Look,
    PortalForm,
    RadioSelect,
    Textarea,
    Who,
    date_error,
    wrong_date_parts,
)
from send_portal.storage import PortalStaticFilesStorage

STATIC = Path(__file__).parent.parent / "static" / "portal"
FIXTURES = json.loads((Path(__file__).parent / "govuk_fixtures.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Hashed names exist only after collectstatic."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


# ---- Our markup against GOV.UK Frontend's own examples ------------------------------------------
#
# The pack differs from the examples on purpose in these points, which canonical() evens out:
# - ids and names are Django's (id_x, id_x_0, x_day);
# - aria-invalid="true" marks the control of an error, because it is announced on the control;
# - a choice nobody may choose is not offered, so there are no disabled options.


def canonical(html: str) -> list:
    """The tree as nested lists, with ids and names numbered in the order in which they appear."""
    soup = BeautifulSoup(html, "html.parser")
    numbers: dict[str, str] = {}
    for tag in soup.find_all(id=True):
        numbers.setdefault(tag["id"], f"id{len(numbers)}")
    names: dict[str, str] = {}
    for tag in soup.find_all(attrs={"name": True}):
        names.setdefault(tag["name"], f"name{len(names)}")
    return [node for child in soup.children if (node := _canonical_node(child, numbers, names))]


def _canonical_node(node, numbers, names):
    if isinstance(node, str):
        return " ".join(node.split())
    attrs = {key: value for key, value in node.attrs.items() if key != "aria-invalid"}
    if node.name == "option":
        attrs.pop("disabled", None)
    for key in ("id", "for", "aria-controls", "aria-describedby"):
        if key in attrs:
            attrs[key] = " ".join(numbers.get(part, part) for part in attrs[key].split())
    if "name" in attrs:
        attrs["name"] = names[attrs["name"]]
    if "class" in attrs:
        attrs["class"] = sorted(attrs["class"])
    children = [_canonical_node(child, numbers, names) for child in node.children]
    return [node.name, attrs, [child for child in children if child]]


def size_in(classes: str) -> str:
    found = re.search(r"(?:label|legend)--(\w+)", classes)
    return found[1] if found else ""


def width_in(classes: str) -> str:
    found = re.search(r"width-([\w-]+)", classes)
    return found[1] if found else ""


def look_from(options: dict) -> Look:
    title = options.get("label") or options["fieldset"]["legend"]
    classes = options.get("classes", "")
    return Look(
        size=size_in(title.get("classes", "")),
        heading=title.get("isPageHeading", False),
        width=width_in(classes),
        prefix=options.get("prefix", {}).get("text", ""),
        suffix=options.get("suffix", {}).get("text", ""),
        inline="--inline" in classes,
        small="--small" in classes,
    )


def choices_from(items: list[dict]) -> list[Choice]:
    choices, divider = [], ""
    for item in items:
        if "divider" in item:
            divider = item["divider"]
            continue
        label = mark_safe(item["html"]) if "html" in item else item["text"]
        hint = item.get("hint", {}).get("text", "")
        choices.append(Choice(str(item["value"]), label, hint=hint, divider=divider))
        divider = ""
    return choices


def attrs_from(options: dict) -> dict:
    attrs = {key: options[key] for key in ("inputmode", "autocomplete") if key in options}
    if "spellcheck" in options:
        attrs["spellcheck"] = str(options["spellcheck"]).lower()
    return attrs


def field_from(component: str, options: dict) -> forms.Field:
    title = options.get("label") or options["fieldset"]["legend"]
    common = {
        "label": title["text"],
        "help_text": options.get("hint", {}).get("text", ""),
        "disabled": options.get("disabled", False),
    }
    choices = choices_from(options.get("items") or [])
    attrs = attrs_from(options)
    text_area = Textarea(rows=options.get("rows", 5))
    return {
        "input": lambda: forms.CharField(widget=forms.TextInput(attrs), **common),
        "textarea": lambda: forms.CharField(widget=text_area, **common),
        "character-count": lambda: forms.CharField(
            widget=text_area, max_length=options.get("maxlength"), **common
        ),
        "password-input": lambda: forms.CharField(widget=forms.PasswordInput(attrs), **common),
        "select": lambda: forms.ChoiceField(choices=choices, **common),
        "radios": lambda: forms.ChoiceField(choices=choices, widget=RadioSelect, **common),
        "checkboxes": lambda: forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **common
        ),
        "date-input": lambda: DateInputField(**common),
        "file-upload": lambda: forms.FileField(widget=forms.FileInput, **common),
    }[component]()


def value_from(options: dict):
    chosen = [
        item["value"] for item in options.get("items") or [] if set(item) & {"checked", "selected"}
    ]
    if "values" in options:
        return [str(options["values"][part]) for part in ("day", "month", "year")]
    return options.get("value", chosen[0] if chosen else None)


def form_from(component: str, options: dict) -> PortalForm:
    class ExampleForm(PortalForm):
        example = field_from(component, options)
        looks = {"example": look_from(options)}

    form = ExampleForm(initial={"example": value_from(options)})
    if "errorMessage" in options:
        parts = [part for part in ("day", "month", "year") if options.get(part, {}).get("error")]
        error = date_error(options["errorMessage"]["text"], *parts)
        form._errors = ErrorDict({"example": ErrorList([error])})
    return form


@pytest.mark.parametrize(
    ("component", "name"),
    [
        (component, name)
        for component, examples in FIXTURES.items()
        if component not in {"licence", "error-summary", "error-message"}
        for name in examples
    ],
)
def test_markup_is_that_of_govuk_frontend(component, name):
    example = FIXTURES[component][name]
    form = form_from(component, example["options"])
    assert canonical(render_crispy_form(form)) == canonical(example["html"])


@pytest.mark.parametrize("name", FIXTURES["error-summary"])
def test_error_summary_is_that_of_govuk_frontend(name):
    example = FIXTURES["error-summary"][name]
    items = [
        (error.get("href", "").lstrip("#"), error["text"])
        for error in example["options"]["errorList"]
    ]
    html = render_to_string("portal/error_summary.html", {"items": items})
    assert canonical(html) == canonical(example["html"])


def test_error_message_is_that_of_govuk_frontend():
    example = FIXTURES["error-message"]["id"]
    view = {"errors": [example["options"]["text"]], "error_id": "any"}
    html = render_to_string("portal/hint_and_error.html", {"f": view})
    assert canonical(html) == canonical(example["html"])


# ---- Whole forms ---------------------------------------------------------------------------------

LEVELS = [
    ("1", "Not yet in place"),
    ("2", "Started"),
    ("3", "In routine use"),
    ("4", "Making a difference"),
]


class EveryControlForm(PortalForm):
    answer = forms.ChoiceField(
        label="Which level is true?",
        widget=LevelCards,
        help_text="Choose the closer match.",
        choices=[
            *(Choice(value, label, sentences=[f"{label} line"]) for value, label in LEVELS),
            Choice("cannot_say", "Cannot say", hint="Never a low score.", divider="or"),
        ],
    )
    agreed = forms.ChoiceField(
        label="What level do you agree?",
        widget=LevelBoard,
        choices=[
            Choice(
                "1",
                "Not yet in place",
                sentences=["One"],
                who=[Who("PC", "Parent carers", True, True)],
            ),
            Choice("2", "Started", sentences=["Two"]),
            Choice("not_agreed", "Not agreed"),
        ],
    )
    reason = forms.CharField(
        label="Why this answer?", widget=Textarea, max_length=2000, help_text="Short"
    )
    sectors = forms.MultipleChoiceField(
        label="Partners",
        widget=forms.CheckboxSelectMultiple,
        choices=[("c", "Council"), ("h", "Health")],
    )
    sure = forms.BooleanField(label="I have read it", help_text="All of it")
    closes = DateInputField(label="Scoring closes", help_text="For example, 31 3 2026")
    name = forms.CharField(label="Your full name", max_length=20)
    email = forms.EmailField(label="Email address")
    region = forms.ChoiceField(label="Region", choices=[("", "All"), ("n", "North")])
    file = forms.FileField(label="Minutes", widget=forms.FileInput)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self):
        raise ValidationError("Someone else changed this")


def rendered(form) -> BeautifulSoup:
    template = Template(
        "{% load portal crispy_forms_tags %}{% error_summary form %}{% crispy form %}"
    )
    return BeautifulSoup(template.render(Context({"form": form})), "html.parser")


def element(form, element_id):
    return rendered(form).find(id=element_id)


def test_every_error_summary_link_leads_to_a_control():
    page = rendered(EveryControlForm({"closes_day": "31", "closes_month": "3", "closes_year": ""}))
    links = [link["href"] for link in page.select(".govuk-error-summary a")]
    assert links == [
        "#id_answer_0",
        "#id_agreed_0",
        "#id_reason",
        "#id_sectors_0",
        "#id_sure",
        "#id_closes_2",
        "#id_name",
        "#id_email",
        "#id_region",
        "#id_file",
        "#id_password",
    ]
    targets = [page.select(f'[id="{link[1:]}"]') for link in links]
    assert [len(found) for found in targets] == [1] * len(links)
    assert {found[0].name for found in targets} == {"input", "textarea", "select"}


def test_errors_without_a_visible_control_are_not_links():
    page = rendered(EveryControlForm({}))
    texts = [item.get_text() for item in page.select(".govuk-error-summary li") if not item.a]
    assert texts == ["This field is required.", "Someone else changed this"]


def test_error_summary_is_absent_without_errors_and_joins_several_forms():
    class OneForm(PortalForm):
        text = forms.CharField(label="Dissent")

    template = Template("{% load portal %}{% error_summary a b %}")
    assert template.render(Context({"a": OneForm(), "b": None})).strip() == ""
    html = template.render(Context({"a": OneForm({}), "b": OneForm({}, prefix="b")}))
    links = [link["href"] for link in BeautifulSoup(html, "html.parser").select("a")]
    assert links == ["#id_text", "#id_b-text"]


@pytest.mark.parametrize("data", [None, {}])
def test_ids_are_unique_and_every_reference_exists(data):
    page = rendered(EveryControlForm(data))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    references = {
        part
        for key in ("for", "aria-describedby", "aria-controls")
        for tag in page.find_all(attrs={key: True})
        for part in tag[key].split()
    }
    assert references <= set(ids)


def test_hint_and_error_ids_are_the_ones_django_computes():
    form = EveryControlForm({})
    text_area = element(form, "id_reason")
    assert text_area["aria-describedby"] == f"id_reason-info {form['reason'].aria_describedby}"
    fieldset = element(form, "id_closes_helptext").find_parent("fieldset")
    assert fieldset["aria-describedby"] == form["closes"].aria_describedby


def test_nothing_is_inline_and_the_browser_neither_cuts_nor_complains():
    page = rendered(EveryControlForm({}))
    assert page.select("[style], script, style, [onclick]") == []
    assert page.select("[required], [maxlength], [placeholder]") == []
    assert element(EveryControlForm(), "id_reason").find_parent("div")["data-maxlength"] == "2000"


def test_values_come_back_after_an_error():
    form = EveryControlForm(
        {
            "answer": "3",
            "sectors": ["h"],
            "closes_day": "31",
            "closes_month": "13",
            "region": "n",
            "sure": "on",
        }
    )
    page = rendered(form)
    checked = [tag["id"] for tag in page.select("[checked]")]
    assert checked == ["id_answer_2", "id_sectors_1", "id_sure"]
    assert page.find(id="id_closes_1")["value"] == "13"
    assert page.select_one("option[selected]")["value"] == "n"


def test_level_cards_show_badge_sentences_and_divider():
    page = rendered(EveryControlForm())
    cards = page.select_one(".app-levels")
    first = cards.select_one(".govuk-radios__item")
    assert first.label.get_text(" ", strip=True) == "Level 1 Not yet in place"
    assert first.select_one(".app-level--1") is not None
    assert [line.get_text() for line in first.select(".app-sentences li")] == [
        "Not yet in place line"
    ]
    assert first.input["aria-describedby"] == first.select_one(".govuk-hint")["id"]
    divider = cards.select_one(".govuk-radios__divider")
    assert divider.find_next("input")["value"] == "cannot_say"
    assert cards.select("[checked]") == []


def test_level_board_shows_who_chose_what_and_the_rest_below():
    board = rendered(EveryControlForm()).select_one(".app-board")
    first, second = board.select(".app-board__level")
    who = first.select_one(".app-who")
    assert who["class"] == ["app-who", "app-who--alone"]
    assert who.get_text(" ", strip=True) == "PC Parent carers"
    assert who.select_one(".app-dot--family")["aria-hidden"] == "true"
    assert second.select_one(".app-board__who").get_text(strip=True) == "No partner chose this"
    assert [tag["value"] for tag in board.select(".app-board__other input")] == ["not_agreed"]


def test_text_is_escaped_unless_marked_safe():
    class OddForm(PortalForm):
        pick = forms.ChoiceField(
            label="<b>Pick</b>",
            help_text="<i>hint</i>",
            widget=RadioSelect,
            choices=[
                Choice("a", "<script>1</script>", hint="<u>x</u>"),
                Choice("b", mark_safe("<b>B</b>")),
                ("c", "plain & simple"),
            ],
        )

    page = rendered(OddForm())
    assert page.legend.get_text() == "<b>Pick</b>"
    assert page.find_all(["script", "i", "u"]) == []
    assert [tag.get_text() for tag in page.select("label")] == [
        "<script>1</script>",
        "B",
        "plain & simple",
    ]
    assert page.select("label b")[0].get_text() == "B"


def test_messages_name_the_field():
    form = EveryControlForm({"name": "x" * 21, "email": "nobody"})
    messages = {name: errors[0] for name, errors in form.errors.items()}
    assert messages == {
        "answer": "Answer ‘Which level is true?’",
        "agreed": "Answer ‘What level do you agree?’",
        "reason": "Answer ‘Why this answer?’",
        "sectors": "Select partners",
        "sure": "Tick ‘I have read it’ to go on",
        "closes": "Enter scoring closes",
        "name": "Your full name must be 20 characters or fewer",
        "email": "Enter an email address in the correct format, like name@example.com",
        "region": "Select region",
        "file": "Select a file",
        "password": "Enter password",
        "version": "This field is required.",
        "__all__": "Someone else changed this",
    }


def test_a_fields_own_message_stays_and_a_percent_sign_is_harmless():
    class ShareForm(PortalForm):
        share = forms.IntegerField(
            label="100% share", max_value=5, error_messages={"required": "Say it"}
        )
        nhs = forms.CharField(label="NHS code", required=True)

    assert ShareForm({}).errors["share"] == ["Say it"]
    assert ShareForm({"share": "7"}).errors["share"] == ["100% share must be 5 or lower"]
    assert ShareForm({}).errors["nhs"] == ["Enter NHS code"]


def test_a_line_break_counts_as_one_character():
    class ReasonForm(PortalForm):
        reason = forms.CharField(widget=Textarea, max_length=3)

    form = ReasonForm({"reason": "a\r\nb"})
    assert form.is_valid()
    assert form.cleaned_data["reason"] == "a\nb"


def test_crispy_layout_objects_render():
    class LaidOutForm(PortalForm):
        one = forms.CharField()
        two = forms.CharField()
        three = forms.CharField()
        layout = Layout(
            Fieldset("About {{ whom }}", "one", css_id="about"),
            Div(Row(Column("two")), css_class="app-card"),
            HTML("<p>{{ whom }}</p>"),
            "three",
            ButtonHolder(Submit("then", "Save"), StrictButton("Stop", css_class="govuk-button")),
        )

    html = render_crispy_form(LaidOutForm(), context={"whom": "you & me"})
    page = BeautifulSoup(html, "html.parser")
    assert page.select_one("#about legend").get_text() == "About you & me"
    assert page.select_one(".app-card .govuk-grid-row .govuk-grid-column-one-half #id_two")
    assert page.select_one("p").get_text() == "you & me"
    assert [button.get_text() for button in page.select(".govuk-button-group button")] == [
        "Save",
        "Stop",
    ]
    assert page.select_one("button[name=then]")["type"] == "submit"
    assert page.find("form") is None


# ---- Dates ---------------------------------------------------------------------------------------


class ClosingForm(PortalForm):
    closes = DateInputField(label="When does scoring close?", called="Scoring closes")


def closing(day: str, month: str, year: str) -> ClosingForm:
    return ClosingForm({"closes_day": day, "closes_month": month, "closes_year": year})


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("31", "3", "2026"), date(2026, 3, 31)),
        ((" 01 ", "02", "2026"), date(2026, 2, 1)),
        (("29", "February", "2028"), date(2028, 2, 29)),
        (("5", "sep", "2026"), date(2026, 9, 5)),
    ],
)
def test_date_is_read(typed, expected):
    form = closing(*typed)
    assert form.is_valid()
    assert form.cleaned_data["closes"] == expected


@pytest.mark.parametrize(
    ("typed", "message", "wrong"),
    [
        (("", "", ""), "Enter scoring closes", ("day", "month", "year")),
        (("31", "", "2026"), "Scoring closes must include a month", ("month",)),
        (("", "3", ""), "Scoring closes must include a day and year", ("day", "year")),
        (("31", "13", "2026"), "Scoring closes must be a real date", ("month",)),
        (("32", "1", "2026"), "Scoring closes must be a real date", ("day",)),
        (("0", "0", "2026"), "Scoring closes must be a real date", ("day", "month")),
        (("30", "2", "2026"), "Scoring closes must be a real date", ("day", "month", "year")),
        (("1", "1", "26"), "Scoring closes must have a year with 4 numbers", ("year",)),
        (("1", "1", "0000"), "Scoring closes must be a real date", ("day", "month", "year")),
        (("x", "y", "z"), "Scoring closes must be a real date", ("day", "month", "year")),
        (("9" * 5000, "1", "2026"), "Scoring closes must be a real date", ("day",)),
        (("²", "1", "2026"), "Scoring closes must be a real date", ("day",)),
        (("-1", "1", "2026"), "Scoring closes must be a real date", ("day",)),
        (("1", "1", "\x00202"), "Scoring closes must have a year with 4 numbers", ("year",)),
    ],
)
def test_date_error_names_the_problem_and_the_box(typed, message, wrong):
    form = closing(*typed)
    assert form.errors["closes"] == [message]
    assert wrong_date_parts(form["closes"]) == wrong
    boxes = rendered(form).select(".govuk-date-input__input")
    marked = [box["name"] for box in boxes if "govuk-input--error" in box["class"]]
    assert marked == [f"closes_{part}" for part in wrong]


def test_date_that_is_missing_from_the_request_is_empty():
    assert ClosingForm({}).errors["closes"] == ["Enter scoring closes"]


def test_optional_date_may_be_empty_and_shows_its_initial_value():
    class DueForm(PortalForm):
        due = DateInputField(label="Due", required=False)

    assert DueForm({}).is_valid()
    form = DueForm(initial={"due": date(2026, 3, 31)})
    assert [box["value"] for box in rendered(form).select("input")] == ["31", "3", "2026"]
    same = {"due_day": "31", "due_month": "03", "due_year": "2026"}
    assert not DueForm(same, initial={"due": date(2026, 3, 31)}).has_changed()


def test_a_later_check_may_point_at_one_box():
    form = closing("1", "1", "2020")
    assert form.is_valid()
    form.add_error("closes", date_error("Scoring closes must be in the future", "year"))
    assert rendered(form).select_one(".govuk-error-summary a")["href"] == "#id_closes_2"


# ---- Signing in, error pages, static files ----------------------------------------------------------


def test_sign_in_form_keeps_its_field_names_and_has_our_words():
    form = LoginForm()
    page = rendered_account(form)
    assert [tag["name"] for tag in page.select("input")] == ["login", "password"]
    assert [tag.get_text() for tag in page.select("label")] == ["Email address", "Password"]
    assert page.select(".govuk-hint") == []
    assert page.find(id="id_login")["type"] == "email"
    assert page.find(id="id_login")["autocomplete"] == "username"


def rendered_account(form) -> BeautifulSoup:
    html = render_to_string("allauth/elements/fields.html", {"attrs": {"form": form}})
    return BeautifulSoup(html, "html.parser")


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_need_no_context(name):
    page = BeautifulSoup(render_to_string(name), "html.parser")
    assert page.title.get_text() == f"{page.h1.get_text()} – SEND improvement portal"
    assert page.select("[style], script:not([src])") == []
    assert page.select(".app-account") == []


def test_title_says_error_when_the_form_has_errors():
    html = render_to_string("404.html", {"form": closing("", "", "")})
    assert BeautifulSoup(html, "html.parser").title.get_text().startswith("Error: Page not found")


def test_hashed_files_find_their_fonts_and_their_module(tmp_path):
    storage = PortalStaticFilesStorage(location=tmp_path, base_url="/static/")
    paths = {}
    for source in STATIC.rglob("*"):
        if source.is_file():
            name = f"portal/{source.relative_to(STATIC)}"
            with source.open("rb") as content:
                storage._save(name, content_file(content.read()))
            paths[name] = (storage, name)
    failures = [
        result for *_, result in storage.post_process(paths) if isinstance(result, Exception)
    ]
    assert failures == []
    init = (tmp_path / storage.hashed_files["portal/init.mjs"]).read_text(encoding="utf-8")
    module = Path(storage.hashed_files["portal/govuk-frontend.min.js"]).name
    assert f'from "./{module}"' in init
    sheet = (tmp_path / storage.hashed_files["portal/portal.css"]).read_text(encoding="utf-8")
    fonts = re.findall(r'url\("(fonts/[^"]+)"\)', sheet)
    assert len(fonts) == 4
    assert all((tmp_path / "portal" / font).is_file() for font in fonts)


def content_file(content: bytes):
    from django.core.files.base import ContentFile

    return ContentFile(content)


def test_first_visit_weighs_at_most_33_kilobytes():
    files = ["govuk.css", "portal.css", "govuk-frontend.min.js", "init.mjs", "js-enabled.js"]
    weight = sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in files)
    assert weight <= 33_000


def test_style_sheets_ask_for_nothing_but_the_fonts():
    assert "url(" not in (STATIC / "govuk.css").read_text(encoding="utf-8")
    sheets = "".join(
        (STATIC / name).read_text(encoding="utf-8") for name in ("govuk.css", "portal.css")
    )
    assert "sourceMappingURL" not in sheets
    assert set(re.findall(r"url\(\"?([^)\"]+)", sheets)) == {
        f"fonts/source-sans-3-{part}-{weight}.woff2"
        for part in ("latin", "latin-ext")
        for weight in (400, 700)
    }
