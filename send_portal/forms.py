"""Forms in the GOV.UK manner: what a form class declares. How it looks is in templates/portal/."""

from __future__ import annotations

import calendar
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

from allauth.account import forms as account_forms
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

# ---- Choices that say more than a word -------------------------------------------------------


class Who(NamedTuple):
    """A partner shown on the moderation board."""

    code: str
    name: str
    is_family: bool = False
    is_alone: bool = False


class ChoiceLabel(str):
    """A label that carries its hint through Django's choices, which keep strings as they are."""

    html: SafeString
    hint: str
    divider: str
    sentences: Sequence[str]
    who: Sequence[Who]


class Choice(tuple[str, ChoiceLabel]):
    """One choice of a radio or checkbox field; Django reads it as its usual (value, label) pair.

    hint: a line below the label. divider: a word above it, such as "or".
    sentences: the lines of a level descriptor. who: the partners who chose it (board only).
    A label marked safe is printed as HTML.
    """

    __slots__ = ()

    def __new__(
        cls,
        value: str,
        label: str,
        *,
        hint: str = "",
        divider: str = "",
        sentences: Sequence[str] = (),
        who: Sequence[Who] = (),
    ) -> Choice:
        rich = ChoiceLabel(label)
        rich.html = conditional_escape(label)
        rich.hint, rich.divider, rich.sentences, rich.who = hint, divider, sentences, who
        return super().__new__(cls, (value, rich))


# ---- Widgets -----------------------------------------------------------------------------------


class RadioSelect(forms.RadioSelect):
    portal_template = "portal/radios.html"


class LevelCards(RadioSelect):
    """Choices with sentences are drawn as cards with their level; the others follow as plain radios."""

    portal_template = "portal/level_cards.html"


class LevelBoard(RadioSelect):
    """Levels side by side, each with the partners who chose it; the others stand below."""

    portal_template = "portal/level_board.html"


