from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms

from areas.models import User
from areas.models.audit import AuditEventQuerySet
from assessments.models import Assessment
from assessments.reports.history import Kind, Names, verbs_of
from send_portal.forms import DateInputField, Look, PortalForm, Select, date_error

EARLIEST, LATEST = 2000, 2100


class HistoryForm(PortalForm):
    """What of an area's history is looked for. Everything may be left blank; the address of the
    page holds it all."""

    kind = forms.ChoiceField(
        label="Kind of act",
        required=False,
        widget=Select,
        choices=[("", "All kinds"), *Kind.choices],
    )
    person = forms.TypedChoiceField(
        label="Person", required=False, widget=Select, coerce=int, empty_value=None
    )
    statement = forms.ChoiceField(label="Statement", required=False, widget=Select)
    words = forms.CharField(label="Words in it", required=False, max_length=100)
    partner = forms.TypedChoiceField(
        label="Partner", required=False, widget=Select, coerce=int, empty_value=None
    )
    assessment = forms.TypedChoiceField(
        label="Assessment", required=False, widget=Select, coerce=int, empty_value=None
    )
    since = DateInputField(label="From day", required=False)
    until = DateInputField(label="To day", required=False)

    looks: ClassVar[dict[str, Look]] = {"since": Look(size="s"), "until": Look(size="s")}
    LINKS: ClassVar[dict[str, str]] = {
        "person": "actor_id",
        "partner": "partner_id",
        "assessment": "assessment_id",
        "statement": "statement",
    }

    def __init__(
        self,
        *args: Any,
        names: Names,
        people: Sequence[User],
        assessments: Sequence[Assessment],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("person", "Everyone", {user.pk: user.name for user in people})
        self._offer("partner", "All partners", names.partners)
        self._offer("assessment", "All assessments", names.assessments)
        statements = {
            row.slug: f"{row.code} {row.title}"
            for assessment in reversed(assessments)
            for row in assessment.content.all_statements
        }
        self._offer("statement", "All statements", statements)

    def _offer(self, name: str, everything: str, choices: Mapping[Any, str]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", everything), *choices.items()]
        field.error_messages["invalid_choice"] = f"Choose {str(field.label).lower()} from the list"

    def clean_since(self) -> date | None:
        return self._sensible("since")

    def clean_until(self) -> date | None:
        return self._sensible("until")

    def _sensible(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and not EARLIEST <= day.year <= LATEST:
            raise date_error(
                f"{self.fields[name].label} must be between {EARLIEST} and {LATEST}", "year"
            )
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "To day must be on or after from day")
        return data

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.values())

    @property
    def opens_more(self) -> bool:
        """Whether one of the filters that are folded away is used, or was refused."""
        return any(
            self.cleaned_data.get(name) or self.errors.get(name)
            for name in ("partner", "assessment", "since", "until")
        )

    def narrow(self, events: AuditEventQuerySet) -> AuditEventQuerySet:
        """The events that were asked for."""
        asked = self.cleaned_data
        links = {column: asked[name] for name, column in self.LINKS.items() if asked[name]}
        found = events.filter(**links).on_days(asked["since"], asked["until"])
        if asked["kind"]:
            found = found.filter(verb__in=verbs_of(asked["kind"]))
        if asked["words"]:
            found = found.filter(sentence__icontains=asked["words"])
        return found
