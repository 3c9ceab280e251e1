"""The crispy template pack's own tags: one bound field, and the error summary."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any

from django import forms, template
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.boundfield import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from send_portal.forms import DATE_PARTS, ChoiceLabel, Look, first_control_id, wrong_date_parts

register = template.Library()

PLAIN = Look()
# widget → template and the class of its control; the nearest class in the widget's ancestry counts.
CONTROLS: dict[type, tuple[str, str]] = {
    forms.Widget: ("portal/input.html", "govuk-input"),
    forms.PasswordInput: (
        "portal/password_input.html",
        "govuk-input govuk-password-input__input govuk-js-password-input-input",
    ),
    forms.Textarea: ("portal/textarea.html", "govuk-textarea"),
    forms.Select: ("portal/select.html", "govuk-select"),
    forms.FileInput: ("portal/file_upload.html", "govuk-file-upload"),
    forms.CheckboxInput: ("portal/checkbox.html", "govuk-checkboxes__input"),
    forms.RadioSelect: ("portal/radios.html", ""),
    forms.CheckboxSelectMultiple: ("portal/checkboxes.html", ""),
}
ERROR_CLASSES = {
    "portal/input.html": "govuk-input--error",
    "portal/password_input.html": "govuk-input--error",
    "portal/textarea.html": "govuk-textarea--error",
    "portal/select.html": "govuk-select--error",
    "portal/file_upload.html": "govuk-file-upload--error",
}


class FieldView:
    """What the pack's templates read about one field."""

    def __init__(self, bound: BoundField) -> None:
        self.bound = bound
        self.widget = bound.field.widget
        self.id = self.widget.attrs.get("id") or bound.auto_id
        self.name = bound.html_name
        self.label = bound.label
        self.hint = bound.help_text
        self.hint_id = f"{self.id}_helptext"
        self.error_id = f"{self.id}_error"
        self.errors = list(bound.errors)
        self.look = getattr(bound.form, "looks", {}).get(bound.name, PLAIN)
        known = next(CONTROLS[cls] for cls in type(self.widget).__mro__ if cls in CONTROLS)
        self.template = getattr(self.widget, "portal_template", known[0])
        self.css = known[1]

    @cached_property
    def max_length(self) -> str:
        """For the character count of a text area; a string, so that no page writes 1,000."""
        if not isinstance(self.widget, forms.Textarea):
            return ""
        attrs = self.widget.attrs
        return str(attrs.get("data-maxlength") or attrs.get("maxlength") or "")

    @cached_property
    def described_by(self) -> str:
        ids = [
            self.widget.attrs.get("aria-describedby"),
            self.max_length and f"{self.id}-info",
            self.hint and self.hint_id,
            self.errors and self.error_id,
        ]
        return " ".join(str(part) for part in ids if part)

    @cached_property
    def control(self) -> SafeString:
        """The widget itself, with GOV.UK's classes.

        maxlength is dropped because it cuts pasted text without a word, placeholder because it
        vanishes on typing and is too pale, required because the error summary says it better.
        """
        attrs = {
            "id": self.id,
            "class": self._control_class(),
            "aria-describedby": self.described_by or False,
            "aria-invalid": "true" if self.errors else False,
            "disabled": self.bound.field.disabled,
            "maxlength": False,
            "data-maxlength": False,
            "cols": False,
            "placeholder": False,
            "required": False,
        }
        attrs |= self._input_attrs()
        return self.widget.render(
            self.name, self.bound.value(), attrs=attrs, renderer=self.bound.form.renderer
        )

    def _control_class(self) -> str:
        width = self.look.width
        classes = [
            self.css,
            "govuk-js-character-count" if self.max_length else "",
            self.errors and ERROR_CLASSES.get(self.template),
            width
            and (f"govuk-input--width-{width}" if width.isdecimal() else f"govuk-!-width-{width}"),
            self.look.css,
            self.widget.attrs.get("class"),
        ]
        return " ".join(str(part) for part in classes if part)

    def _input_attrs(self) -> dict[str, Any]:
        given = self.widget.attrs
        if isinstance(self.widget, forms.PasswordInput):
            return {
                "spellcheck": "false",
                "autocapitalize": "none",
                "autocomplete": given.get("autocomplete", "current-password"),
            }
        if getattr(self.widget, "input_type", "") == "email":
            return {"spellcheck": "false", "autocomplete": given.get("autocomplete", "email")}
        return {}

    @cached_property
    def options(self) -> list[dict[str, Any]]:
        value = self.widget.format_value(self.bound.value())
        attrs = {"id": self.id, "disabled": self.bound.field.disabled}
        return list(self.widget.options(self.name, value, attrs))

    @property
    def levels(self) -> list[dict[str, Any]]:
        return [option for option in self.options if getattr(option["label"], "sentences", ())]

    @property
    def other_options(self) -> list[dict[str, Any]]:
        return [option for option in self.options if not getattr(option["label"], "sentences", ())]

    @property
    def date_parts(self) -> list[dict[str, Any]]:
        value = self.bound.value()
        values = value if isinstance(value, (list, tuple)) else self.widget.decompress(value)
        wrong = wrong_date_parts(self.bound)
        return [
            {
                "id": f"{self.id}_{index}",
                "name": f"{self.name}_{part}",
                "label": part.title(),
                "value": values[index],
                "width": "4" if part == "year" else "2",
                "is_wrong": part in wrong,
            }
            for index, part in enumerate(DATE_PARTS)
        ]


