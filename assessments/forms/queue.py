"""What DfE programme staff ask of the check-in queue, and what they do with a check-in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from areas.models import Area, User
from assessments.forms.check_ins import sensible_day
from assessments.forms.plan import NO_CHILD
from assessments.forms.programme import AsAtForm
from assessments.forms.scoring import VersionedForm
from assessments.models import ProgrammeRecord
from assessments.models.check_ins import (
    NEXT_LENGTH,
    REASON_LENGTH,
    TEXT_LENGTH,
    WITH_PROGRAMME,
    Kind,
)
from assessments.reports.queue import Line, State
from send_portal.forms import (
    Choice,
    DateInputField,
    Hidden,
    Look,
    PortalForm,
    RadioSelect,
    Select,
    Textarea,
    date_error,
)

MINE, NOBODY = "mine", "nobody"
HELD, NOT_HELD, NOT_YET = "held", "not_held", "not_yet"


class QueueForm(AsAtForm):
    """Which check-ins of the queue are looked for. The address of the page holds it all."""

    owner = forms.ChoiceField(label="Looked after by", required=False, widget=Select)
    state = forms.ChoiceField(
        label="State", required=False, widget=Select,
        choices=[("", "Any state"), *State.choices],
        error_messages={"invalid_choice": "Choose state from the list"},
    )  # fmt: skip

    def __init__(self, *args: Any, people: Sequence[User], by: User, **kwargs: Any) -> None:
        super().__init__(*args, frameworks=[], **kwargs)
        # The queue is of today, whatever the version of the framework.
        del self.fields["as_at"], self.fields["version"]
        self.by = by
        field: Any = self.fields["owner"]
        others = [(str(row.pk), row.name) for row in people if row != by]
        field.choices = [("", "Anyone"), (MINE, "Me"), (NOBODY, "Nobody"), *others]
        field.error_messages["invalid_choice"] = "Choose looked after by from the list"

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("region", "owner", "state"))

    def narrow(self, lines: Iterable[Line]) -> list[Line]:
        asked = self.cleaned_data
        return [
            line for line in lines
            if asked["region"] in {"", line.area.region}
            and asked["state"] in {"", line.state}
            and self._has_owner(line)
        ]  # fmt: skip

    def _has_owner(self, line: Line) -> bool:
        asked = self.cleaned_data["owner"]
        if asked == NOBODY:
            return line.owner is None
        wanted = str(self.by.pk) if asked == MINE else asked
        return not asked or (line.owner is not None and str(line.owner.pk) == wanted)


class OwnerField(forms.ChoiceField):
    """Somebody who works on the programme today, or nobody."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Who looks after it at DfE?", required=False, widget=Select,
            error_messages={"invalid_choice": "Choose who looks after it from the list"}, **kwargs,
        )  # fmt: skip

    def offer(self, people: Sequence[User]) -> None:
        self.people = {str(row.pk): row for row in people}
        self.choices = [("", "Nobody"), *((key, row.name) for key, row in self.people.items())]

    def clean(self, value: Any) -> User | None:
        return self.people.get(super().clean(value))


