from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from areas.models import Sector
from assessments.agreement import Agreement, outside_reason_required, rationale_required
from assessments.forms.scoring import VersionedForm
from assessments.models import Answer, PartnerReturn
from assessments.models.scores import answer_value
from ingredients.models import Framework, Statement
from send_portal.forms import Choice, Hidden, LevelBoard, Look, PortalForm, Textarea, Who

RATIONALE_LENGTH = 1000


class AgreedForm(VersionedForm):
    answer = forms.ChoiceField(
        label="What level do you agree?",
        widget=LevelBoard,
        error_messages={
            "required": "Select the level you agree, or say why there is none",
            "invalid_choice": "Select the level you agree, or say why there is none",
        },
    )
    rationale = forms.CharField(
        label="Why did you agree this?",
        widget=Textarea,
        required=False,
        max_length=RATIONALE_LENGTH,
        help_text="Write what the meeting said. It goes into the report. Do not write anything about a child.",
    )
    outside_reason = forms.CharField(
        label="Why is the level outside the range partners chose?",
        widget=Textarea(rows=2),
        required=False,
        max_length=RATIONALE_LENGTH,
    )

    looks: ClassVar[dict[str, Look]] = {"answer": Look(size="l"), "rationale": Look(size="m")}

    def __init__(
        self,
        *args: Any,
        statement: Statement,
        framework: Framework,
        agreement: Agreement,
        who: Mapping[int, Sequence[Who]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.statement = statement
        self.agreement = agreement
        answer: Any = self.fields["answer"]
        answer.choices = [
            *(
                Choice(
                    str(level),
                    framework.level_labels[level],
                    sentences=lines,
                    who=who.get(level, ()),
                )
                for level, lines in statement.level_sentences.items()
            ),
            Choice(Answer.CANNOT_SAY, "Cannot say"),
            Choice(Answer.NOT_APPLICABLE, "Does not apply"),
            Choice(Answer.NOT_AGREED, "Not agreed"),
        ]
        answer.help_text = offer(agreement) + " " + span(agreement)
        self.fields["outside_reason"].help_text = outside_hint(agreement)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        value = answer_value(data.get("answer") or "")
        if value is None:
            return data
        if rationale_required(self.agreement, value) and not data.get("rationale"):
            self._missing("rationale", "Write why you agreed this")
        if outside_reason_required(self.agreement, value) and not data.get("outside_reason"):
            self._missing(
                "outside_reason",
                f"Say why level {value} is right although it is outside the levels partners chose",
            )
        return data

    def _missing(self, field: str, message: str) -> None:
        if field not in self.errors:
            self.add_error(field, message)


def offer(agreement: Agreement) -> str:
    if agreement.prefill:
        return f"Every partner who gave a level chose {agreement.prefill}, so it is offered. It counts once you save."
    return "Nothing is chosen for you."


def span(agreement: Agreement) -> str:
    if agreement.n == 0:
        return ""
    if agreement.lowest == agreement.highest:
        return f"Another level than {agreement.lowest} needs a reason of its own."
    return f"A level outside {agreement.lowest} to {agreement.highest} needs a reason of its own."


def outside_hint(agreement: Agreement) -> str:
    outside = [
        str(level)
        for level in (1, 2, 3, 4)
        if agreement.n and not agreement.lowest <= level <= agreement.highest  # type: ignore[operator]
    ]
    if not outside:
        return "Not needed here: partners chose every level, or none."
    last = f" or {outside[-1]}" if len(outside) > 1 else ""
    return f"Only if you agree level {', '.join(outside[:-1] or outside)}{last} here."


class DissentForm(PortalForm):
    text = forms.CharField(
        label="Why do you disagree?",
        widget=Textarea(rows=3),
        max_length=RATIONALE_LENGTH,
        help_text="It is printed in the report and never lowers the band. Do not write anything about a child.",
        error_messages={"required": "Write why you disagree"},
    )

    def __init__(self, *args: Any, returns: Sequence[PartnerReturn], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.returns = {str(row.pk): row for row in returns}
        self.fields["partner_return"] = forms.ChoiceField(
            label="For which partner?",
            choices=[(pk, row.name) for pk, row in self.returns.items()],
            widget=forms.Select if len(returns) > 1 else Hidden,
            initial=next(iter(self.returns), None),
        )
        if len(returns) == 1:
            self.fields["text"].label = f"Record dissent for {returns[0].name}"

    @property
    def partner_return(self) -> PartnerReturn:
        return self.returns[self.cleaned_data["partner_return"]]


class QuorumReasonForm(PortalForm):
    sector = forms.ChoiceField(label="Which sector gave no level?", choices=[])
    reason = forms.CharField(
        label="Why did it give no level there?",
        widget=Textarea(rows=3),
        max_length=500,
        help_text="It is printed in the report.",
        error_messages={"required": "Say why this sector gave no level"},
    )

    def __init__(self, *args: Any, sectors: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sector_field: Any = self.fields["sector"]
        sector_field.choices = [(sector, Sector(sector).label) for sector in sectors]


class FinishForm(PortalForm):
    confirm = forms.BooleanField(
        label="The meeting is finished",
        error_messages={"required": "Confirm that the meeting is finished"},
    )
