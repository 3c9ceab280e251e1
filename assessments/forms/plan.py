from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms

from areas.models import Partner
from assessments.forms.scoring import VersionedForm
from assessments.models import Action
from assessments.models.actions_plan import (
    NOTE_LENGTH,
    OWNER_LENGTH,
    TEXT_LENGTH,
    ActionQuerySet,
    Status,
)
from ingredients.forms import SearchFilter
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

EARLIEST, LATEST = 2000, 2100
NO_CHILD = "Never write a child’s name, or anything about one child."


class ActionDetails(PortalForm):
    """What is set out, apart from how far it is."""

    what = forms.CharField(
        label="What will be done?",
        widget=Textarea(rows=3),
        max_length=TEXT_LENGTH,
        help_text=f"One thing, so that anyone can tell whether it is done. {NO_CHILD}",
        error_messages={"required": "Say what will be done"},
    )
    body = forms.ChoiceField(
        label="Responsible body",
        widget=Select,
        help_text="The partner that answers for it.",
        error_messages={"required": "Select the responsible body"},
    )
    owner = forms.CharField(
        label="Owner",
        max_length=OWNER_LENGTH,
        help_text="The person or the role that sees to it. For example, designated clinical officer.",
        error_messages={"required": "Enter the owner, a name or a role"},
    )
    due_on = DateInputField(
        label="Due",
        called="The due day",
        help_text="For example, 31 3 2027",
        error_messages={"required": "Enter the due day"},
    )
    measure = forms.CharField(
        label="How will you know that it worked?",
        widget=Textarea(rows=3),
        max_length=TEXT_LENGTH,
        help_text="What you will see or count. Totals only, nothing about one child.",
        error_messages={"required": "Say how you will know that it worked"},
    )

    looks: ClassVar[dict[str, Look]] = {
        "priority": Look(size="s"),
        "what": Look(size="s"),
        "body": Look(size="s"),
        "owner": Look(size="s", width="30"),
        "due_on": Look(size="s"),
        "measure": Look(size="s"),
    }

    def __init__(self, *args: Any, bodies: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {str(partner.pk): partner for partner in bodies}
        body: Any = self.fields["body"]
        body.choices = [
            ("", "Select a partner"),
            *((key, partner.name) for key, partner in self.bodies.items()),
        ]

    def clean_due_on(self) -> date:
        due: date = self.cleaned_data["due_on"]
        if not EARLIEST <= due.year <= LATEST:
            raise date_error(f"The due day must be between {EARLIEST} and {LATEST}", "year")
        return due

    @property
    def values(self) -> dict[str, Any]:
        """What the actions take."""
        data = dict(self.cleaned_data)
        return data | {"body": self.bodies[data["body"]]}


class ActionForm(ActionDetails):
    """A new action. `proposed` are the priorities of the picture, `statements` all of it."""

    priority = forms.ChoiceField(label="Which priority is it for?", required=False, widget=Select)
    field_order = ("priority", "what", "body", "owner", "due_on", "measure")

    def __init__(
        self,
        *args: Any,
        statements: Sequence[Statement],
        proposed: Sequence[str],
        picture: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.statements = {row.slug: row for row in statements}
        if not self.statements:
            del self.fields["priority"]
            return
        field: Any = self.fields["priority"]
        field.help_text = f"A statement of {picture}. The proposed priorities stand first."
        rest = [slug for slug in self.statements if slug not in proposed]
        field.choices = [
            ("", "None of the statements"),
            *((slug, f"{self._named(slug)} (proposed)") for slug in proposed),
            *((slug, self._named(slug)) for slug in rest),
        ]

    def _named(self, slug: str) -> str:
        row = self.statements[slug]
        return f"{row.code} {row.title}"

    @property
    def values(self) -> dict[str, Any]:
        data = super().values
        return data | {"statement": self.statements.get(data.pop("priority", ""))}


class ChangeActionForm(ActionDetails, VersionedForm):
    pass


class ProgressForm(VersionedForm):
    status = forms.ChoiceField(
        label="How far is it?",
        widget=RadioSelect,
        choices=[
            Choice(Status.NOT_STARTED, "Not started"),
            Choice(Status.UNDER_WAY, "Under way"),
            Choice(Status.DONE, "Done"),
            Choice(
                Status.NO_ACTION,
                "No action, because",
                divider="or",
                hint="It will not be done. Say why in the box below.",
            ),
        ],
        error_messages={"required": "Select how far it is"},
    )
    note = forms.CharField(
        label="What is new?",
        widget=Textarea(rows=3),
        required=False,
        max_length=NOTE_LENGTH,
        help_text=f"Needed for ‘No action, because’, and when nothing else changes. {NO_CHILD}",
    )

    looks: ClassVar[dict[str, Look]] = {"status": Look(size="m"), "note": Look(size="m")}

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        status, note = data.get("status"), data.get("note")
        if "note" in self.errors or note:
            return data
        if status == Status.NO_ACTION:
            self.add_error("note", "Say why there will be no action")
        elif status == self.action.status:
            self.add_error("note", "Say what is new, or select another status")
        return data


class ImpactForm(PortalForm):
    text = forms.CharField(
        label="What is different for children, young people and families?",
        widget=Textarea,
        max_length=NOTE_LENGTH,
        help_text=f"And how you know. What was recorded before stays. {NO_CHILD}",
        error_messages={"required": "Say what is different, or that nothing is"},
    )

    looks: ClassVar[dict[str, Look]] = {"text": Look(size="m")}


class ActionFilter(SearchFilter):
    """Which part of the plan is looked at. The address of the page holds it."""

    state = forms.ChoiceField(
        label="How far",
        required=False,
        widget=Select,
        choices=[
            ("", "Open actions"),
            ("late", "Late"),
            ("closed", "Done, or no action"),
            ("all", "All actions"),
        ],
    )
    body = forms.ChoiceField(label="Responsible body", required=False, widget=Select)

    def __init__(self, *args: Any, bodies: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]
        body: Any = self.fields["body"]
        body.choices = [("", "All partners"), *((str(row.pk), row.name) for row in bodies)]

    def narrow_on(self, rows: ActionQuerySet, day: date) -> ActionQuerySet:
        chosen = self.chosen
        if body := chosen.get("body"):
            rows = rows.filter(body__pk=body)
        state = chosen.get("state")
        if state == "late":
            return rows.late(day)
        if state == "closed":
            return rows.closed()
        return rows if state == "all" else rows.still_open()
