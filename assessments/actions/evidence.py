"""The area's evidence library, and what is laid beside a statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Audience, Partner, User
from assessments.actions.errors import ConflictError, NotNowError
from assessments.actions.files import Upload, stored
from assessments.models import Assessment, Evidence, EvidenceLink, PartnerReturn
from ingredients.models import Statement

CHANGING = ("title", "kind", "address", "shows", "owner", "dated_on", "review_on")


@dataclass(frozen=True, slots=True)
class Place:
    """A statement in one assessment, beside which a partner lays evidence, or the meeting (None)."""

    assessment: Assessment
    statement: Statement
    partner_return: PartnerReturn | None


def add_evidence(
    *,
    owner: Partner,
    title: str,
    kind: str,
    shows: str,
    dated_on: date | None,
    review_on: date | None,
    by: User,
    address: str = "",
    upload: Upload | None = None,
    beside: Place | None = None,
) -> Evidence:
    """Add a file or a link to the library of the owner's area, and lay it beside a statement if
    one is given: both happen, or neither, and then no file is kept.

    Raises ValueError unless there is either an address or a file, FileStoreError when the file
    could not be stored, NotNowError as `link_evidence` does.
    """
    if bool(address) == (upload is not None):
        raise ValueError("address: give a file or a link, and not both")
    # The file first: a row never names a file that is not there.
    with stored(upload) as file_fields, transaction.atomic():
        item = Evidence.objects.create(
            area=owner.area,
            owner=owner,
            title=title,
            kind=kind,
            address=address,
            shows=shows,
            dated_on=dated_on,
            review_on=review_on,
            added_by=by,
            saved_by=by,
            **file_fields,
        )
        _record_item(item, "evidence.add", "added the evidence", by=by)
        if beside is not None:
            link_evidence(
                assessment=beside.assessment,
                statement=beside.statement,
                evidence=item,
                partner_return=beside.partner_return,
                by=by,
            )
    return item


@transaction.atomic
def change_evidence(
    *,
    evidence: Evidence,
    version: int,
    title: str,
    kind: str,
    address: str,
    shows: str,
    owner: Partner,
    dated_on: date | None,
    review_on: date | None,
    by: User,
) -> Evidence:
    """Change what the library says of an item. A file itself stays; a submitted report keeps what
    it froze.

    Raises ValueError when a file would become a link or the other way round, ConflictError when
    someone else saved in between, NotNowError while a report that rests on the item is signed.
    """
    _refuse_while_signed(evidence)
    now = Evidence.objects.select_for_update(of=("self",)).select_related("saved_by", "owner")
    current = now.get(pk=evidence.pk)
    if bool(address) == current.is_file:
        raise ValueError("address: a file stays a file, and a link a link")
    given = dict(
        zip(CHANGING, (title, kind, address, shows, owner, dated_on, review_on), strict=True)
    )
    changed = [name for name in CHANGING if getattr(current, name) != given[name]]
    if not changed:
        return current
    if current.version != version:
        raise ConflictError(current)
    for name, value in given.items():
        setattr(current, name, value)
    current.version, current.saved_at, current.saved_by = version + 1, timezone.now(), by
    current.save()
    _record_item(
        current, "evidence.change", "changed the evidence", by=by, details={"fields": changed}
    )
    return current


@transaction.atomic
def retire_evidence(*, evidence: Evidence, by: User) -> None:
    """Offer an item no longer. Where it is used it stays. Retiring twice is one event."""
    if (
        Evidence.objects.offered()
        .filter(pk=evidence.pk)
        .update(retired_at=timezone.now(), retired_by=by)
    ):
        _record_item(evidence, "evidence.retire", "retired the evidence", by=by)


@transaction.atomic
def restore_evidence(*, evidence: Evidence, by: User) -> None:
    """Offer a retired item again."""
    if Evidence.objects.retired().filter(pk=evidence.pk).update(retired_at=None, retired_by=None):
        _record_item(evidence, "evidence.restore", "brought back the evidence", by=by)


def _refuse_while_signed(evidence: Evidence) -> None:
    """What partners sign must not move under them. Held, so that sign-off cannot open meanwhile."""
    under_way = (
        Assessment.objects.under_way().filter(area=evidence.area_id).select_for_update().first()
    )
    if (
        under_way is not None
        and under_way.stage == Assessment.Stage.SIGN_OFF
        and under_way.evidence_links.filter(evidence=evidence).exists()
    ):
        raise NotNowError(
            f"‘{under_way.title}’ is being signed, and this evidence is part of it. "
            "It can be changed when the report is submitted or goes back to moderation."
        )


def _record_item(
    item: Evidence,
    verb: str,
    sentence: str,
    *,
    by: User,
    details: dict[str, list[str]] | None = None,
) -> None:
    record(
        verb,
        f"{sentence} ‘{item.title}’ for {item.owner.name}",
        by=by,
        area=item.area,
        partner_id=item.owner_id,
        details=details,
        audience=Audience.AREA,
    )


@transaction.atomic
def link_evidence(
    *,
    assessment: Assessment,
    statement: Statement,
    evidence: Evidence,
    partner_return: PartnerReturn | None,
    by: User,
) -> EvidenceLink:
    """Lay evidence beside a statement: for a partner while it scores, or for the meeting.

    Raises NotNowError when a partner links after the reveal, the meeting links before it,
    the report is already in sign-off, or the item was retired.
    """
    _check_open(assessment, partner_return)
    if not Evidence.objects.offered().filter(pk=evidence.pk).exists():
        raise NotNowError(f"‘{evidence.title}’ was retired, so it is not offered any more.")
    link, made = EvidenceLink.objects.get_or_create(
        assessment=assessment,
        statement=statement,
        evidence=evidence,
        partner_return=partner_return,
        defaults={"linked_by": by},
    )
    if made:
        _record(link, "evidence.link", f"linked ‘{evidence.title}’ to", by=by)
    return link


@transaction.atomic
def unlink_evidence(*, link: EvidenceLink, by: User) -> None:
    """Take evidence away from a statement. It stays in the library."""
    _check_open(link.assessment, link.partner_return)
    _record(link, "evidence.unlink", f"removed ‘{link.evidence.title}’ from", by=by)
    link.delete()


def _check_open(assessment: Assessment, partner_return: PartnerReturn | None) -> None:
    """Hold what a change of stage holds, then look: what the page read may be old by now."""
    open_stage = Assessment.Stage.MODERATION if partner_return is None else Assessment.Stage.SCORING
    row = None
    if partner_return is not None:
        row = PartnerReturn.objects.select_for_update().get(pk=partner_return.pk)
    now = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if row is not None:
        row.assessment = now
    if now.stage != open_stage or (row is not None and not row.is_open):
        raise NotNowError("Evidence on this statement cannot be changed now.")


def _record(link: EvidenceLink, verb: str, sentence: str, *, by: User) -> None:
    """A partner's link is told without its statement, and to that partner alone: evidence beside
    one hints at a high level, and the log is read before the reveal too."""
    by_partner = link.partner_return
    record(
        verb,
        f"{sentence} {f'a statement for {by_partner.name}' if by_partner else f'‘{link.statement.title}’'}",
        by=by,
        area=link.assessment.area,
        assessment_id=link.assessment_id,
        partner_id=by_partner.partner_id if by_partner else None,
        statement="" if by_partner else link.statement.slug,
        audience=Audience.PARTNER if by_partner else Audience.SCORERS,
    )
