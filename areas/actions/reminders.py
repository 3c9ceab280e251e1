from __future__ import annotations

from django.db import transaction

from areas.actions.audit import record
from areas.models import User


@transaction.atomic
def switch_reminders(*, wants: bool, by: User) -> bool:
    """Get reminders and digests by mail from now on, or no more; whether this is a change.

    Mail that a person must have, such as to sign in, comes either way.
    """
    changed = User.objects.filter(pk=by.pk, wants_reminders=not wants).update(wants_reminders=wants)
    by.wants_reminders = wants
    if changed:
        record("reminders.switch", f"switched reminders {'on' if wants else 'off'}", by=by)
    return bool(changed)