class ScheduleForm(PortalForm):
    """A check-in that DfE plans with an area that has submitted a report."""

    area = forms.ChoiceField(
        label="Which area?",
        widget=Select,
        help_text="Areas with a submitted report. The check-in is compared with the newest.",
        error_messages={
            "required": "Select the area",
            "invalid_choice": "Select an area from the list",
        },
    )
    kind = forms.ChoiceField(
        label="What kind of check-in is it?",
        widget=RadioSelect,
        choices=[(kind, kind.label) for kind in Kind if kind in WITH_PROGRAMME],
        error_messages={
            "required": "Select the kind of check-in",
            "invalid_choice": "Select the kind of check-in",
        },
    )
    on = DateInputField(
        label="When is it?",
        called="The day of the check-in",
        help_text="For example, 31 3 2027. You can move it.",
        error_messages={"required": "Enter the day of the check-in"},
    )
    owner = OwnerField()

    looks: ClassVar[dict[str, Look]] = {
        "area": Look(size="m"), "kind": Look(size="m"), "on": Look(size="m"), "owner": Look(size="m"),
    }  # fmt: skip

    def __init__(
        self, *args: Any, areas: Sequence[Area], people: Sequence[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.areas = {row.dfe_code: row for row in areas}
        field: Any = self.fields["area"]
        field.choices = [("", "Select an area"), *((k, row.name) for k, row in self.areas.items())]
        owner: Any = self.fields["owner"]
        owner.offer(people)

    def clean_area(self) -> Area:
        return self.areas[self.cleaned_data["area"]]

    def clean_on(self) -> date:
        return _to_come(self.cleaned_data["on"])


class MoveForm(PortalForm):
    """The new day; `seen` is the day that the person saw."""

    on = DateInputField(
        label="When is it now?",
        called="The day of the check-in",
        help_text="For example, 31 3 2027",
        error_messages={"required": "Enter the day of the check-in"},
    )
    seen = forms.DateField(widget=Hidden)

    looks: ClassVar[dict[str, Look]] = {"on": Look(size="m")}

    def clean_on(self) -> date:
        return _to_come(self.cleaned_data["on"])


def _to_come(on: date) -> date:
    """A day on which somebody can still come."""
    if sensible_day("The day of the check-in", on) < timezone.localdate():
        raise date_error("The day of the check-in must be today or later")
    return on


class AssignForm(VersionedForm):
    owner = OwnerField()

    looks: ClassVar[dict[str, Look]] = {"owner": Look(size="m")}

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.offer(people)


class NoteForm(VersionedForm):
    """What DfE keeps for itself. Every box is there from the start; what does not fit is said."""

    outcome = forms.ChoiceField(
        label="Was it held?",
        widget=RadioSelect,
        choices=[
            Choice(HELD, "Yes", hint="Give the day below."),
            Choice(NOT_HELD, "No", hint="Say why below."),
            Choice(NOT_YET, "Not yet", divider="or"),
        ],
        error_messages={
            "required": "Select whether it was held",
            "invalid_choice": "Select whether it was held",
        },
    )
    held_on = DateInputField(
        label="When was it held?", called="The day on which it was held", required=False,
        help_text="Needed if it was held. For example, 31 3 2027",
    )  # fmt: skip
    not_held_because = forms.CharField(
        label="Why was it not held?", widget=Textarea(rows=2), required=False,
        max_length=TEXT_LENGTH, help_text="Needed if it was not held.",
    )  # fmt: skip
    blocker = forms.CharField(
        label="What is in the way?", widget=Textarea(rows=3), required=False,
        max_length=TEXT_LENGTH, help_text=NO_CHILD,
    )  # fmt: skip
    next_step = forms.CharField(
        label="Next step for DfE", required=False, max_length=NEXT_LENGTH, help_text=NO_CHILD
    )
    next_on = DateInputField(
        label="By when?", called="The day of the next step", required=False,
        help_text="Needed with a next step. For example, 31 3 2027",
    )  # fmt: skip

    field_order = (
        "outcome", "held_on", "not_held_because", "blocker", "next_step", "next_on", "version",
    )  # fmt: skip
    looks: ClassVar[dict[str, Look]] = {
        "outcome": Look(size="m"), "held_on": Look(size="s"),
        "not_held_because": Look(size="s"), "blocker": Look(size="s"), "next_step": Look(size="s"),
        "next_on": Look(size="s"),
    }  # fmt: skip

    def clean_held_on(self) -> date | None:
        held_on: date | None = self.cleaned_data["held_on"]
        if held_on and sensible_day("The day on which it was held", held_on) > timezone.localdate():
            raise date_error("The day on which it was held must be today or before")
        return held_on

    def clean_next_on(self) -> date | None:
        next_on: date | None = self.cleaned_data["next_on"]
        return sensible_day("The day of the next step", next_on) if next_on else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        outcome = data.get("outcome")
        self._fits(data, "held_on", outcome == HELD, "Enter the day on which it was held",
                   "Take the day away, or select that it was held")  # fmt: skip
        self._fits(data, "not_held_because", outcome == NOT_HELD, "Say why it was not held",
                   "Take the reason away, or select that it was not held")  # fmt: skip
        if bool(data.get("next_step")) and not data.get("next_on"):
            self._wrong("next_on", "Enter the day of the next step")
        if data.get("next_on") and not data.get("next_step"):
            self._wrong("next_step", "Enter the next step")
        # The summary lists what is wrong in the order in which the page asks.
        for name in [name for name in self.fields if name in self.errors]:
            self.errors[name] = self.errors.pop(name)
        return data

    def _fits(
        self, data: dict[str, Any], name: str, wanted: bool, missing: str, too_much: str
    ) -> None:
        """A box is filled in if the outcome wants it, and only then."""
        if "outcome" not in self.errors and wanted != bool(data.get(name)):
            self._wrong(name, missing if wanted else too_much)

    def _wrong(self, name: str, message: str) -> None:
        if name not in self.errors:
            self.add_error(name, message)

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "outcome"}


def noted(kept: ProgrammeRecord | None) -> dict[str, Any]:
    """What the form holds at first."""
    if kept is None:
        return {"version": 0, "outcome": NOT_YET}
    names = ("version", "held_on", "not_held_because", "blocker", "next_step", "next_on")
    outcome = HELD if kept.held_on else NOT_HELD if kept.not_held_because else NOT_YET
    return {name: getattr(kept, name) for name in names} | {"outcome": outcome}


class CallOffForm(PortalForm):
    reason = forms.CharField(
        label="Why is it called off?",
        widget=Textarea,
        max_length=REASON_LENGTH,
        help_text=f"The area reads it, by mail and in its history. {NO_CHILD}",
        error_messages={"required": "Say why it is called off"},
    )

    looks: ClassVar[dict[str, Look]] = {"reason": Look(size="m")}


class AgendaForm(PortalForm):
    again = forms.BooleanField(
        label="Send it again",
        error_messages={"required": "Tick ‘Send it again’, as it was sent before"},
    )

    def __init__(self, *args: Any, was_sent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not was_sent:
            del self.fields["again"]

    @property
    def says_again(self) -> bool:
        return bool(self.cleaned_data.get("again"))