class Textarea(forms.Textarea):
    """With a field that has max_length the page counts the characters left."""

    def __init__(self, attrs: Mapping[str, Any] | None = None, *, rows: int = 4) -> None:
        super().__init__({"rows": rows, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        # Browsers send a line break as two characters; the counter on the page counts one.
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value

    # Both widgets are on the pages used most. Drawing them here spares two templates each.
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        said = self.format_value(value) or ""
        drawn = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<textarea name="{}"{}>\n{}</textarea>', name, drawn, said)


class Hidden(forms.HiddenInput):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = self.build_attrs(self.attrs, attrs) | {"value": self.format_value(value)}
        return format_html('<input type="hidden" name="{}"{}>', name, flatatt(given))


class Select(forms.Select):
    """Drawn here too, for long lists: the library draws each of their lines by a template."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        lines = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) in chosen else "", label)
                for key, label in self.choices
            ),
        )
        drawn = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>\n{}\n</select>', name, drawn, lines)


DATE_PARTS = ("day", "month", "year")
MONTHS = [name.lower() for name in calendar.month_name[1:]]


class DateInput(forms.MultiWidget):
    """Three boxes, sent as <name>_day, <name>_month and <name>_year."""

    portal_template = "portal/date_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({part: forms.TextInput() for part in DATE_PARTS}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year)]
        return ["", "", ""]


class DateInputField(forms.Field):
    """A date typed as day, month and year; cleans to datetime.date.

    called: the date's name at the start of an error message, when the label is a question.
    """

    widget = DateInput

    def __init__(self, *, called: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.called = called or str(self.label or "Date").rstrip("?")
        given = kwargs.get("error_messages") or {}
        if "required" not in given:
            self.error_messages["required"] = f"Enter {lower_first(self.called)}"

    def to_python(self, value: Any) -> date | None:
        if value is None or isinstance(value, date):
            return value
        parts = dict(zip(DATE_PARTS, [str(part or "").strip() for part in value], strict=True))
        if not any(parts.values()):
            return None
        if missing := [part for part in DATE_PARTS if not parts[part]]:
            raise self._error("must include a " + " and ".join(missing), "incomplete", missing)
        return self._real_date(parts)

    def _real_date(self, parts: dict[str, str]) -> date:
        if not (parts["year"].isdecimal() and len(parts["year"]) == 4):
            if _number(parts["day"], 31) and _month_number(parts["month"]):
                raise self._error("must have a year with 4 numbers", "year", ["year"])
            raise self._error("must be a real date", "invalid", [])
        day, month = _number(parts["day"], 31), _month_number(parts["month"])
        wrong = [name for name, number in (("day", day), ("month", month)) if not number]
        try:
            return date(int(parts["year"]), month, day)
        except ValueError:
            raise self._error("must be a real date", "invalid", wrong) from None

    def _error(self, problem: str, code: str, parts: Sequence[str]) -> ValidationError:
        return date_error(f"{self.called} {problem}", *parts, code=code)


def date_error(message: str, *parts: str, code: str = "invalid") -> ValidationError:
    """An error about some boxes of a date ("day", "month", "year"); without any, about the whole."""
    error = ValidationError(message, code=code)
    error.date_parts = parts  # type: ignore[attr-defined]
    return error


def wrong_date_parts(bound: BoundField) -> tuple[str, ...]:
    """The boxes that an error of this date field is about: all of them when it names none."""
    errors = bound.errors.data
    named = {part for error in errors for part in getattr(error, "date_parts", ())}
    return tuple(part for part in DATE_PARTS if part in named) or (DATE_PARTS if errors else ())


def _number(text: str, highest: int) -> int:
    """0 when the text is not a whole number from 1 to highest."""
    number = int(text) if text.isdecimal() and len(text) <= 2 else 0
    return number if number <= highest else 0


def _month_number(text: str) -> int:
    """Also for a month written as "March" or "Mar"."""
    word = text.lower()
    for number, month in enumerate(MONTHS, start=1):
        if word in {month, month[:3]}:
            return number
    return _number(text, 12)


def lower_first(text: str) -> str:
    """ "Your name" → "your name", but "NHS number" stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# ---- Forms -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one field looks. Everything else about it is in the field itself.

    size: of the label or legend: "s", "m", "l", "xl". heading: the label is the page's h1.
    hide_label: only for screen readers. width: "2" to "30" characters, or "one-half" and the like.
    prefix, suffix: beside the box. inline, small: radios and checkboxes. css: class on the control.
    """

    size: str = ""
    heading: bool = False
    hide_label: bool = False
    width: str = ""
    prefix: str = ""
    suffix: str = ""
    inline: bool = False
    small: bool = False
    css: str = ""


class PortalForm(forms.Form):
    """The base of every form: `looks` says what GOV.UK size and width a field has.

    layout: a crispy Layout when the fields do not simply follow each other.
    """

    use_required_attribute = False
    looks: ClassVar[dict[str, Look]] = {}
    layout: ClassVar[Layout | None] = None

    def full_clean(self) -> None:
        # As late as this, so that fields which a form adds for itself are covered too.
        for field in self.fields.values():
            say_it_plainly(field)
        super().full_clean()

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        # The view's template owns the form tag, the token and the buttons.
        helper.form_tag = False
        helper.disable_csrf = True
        # Layout objects keep what they have rendered; a class attribute is shared between requests.
        helper.layout = copy.deepcopy(self.layout)
        return helper


def say_it_plainly(field: forms.Field) -> None:
    """Replace Django's stock messages by ones that name the field; a field's own messages stay."""
    stock = forms.Field.default_error_messages["required"]
    label = str(field.label or "").rstrip("?")
    if not label:
        return
    if field.error_messages.get("required") == stock:
        field.error_messages["required"] = _required_message(field, str(field.label))
    # These are completed by Django with the limit, so a percent sign in a label must be doubled.
    name = label.replace("%", "%%")
    messages = field.error_messages
    messages.setdefault("max_length", f"{name} must be %(limit_value)d characters or fewer")
    messages.setdefault("min_length", f"{name} must be %(limit_value)d characters or more")
    messages.setdefault("max_value", f"{name} must be %(limit_value)s or lower")
    messages.setdefault("min_value", f"{name} must be %(limit_value)s or higher")
    if isinstance(field, forms.EmailField):
        messages.setdefault(
            "invalid", "Enter an email address in the correct format, like name@example.com"
        )


def _required_message(field: forms.Field, label: str) -> str:
    if isinstance(field, forms.BooleanField):
        return f"Tick ‘{label}’ to go on"
    if label.endswith("?"):
        return f"Answer ‘{label}’"
    if isinstance(field, forms.FileField):
        return "Select a file"
    verb = "Select" if isinstance(field, forms.ChoiceField) else "Enter"
    return f"{verb} {lower_first(label)}"


def first_control_id(bound: BoundField) -> str:
    """The id that an error-summary link must lead to so that it focuses something."""
    element_id = bound.field.widget.attrs.get("id") or bound.auto_id
    if isinstance(bound.field.widget, DateInput):
        return f"{element_id}_{DATE_PARTS.index(wrong_date_parts(bound)[0])}"
    if isinstance(bound.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{element_id}_0"
    return element_id


# ---- Signing in: the library's forms in our words (named in settings.ACCOUNT_FORMS) --------------

# field: label, and what to do when it is empty
ACCOUNT_WORDS = {
    "login": ("Email address", "Enter your email address"),
    "email": ("Email address", "Enter your email address"),
    "password": ("Password", "Enter your password"),
    "oldpassword": ("Current password", "Enter your current password"),
    "password1": ("New password", "Enter a new password"),
    "password2": ("New password again", "Enter the new password again"),
    "code": ("Code", "Enter the code from the email"),
}


class AccountWords:
    use_required_attribute = False
    looks: ClassVar[dict[str, Look]] = {"code": Look(width="10")}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in ACCOUNT_WORDS:
                field.label, field.error_messages["required"] = ACCOUNT_WORDS[name]
                # The library puts a link into the hint, which a screen reader reads as plain text.
                field.help_text = field.help_text if name == "password1" else ""
            say_it_plainly(field)


class LoginForm(AccountWords, account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class RequestLoginCodeForm(AccountWords, account_forms.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(AccountWords, account_forms.ConfirmLoginCodeForm):
    pass


class ResetPasswordForm(AccountWords, account_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(AccountWords, account_forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(AccountWords, account_forms.ChangePasswordForm):
    pass


class SetPasswordForm(AccountWords, account_forms.SetPasswordForm):
    pass


class ReauthenticateForm(AccountWords, account_forms.ReauthenticateForm):
    pass
