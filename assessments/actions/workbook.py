"""Save the answers of an uploaded workbook, all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Audience, User
from assessments.actions.scoring import lock_for_scoring
from assessments.models import PartnerReturn, Score
from assessments.workbook.build import asked_of, saved_answers
from assessments.workbook.compare import Change, Preview, preview
from assessments.workbook.layout import Upload


class UploadMovedError(Exception):
    """Someone saved an answer after the preview was shown. Nothing was saved."""


def preview_upload(*, partner_return: PartnerReturn, upload: Upload) -> Preview:
    """What the upload would change now. Changes nothing."""
    return preview(upload, saved=saved_answers(partner_return), asked=asked_of(partner_return))


@transaction.atomic
def upload_workbook(
    *,
    partner_return: PartnerReturn,
    upload: Upload,
    seen: Mapping[str, int],
    replace: Collection[str],
    by: User,
) -> int:
    """Save the new and changed answers of a workbook, and the conflicts named in `replace`.

    `seen` is the version of each answer, by statement slug, that the person saw in the preview.
    Returns how many answers were saved; the rules are those of the page that scores one
    statement. Raises UploadMovedError when an answer has changed since the preview, and
    NotNowError when scoring is closed.
    """
    lock_for_scoring(partner_return)
    found = preview_upload(partner_return=partner_return, upload=upload)
    if any(change.saved.version != seen.get(change.slug) for change in found.savable):
        raise UploadMovedError
    changes = found.to_save(replace)
    if changes:
        _save(partner_return, changes, by=by)
        answers = "1 answer" if len(changes) == 1 else f"{len(changes)} answers"
        record(
            "workbook.upload",
            f"uploaded a workbook for {partner_return.name}: {answers}",
            by=by,
            area=partner_return.assessment.area,
            assessment_id=partner_return.assessment_id,
            partner_id=partner_return.partner_id,
            audience=Audience.PARTNER,
        )
    return len(changes)


def _save(locked: PartnerReturn, changes: Sequence[Change], *, by: User) -> None:
    """In two statements, however many answers: the return is locked, so nobody writes beside it."""
    statements = locked.assessment.content.statement_by_slug
    known = {row.statement_id: row for row in Score.objects.filter(partner_return=locked)}
    now = timezone.now()
    new, old = [], []
    for change in changes:
        statement = statements[change.slug]
        score = known.get(statement.pk)
        if score is None:
            score = Score(partner_return=locked, statement=statement)
            new.append(score)
        else:
            score.version += 1
            old.append(score)
        score.answer, score.reason = change.answer, change.reason
        score.saved_at, score.saved_by = now, by
    Score.objects.bulk_create(new)
    Score.objects.bulk_update(old, ["answer", "reason", "version", "saved_at", "saved_by"])
