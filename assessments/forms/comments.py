from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from areas.models import User
from assessments.models.comments import COMMENT_LENGTH
from send_portal.forms import Look, PortalForm, Textarea


class CommentForm(PortalForm):
    """`seen_by` says who reads it, beside the field. Only `people`, who may read it, can be
    mentioned."""

    text = forms.CharField(
        label="Your comment",
        widget=Textarea,
        max_length=COMMENT_LENGTH,
        error_messages={"required": "Write a comment"},
    )
    mentioned = forms.TypedMultipleChoiceField(
        label="Tell someone by mail",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The mail has a link to this page, not your comment.",
        empty_value=[],
    )

    looks: ClassVar[dict[str, Look]] = {
        "text": Look(size="m"),
        "mentioned": Look(size="s", small=True),
    }

    def __init__(self, *args: Any, people: Iterable[User], seen_by: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_id = {str(person.pk): person for person in people}
        self.fields[
            "text"
        ].help_text = (
            f"{seen_by} It is not printed in the report. Do not write anything about a child."
        )
        if not by_id:
            del self.fields["mentioned"]
            return
        field: Any = self.fields["mentioned"]
        field.choices = [
            (id_, ", ".join(filter(None, (person.name, person.job_title))))
            for id_, person in by_id.items()
        ]
        field.coerce = by_id.__getitem__

    def clean(self) -> dict[str, Any]:
        return {"mentioned": [], **(super().clean() or {})}
