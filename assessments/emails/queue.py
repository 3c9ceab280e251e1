"""Mail about a check-in that DfE runs: to who leads in the area, or to who looks after it at DfE."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from areas.models import AuditEvent, User
from areas.permissions import Permission
from assessments.models import CheckIn, ProgrammeRecord
from send_portal import mail


def leads_of(check_in: CheckIn) -> list[User]:
    return list(User.objects.who_can(Permission.CHECK_IN_KEEP, area=check_in.area_id))


def check_in_scheduled(check_in: CheckIn, *, by: User) -> None:
    """To who leads in the area: DfE has planned a check-in, on which day."""
    for person in leads_of(check_in):
        key = f"check-in-scheduled:{check_in.pk}:{person.pk}"
        _post("check_in_scheduled", person, check_in, key, by=by, url=_of_area(check_in))


def check_in_moved(check_in: CheckIn, *, was: date, by: User) -> None:
    """To who leads in the area: DfE has moved the day."""
    for person in leads_of(check_in):
        key = f"check-in-moved:{check_in.pk}:{check_in.version}:{person.pk}"
        _post("check_in_moved", person, check_in, key, was=was, by=by, url=_of_area(check_in))


def check_in_called_off(check_in: CheckIn, *, reason: str, by: User) -> None:
    """To who leads in the area: DfE has called it off, and why."""
    for person in leads_of(check_in):
        key = f"check-in-called-off:{check_in.pk}:{person.pk}"
        url = _of_area(check_in)
        _post("check_in_called_off", person, check_in, key, reason=reason, by=by, url=url)


def check_in_owner(check_in: CheckIn, owner: User, *, event: AuditEvent, by: User) -> None:
    """To who looks after it from now on, unless these named themselves."""
    if owner != by:
        key = f"check-in-owner:{event.pk}:{owner.pk}"
        _post("check_in_owner", owner, check_in, key, by=by, url=_of_programme(check_in))


def check_in_waits(check_in: CheckIn) -> None:
    """To who looks after it at DfE, if anybody does and still works there: the area has agreed
    the record, and DfE has not."""
    owner = _owner_of(check_in)
    if owner is not None and check_in.area_agreed_at is not None:
        # A record that was given back and agreed again waits once more.
        key = f"check-in-waits:{check_in.pk}:{check_in.area_agreed_at:%Y%m%d%H%M%S%f}"
        _post("check_in_waits", owner, check_in, key, url=_of_area(check_in))


def check_in_changed(check_in: CheckIn, *, was: date) -> None:
    """To who looks after it at DfE: the area has moved it, called it off or holds it without DfE."""
    owner = _owner_of(check_in)
    if owner is not None:
        key = f"check-in-changed:{check_in.pk}:{check_in.version}"
        queue = mail.link(reverse("assessments:check-in-queue"))
        _post("check_in_changed", owner, check_in, key, was=was, url=queue)


def _owner_of(check_in: CheckIn) -> User | None:
    """Who looks after it at DfE, if anybody does and still works there."""
    record = ProgrammeRecord.objects.filter(check_in=check_in).first()
    staff = User.objects.who_can(Permission.CHECK_IN_AGREE)
    return staff.filter(pk=record.owner_id).first() if record and record.owner_id else None


def agenda(check_in: CheckIn, *, contents: Mapping[str, Any], event: AuditEvent, by: User) -> None:
    """To who leads in the area: what the check-in is about."""
    for person in leads_of(check_in):
        key = f"agenda:{event.pk}:{person.pk}"
        _post("agenda", person, check_in, key, by=by, url=_of_area(check_in), **contents)


def _of_area(check_in: CheckIn) -> str:
    return mail.link(check_in.get_absolute_url())


def _of_programme(check_in: CheckIn) -> str:
    return mail.link(reverse("assessments:programme-check-in", args=[check_in.pk]))


def _post(name: str, person: User, check_in: CheckIn, key: str, **more: Any) -> None:
    context = {"person": person, "check_in": check_in, "area": check_in.area, **more}
    mail.post(name, person.email, context, key=key)
