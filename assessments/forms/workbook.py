from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError

from areas.models import User
from assessments.models import PartnerReturn
from assessments.workbook.build import asked_of, identity_of
from assessments.workbook.compare import Preview
from assessments.workbook.layout import FORMAT, Base, Upload, UploadedRow, WorkbookError
from assessments.workbook.package import MAX_FILE
from assessments.workbook.read import read_workbook
from send_portal.forms import Hidden, Look, PortalForm

# A preview is for deciding now, not tomorrow.
PREVIEW_SECONDS = 60 * 60
# 32 rows of 500 characters, each written as six, and room to spare.
ROWS_LENGTH = 500_000
TOO_OLD = "That preview can no longer be used. Select the workbook again"


class UploadWorkbookForm(PortalForm):
    workbook = forms.FileField(
        label="Upload your workbook",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="The Excel file (.xlsx) that you downloaded here and filled in. 2 MB at most.",
        error_messages={
            "required": "Select the workbook that you filled in",
            "empty": "The selected file is empty",
        },
    )

    looks: ClassVar[dict[str, Look]] = {"workbook": Look(size="m")}

    def __init__(
        self, *args: Any, partner_return: PartnerReturn, is_too_old: bool = False, **kwargs: Any
    ) -> None:
        """is_too_old: it is asked again, because what was shown can no longer be confirmed."""
        super().__init__(*args, **kwargs)
        self.partner_return = partner_return
        if is_too_old:
            self.fields["workbook"].error_messages["required"] = TOO_OLD

    def clean_workbook(self) -> Upload:
        file = self.cleaned_data["workbook"]
        try:
            # One byte too many is enough to refuse it.
            data = file.read(MAX_FILE + 1)
            return read_workbook(data, expected=identity_of(self.partner_return))
        except WorkbookError as error:
            raise ValidationError(str(error)) from error


class ConfirmWorkbookForm(PortalForm):
    """Carries what was read from the file and which versions were shown, signed: so nothing is
    kept anywhere until it is confirmed, and nobody else can confirm it."""

    rows = forms.CharField(widget=Hidden, max_length=ROWS_LENGTH)
    replace = forms.MultipleChoiceField(
        label="Which of these should your workbook replace?",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Leave a box empty to keep what is in the portal.",
        error_messages={"invalid_choice": "Select only answers from the list"},
    )

    looks: ClassVar[dict[str, Look]] = {"replace": Look(size="m")}

    def __init__(
        self,
        *args: Any,
        partner_return: PartnerReturn,
        user: User,
        preview: Preview | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # Whoever signs in as another, or opens another return, cannot confirm this preview.
        self.salt = f"assessments.workbook.{FORMAT}.{user.pk}.{partner_return.pk}"
        names = asked_of(partner_return).names
        if preview is not None:
            names = {change.slug: change.name for change in preview.conflicts}
        if not names:
            del self.fields["replace"]
            return
        replace: Any = self.fields["replace"]
        replace.choices = list(names.items())

    def clean_rows(self) -> tuple[Upload, dict[str, int]]:
        try:
            said = signing.loads(self.cleaned_data["rows"], salt=self.salt, max_age=PREVIEW_SECONDS)
        except signing.BadSignature as error:
            raise ValidationError(TOO_OLD) from error
        rows = tuple(UploadedRow(**row) for row in said["rows"])
        bases = {slug: Base(*base) for slug, base in said["bases"].items()}
        return Upload(rows, bases), said["seen"]

    def sign(self, upload: Upload, preview: Preview) -> str:
        """The value of `rows` for the page that shows this preview."""
        said = {
            "rows": [asdict(row) for row in upload.rows],
            "bases": {slug: (base.version, base.mark) for slug, base in upload.bases.items()},
            "seen": {change.slug: change.saved.version for change in preview.savable},
        }
        return signing.dumps(said, salt=self.salt, compress=True)
