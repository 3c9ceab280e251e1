from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.utils import timezone

from areas.models import Partner
from assessments.actions.files import Upload
from assessments.forms.scoring import VersionedForm
from assessments.models import Evidence
from assessments.models.evidence import EvidenceQuerySet
from assessments.reports.words import in_date
from ingredients.forms import SearchFilter
from send_portal.forms import (
    Choice,
    DateInputField,
    Hidden,
    Look,
    PortalForm,
    RadioSelect,
    Textarea,
    date_error,
)
from send_portal.uploads import FileType, RefusedError, clean_name, inspect
from send_portal.uploads.kinds import EMPTY

ACCEPTED = ",".join(suffix for kind in FileType for suffix in kind.suffixes)
SOON = timedelta(days=60)


class WebAddressField(forms.URLField):
    """What a browser opens: Django's own field also takes ftp."""

    default_validators = [URLValidator(schemes=["http", "https"])]


class EvidenceDetails(PortalForm):
    """What the library says of an item, apart from where it is."""

    title = forms.CharField(
        label="Title", max_length=160, help_text="As people call it, with its year."
    )
    kind = forms.ChoiceField(
        label="What kind of evidence is it?", choices=Evidence.Kind, widget=RadioSelect
    )
    address = WebAddressField(
        label="Web address",
        max_length=500,
        assume_scheme="https",
        help_text="Where your partners can open it. It must not lead to anything about a child.",
        error_messages={"invalid": "Enter a web address, like https://example.org/minutes"},
    )
    shows = forms.CharField(
        label="What does it show?",
        widget=Textarea(rows=3),
        max_length=500,
        help_text="One or two sentences. Never write a child’s name, or anything about one child.",
    )
    dated_on = DateInputField(
        label="Date of the evidence", required=False, help_text="If it has one."
    )
    review_on = DateInputField(
        label="Review date",
        required=False,
        help_text="From this day on it no longer counts as in date. Leave blank if it stays true.",
    )

    looks: ClassVar[dict[str, Look]] = {
        name: Look(size="s")
        for name in ("title", "kind", "file", "address", "shows", "dated_on", "review_on", "owner")
    }

    def __init__(self, *args: Any, owners: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {str(partner.pk): partner for partner in owners}
        self.fields["owner"] = forms.ChoiceField(
            label="Whose evidence is it?",
            choices=[(pk, partner.name) for pk, partner in self.owners.items()],
            widget=forms.Select if len(owners) > 1 else Hidden,
            initial=next(iter(self.owners), None),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        dated_on, review_on = data.get("dated_on"), data.get("review_on")
        if dated_on and review_on and review_on < dated_on:
            self.add_error(
                "review_on", date_error("Review date must not be before the date of the evidence")
            )
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What the actions take."""
        data = {key: value for key, value in self.cleaned_data.items() if key != "file"}
        return data | {"owner": self.owners[data["owner"]]}


class EvidenceForm(EvidenceDetails):
    """A new item: a file or a link."""

    file = forms.FileField(
        label="File",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text="PDF, Word, Excel, PowerPoint, OpenDocument, CSV, PNG or JPEG, up to 20 MB. "
        "Never a file that names a child or is about one child.",
        error_messages={"empty": EMPTY},
    )
    field_order = ("title", "kind", "file", "address", "shows", "dated_on", "review_on", "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["address"]
        address.required, address.label = False, "Or its web address"
        self.upload: Upload | None = None

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None:
            return None
        try:
            file_type = inspect(file.file, file.name or "")  # type: ignore[arg-type]
        except RefusedError as error:
            raise forms.ValidationError(str(error)) from error
        self.upload = Upload(file, clean_name(file.name or "", file_type), file_type)
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not {"file", "address"} & set(self.errors):
            if self.upload and data.get("address"):
                self.add_error("address", "Give a file or a web address, not both")
            elif not self.upload and not data.get("address"):
                self.add_error("file", "Select a file, or enter a web address")
        if self.errors and self.upload:
            # A browser forgets a file when the page comes back, so nobody must overlook it.
            self.add_error("file", f"Select ‘{self.upload.name}’ again after mending the rest")
        return data

    @property
    def values(self) -> dict[str, Any]:
        return super().values | {"upload": self.upload}


class ChangeEvidenceForm(EvidenceDetails, VersionedForm):
    """A file stays the file that it is; everything said of it may change."""

    def __init__(self, *args: Any, item: Evidence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        if item.is_file:
            del self.fields["address"]

    @property
    def values(self) -> dict[str, Any]:
        return {"address": ""} | super().values


class LinkEvidenceForm(PortalForm):
    """Any item of the library may be chosen; `shown` are those that the search found."""

    evidence = forms.ModelChoiceField(
        label="Evidence in your library",
        queryset=Evidence.objects.none(),
        widget=RadioSelect,
        empty_label=None,
        error_messages={
            "required": "Select a piece of evidence",
            "invalid_choice": "Select a piece of evidence from the list",
        },
    )

    looks: ClassVar[dict[str, Look]] = {"evidence": Look(size="s", hide_label=True, small=True)}

    def __init__(
        self, *args: Any, library: EvidenceQuerySet, shown: Sequence[Evidence], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["evidence"]
        field.queryset = library
        today = timezone.localdate()
        field.choices = [
            Choice(
                str(item.pk),
                item.title,
                hint=f"{item.get_kind_display()}, {item.owner.name}. {in_date(item.review_on, today)}",
            )
            for item in shown
        ]


class LibrarySearch(SearchFilter):
    """Words only: beside a statement."""

    def narrow(self, rows: Any) -> Any:
        return rows.search(self.chosen.get("q", ""))


class EvidenceFilter(SearchFilter):
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "All kinds"), *Evidence.Kind.choices]
    )
    owner = forms.ChoiceField(label="Whose", required=False)
    state = forms.ChoiceField(
        label="In date",
        required=False,
        choices=[
            ("", "All that are offered"),
            ("lapsed", "Out of date"),
            ("soon", "Out of date within 60 days"),
            ("retired", "Retired"),
        ],
    )

    def __init__(self, *args: Any, owners: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.choices = [("", "All partners"), *((str(row.pk), row.name) for row in owners)]

    def narrow_on(self, rows: EvidenceQuerySet, day: date) -> EvidenceQuerySet:
        chosen = self.chosen
        words, state = chosen.pop("q", ""), chosen.pop("state", "")
        rows = rows.filter(**chosen).search(words)
        if state == "retired":
            return rows.retired()
        if state == "lapsed":
            return rows.offered().lapsed(day)
        if state == "soon":
            return rows.offered().lapsing(day, day + SOON)
        return rows.offered()