@register.simple_tag
def portal_field(bound: BoundField) -> SafeString:
    """A field with its label, hint and error. Pages use {{ form.name|as_crispy_field }}."""
    if bound.is_hidden:
        return mark_safe(str(bound))  # noqa: S308 -- Django's own rendering of a hidden input
    view = FieldView(bound)
    return render_to_string(view.template, {"f": view})


@register.inclusion_tag("portal/error_summary.html")
def error_summary(*all_forms: forms.BaseForm) -> dict[str, Any]:
    """Every error of these forms; each links to the control that mends it."""
    items = [item for form in all_forms if form is not None for item in _error_items(form)]
    return {"items": items}


def _error_items(form: forms.BaseForm) -> list[tuple[str, str]]:
    items = []
    for name, errors in form.errors.items():
        bound = None if name == NON_FIELD_ERRORS or name not in form.fields else form[name]
        target = "" if bound is None or bound.is_hidden else first_control_id(bound)
        items += [(target, str(message)) for message in errors]
    return items


@register.simple_tag
def dot(partner: Any) -> SafeString:
    """A partner's mark: its code in a circle, or in a rounded square where it speaks for families.

    A tag and not an include: the agenda and the report print hundreds.
    """
    family = " app-dot--family" if partner.is_family else ""
    return format_html('<span class="app-dot{}" aria-hidden="true">{}</span>', family, partner.code)


@register.simple_tag
def level_badge(level: int | None) -> SafeString:
    """A level as a coloured square with its digit, or a dashed one where there is none."""
    if level:
        return LEVEL_BADGES[level]
    return NO_LEVEL_BADGE


HERE = mark_safe(' aria-current="page"')
LEVEL_BADGES = {
    level: mark_safe(  # noqa: S308 -- only a digit is filled in
        f'<span class="app-level app-level--{level}">'
        f'<span class="govuk-visually-hidden">Level </span>{level}</span>'
    )
    for level in (1, 2, 3, 4)
}
NO_LEVEL_BADGE = mark_safe(
    '<span class="app-level app-level--none"><span aria-hidden="true">–</span>'
    '<span class="govuk-visually-hidden">No level</span></span>'
)


@register.simple_tag
def sentences(label: ChoiceLabel) -> SafeString:
    """The lines of a level descriptor: the same for everyone, so a process draws them once."""
    return _sentences(tuple(label.sentences))


@lru_cache(maxsize=1024)
def _sentences(lines: tuple[str, ...]) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html('<ul class="app-sentences">{}</ul>', items)


@register.simple_tag
def map_cells(places: Iterable[tuple[str, Any, bool, bool]]) -> SafeString:
    """The statements of one ingredient in the map beside a statement. A tag, as it prints all."""
    return format_html_join(
        "",
        '<li><a href="{}"{}</li>',
        (
            (url, _map_cell(statement.code, statement.title, answered, here))
            for url, statement, answered, here in places
        ),
    )


@lru_cache(maxsize=1024)
def _map_cell(code: str, title: str, answered: bool, here: bool) -> SafeString:
    return format_html(
        ' class="app-map__cell{}{}"{}>{}<span class="govuk-visually-hidden"> {}, {}</span></a>',
        " app-map__cell--answered" if answered else "",
        " app-map__cell--current" if here else "",
        HERE if here else "",
        code,
        title,
        "answered" if answered else "left",
    )


@register.simple_tag
def cells(answers: Iterable[Any], *more: str) -> SafeString:
    """A table row's cells, one for each partner's answer. A tag, as a report prints hundreds."""
    return _cells(tuple(answer.cell for answer in answers) + more)


@lru_cache(maxsize=1024)
def _cells(texts: tuple[str, ...]) -> SafeString:
    return format_html_join(
        "", '<td class="govuk-table__cell">{}</td>', ((text,) for text in texts)
    )


@register.simple_tag(takes_context=True)
def agenda_item(context: Context, item: Any, following: str) -> SafeString:
    """One statement on the agenda of a meeting; `following` is the slug of the next to decide."""
    return part(
        "partials/agenda_item.html",
        url=f"{context['request'].path}{item.slug}/",
        title=item.title,
        code=item.code,
        ingredient=item.ingredient,
        strip=item.strip,
        sentence=item.sentence,
        level=item.level,
        agreed_words=item.agreed_words,
        is_decided=item.is_decided,
        is_next=item.slug == following,
        is_contested=item.is_contested,
        is_not_evidenced=item.is_not_evidenced,
        comments=(context.get("open_comments") or {}).get(item.slug, 0),
    )


@register.simple_tag
def score_row(item: Any) -> SafeString:
    """A statement's row in the table of all scores: each partner's, then what is agreed."""
    texts = (*(answer.cell for answer in item.answers), item.agreed_cell)
    return part("partials/score_row.html", code=item.code, title=item.title, texts=texts)


@register.simple_tag
def reason_row(answer: Any) -> SafeString:
    """What one partner scored on a statement, and why."""
    return part(
        "partials/reason_row.html",
        code=answer.partner.code,
        is_family=answer.partner.is_family,
        short_name=answer.partner.short_name,
        level=answer.level,
        words=answer.words,
        reason=answer.reason,
    )


def part(template: str, **values: Hashable) -> SafeString:
    """A template drawn from these values alone, so drawn once for the same values.

    For what a page prints dozens of times, and many people look at in one meeting.
    """
    return _part(template, tuple(values.items()))


@lru_cache(maxsize=4096)
def _part(template: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return mark_safe(render_to_string(template, dict(values)).strip())  # noqa: S308 -- a template escaped it
