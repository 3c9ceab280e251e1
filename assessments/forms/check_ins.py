from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from areas.models import Partner
from assessments.forms.plan import EARLIEST, LATEST, NO_CHILD
from assessments.forms.scoring import VersionedForm
from assessments.models import Evidence
from assessments.models.check_ins import (
    MOST_PRIORITIES,
    NEXT_LENGTH,
    REASON_LENGTH,
    TEXT_LENGTH,
    Kind,
)
from assessments.reports.words import day as day_words
from assessments.reports.words import in_date
from ingredients.models import Statement
from send_portal.forms import (
    Choice,
    DateInputField,
    Look,
    PortalForm,
    RadioSelect,
    Select,
    Textarea,
    date_error,
)

NOT_AGAIN = "not_again"
# Said where it is chosen, as the choice lets DfE see that it is planned.
SEEN = "DfE programme staff see its day at once, and its record when you have agreed it."
KIND_HINTS = dict.fromkeys((Kind.DFE, Kind.ANNUAL), f"{SEEN} They agree the record too.")


def sensible_day(called: str, day: date) -> date:
    if not EARLIEST <= day.year <= LATEST:
        raise date_error(f"{called} must be between {EARLIEST} and {LATEST}", "year")
    return day


class CheckInForm(PortalForm):
    """When a check-in is, and with whom. `not_before`: the report that it is compared with."""

    kind = forms.ChoiceField(
        label="What kind of check-in is it?",
        widget=RadioSelect,
        choices=[Choice(kind, kind.label, hint=KIND_HINTS.get(kind, "")) for kind in Kind],
        error_messages={"required": "Select the kind of check-in"},
    )
    on = DateInputField(
        label="When is it?",
        called="The day of the check-in",
        help_text="For example, 31 3 2027. You can move it.",
        error_messages={"required": "Enter the day of the check-in"},
    )

    looks: ClassVar[dict[str, Look]] = {"kind": Look(size="m"), "on": Look(size="m")}

    def __init__(self, *args: Any, not_before: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.not_before = not_before

    def clean_on(self) -> date:
        on = sensible_day("The day of the check-in", self.cleaned_data["on"])
        if on < self.not_before:
            raise date_error(
                "The day of the check-in must not be before the report that it is compared with, "
                f"which was submitted on {day_words(self.not_before)}"
            )
        return on


class ChangeCheckInForm(CheckInForm, VersionedForm):
    pass


class PrioritiesForm(VersionedForm):
    statements = forms.MultipleChoiceField(
        label="Which statements do you look at?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one statement"},
    )
    reason = forms.CharField(
        label="Why these?",
        widget=Textarea(rows=3),
        required=False,
        max_length=REASON_LENGTH,
        help_text=f"Needed when you choose others than those proposed. It is printed. {NO_CHILD}",
    )

    looks: ClassVar[dict[str, Look]] = {
        "statements": Look(size="m", small=True),
        "reason": Look(size="m"),
    }

    def __init__(
        self, *args: Any, statements: Sequence[Statement], proposed: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = set(proposed)
        field: Any = self.fields["statements"]
        field.help_text = f"Up to {MOST_PRIORITIES}. Those proposed by rule stand first."
        by_slug = {row.slug: row for row in statements}
        first = [by_slug[slug] for slug in proposed]
        rest = [row for row in statements if row.slug not in self.proposed]
        field.choices = [
            *((row.slug, f"{row.code} {row.title} (proposed)") for row in first),
            *((row.slug, f"{row.code} {row.title}") for row in rest),
        ]

    def clean_statements(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["statements"]
        if len(set(chosen)) > MOST_PRIORITIES:
            raise forms.ValidationError(f"Select {MOST_PRIORITIES} statements or fewer")
        return chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = set(data.get("statements") or [])
        differs = chosen and chosen != self.proposed
        if differs and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Say why you choose other priorities than those proposed")
        return data


class RecordPriorityForm(VersionedForm):
    level = forms.ChoiceField(
        label="What level is true now?",
        widget=RadioSelect,
        error_messages={
            "required": "Select the level that is true now, or that you did not look at it again"
        },
    )
    what_changed = forms.CharField(
        label="What changed, and why?",
        widget=Textarea(rows=3),
        required=False,
        max_length=TEXT_LENGTH,
        help_text=f"If nothing changed, say what got in the way. {NO_CHILD}",
    )
    how_we_know = forms.CharField(
        label="How do you know?",
        widget=Textarea(rows=3),
        required=False,
        max_length=TEXT_LENGTH,
        help_text="What you saw or counted. Totals only, nothing about one child.",
    )
    evidence = forms.ModelChoiceField(
        label="Evidence in your library",
        queryset=Evidence.objects.none(),
        required=False,
        widget=Select,
        error_messages={"invalid_choice": "Select evidence from the list"},
    )
    blocker = forms.CharField(
        label="What is in the way?",
        widget=Textarea(rows=3),
        required=False,
        max_length=TEXT_LENGTH,
    )
    next_step = forms.CharField(label="Next step", required=False, max_length=NEXT_LENGTH)
    body = forms.ChoiceField(label="Responsible body", required=False, widget=Select)
    next_on = DateInputField(
        label="By when?", called="The day of the next step", required=False,
        help_text="For example, 31 3 2027",
    )  # fmt: skip

    field_order = (
        "level", "what_changed", "how_we_know", "evidence", "blocker", "next_step", "body", "next_on",
    )  # fmt: skip
    looks: ClassVar[dict[str, Look]] = {
        "level": Look(size="m"),
        "what_changed": Look(size="s"),
        "how_we_know": Look(size="s"),
        "evidence": Look(size="s"),
        "blocker": Look(size="s"),
        "next_step": Look(size="s"),
        "body": Look(size="s"),
        "next_on": Look(size="s"),
    }

    def __init__(
        self,
        *args: Any,
        levels: dict[int, str],
        library: Sequence[Evidence],
        linked: Sequence[str],
        bodies: Sequence[Partner],
        then: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {str(partner.pk): partner for partner in bodies}
        level, body, evidence = (self.fields[name] for name in ("level", "body", "evidence"))
        level.help_text = then
        level.choices = [  # type: ignore[attr-defined]
            *((str(number), f"{number} {label}") for number, label in levels.items()),
            Choice(NOT_AGAIN, "We did not look at this again", divider="or"),
        ]
        body.choices = [  # type: ignore[attr-defined]
            ("", "Select a partner"),
            *((key, row.name) for key, row in self.bodies.items()),
        ]
        evidence.queryset = Evidence.objects.filter(  # type: ignore[attr-defined]
            pk__in=[row.pk for row in library]
        )
        evidence.choices = [  # type: ignore[attr-defined]
            ("", "What is linked already" if linked else "None"),
            *((str(row.pk), _offered(row)) for row in library),
        ]
        evidence.help_text = "Level 3 or 4 needs evidence in date, or it counts as 2. " + (
            f"Linked already: {', '.join(linked)}." if linked else "None is linked yet."
        )

    def clean_next_on(self) -> date | None:
        next_on: date | None = self.cleaned_data["next_on"]
        return sensible_day("The day of the next step", next_on) if next_on else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("level") not in {None, "", NOT_AGAIN}:
            self._need(data, "what_changed", "Say what changed, or what got in the way")
            self._need(data, "how_we_know", "Say how you know")
        if any(data.get(name) for name in ("next_step", "body", "next_on")):
            self._need(data, "next_step", "Enter the next step")
            self._need(data, "body", "Select the responsible body of the next step")
            self._need(data, "next_on", "Enter the day of the next step")
        # The summary lists what is wrong in the order in which the page asks.
        for name in [name for name in self.fields if name in self.errors]:
            self.errors[name] = self.errors.pop(name)
        return data

    def _need(self, data: dict[str, Any], name: str, message: str) -> None:
        if not data.get(name) and name not in self.errors:
            self.add_error(name, message)

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = dict(self.cleaned_data)
        level = data["level"]
        return data | {
            "level": "" if level == NOT_AGAIN else level,
            "body": self.bodies.get(data["body"]),
        }


def _offered(item: Evidence) -> str:
    return f"{item.title}. {in_date(item.review_on, timezone.localdate())}"


class ReopenCheckInForm(PortalForm):
    reason = forms.CharField(
        label="Why does it go back?",
        widget=Textarea,
        max_length=REASON_LENGTH,
        help_text="It is kept in the area’s history.",
        error_messages={"required": "Say why it goes back"},
    )

    looks: ClassVar[dict[str, Look]] = {"reason": Look(size="m")}
