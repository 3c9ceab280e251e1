from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from assessments.models import Answer
from assessments.models.scores import REASON_LENGTH
from ingredients.models import Framework, Statement
from send_portal.forms import Choice, Hidden, LevelCards, Look, PortalForm, Textarea


def level_choices(statement: Statement, framework: Framework) -> list[Choice]:
    return [
        Choice(str(level), framework.level_labels[level], sentences=lines)
        for level, lines in statement.level_sentences.items()
    ]


class VersionedForm(PortalForm):
    """Carries the version that the person saw, so that nobody overwrites what they did not see."""

    version = forms.IntegerField(min_value=0, max_value=1_000_000, widget=Hidden)


class ScoreForm(VersionedForm):
    answer = forms.ChoiceField(
        label="Which level is true for your area now?",
        widget=LevelCards,
        required=False,
        help_text="Score the whole partnership as you see it. Choose 3 or 4 only if every line is true. "
        "Between 1 and 2, choose the closer match.",
        error_messages={"invalid_choice": "Select a level, or why there is none"},
    )
    reason = forms.CharField(
        label="Why this answer?",
        widget=Textarea,
        required=False,
        max_length=REASON_LENGTH,
        help_text="Two or three sentences help the meeting most. You need a reason for ‘Does not apply’. "
        "Do not write anything about a child.",
    )

    looks: ClassVar[dict[str, Look]] = {"answer": Look(size="m"), "reason": Look(size="m")}

    def __init__(
        self,
        *args: Any,
        statement: Statement,
        framework: Framework,
        may_stop: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.may_stop = may_stop
        answer: Any = self.fields["answer"]
        answer.choices = [
            *level_choices(statement, framework),
            Choice(
                Answer.CANNOT_SAY,
                "Cannot say",
                divider="or",
                hint="You do not know enough to choose. This is never a low score.",
            ),
            Choice(
                Answer.NOT_APPLICABLE,
                "Does not apply",
                hint="The statement does not fit your organisation or area. Say why in the box below.",
            ),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        answer, reason = data.get("answer"), data.get("reason")
        if answer == Answer.NOT_APPLICABLE and not reason and "reason" not in self.errors:
            self.add_error("reason", "Say why this statement does not apply")
        # Whoever stops for now may leave with half an answer, or with none.
        if not answer and "answer" not in self.errors and not self.may_stop:
            self.add_error(
                "answer", "Select a level, or say that you cannot say or that it does not apply"
            )
        return data

    @property
    def is_blank(self) -> bool:
        """Nothing was there and nothing was given: whoever only looks in saves nothing."""
        return not any(self.cleaned_data[name] for name in ("version", "answer", "reason"))


class SubmitForm(PortalForm):
    confirm = forms.BooleanField(
        label="These scores are the view of my organisation",
        error_messages={"required": "Confirm that these scores are the view of your organisation"},
    )


class CloseScoringForm(PortalForm):
    reason = forms.CharField(
        label="Why are you closing scoring now?",
        widget=Textarea,
        max_length=REASON_LENGTH,
        help_text="All partners can read this, and it is printed in the report.",
        error_messages={"required": "Say why you are closing scoring now"},
    )

    looks: ClassVar[dict[str, Look]] = {"reason": Look(size="m")}
