from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils import timezone

from areas.models.areas import Area, Partner
from areas.models.people import InRole, User
from areas.permissions import IN_AN_AREA, Permission, Role

VALID_FOR = timedelta(days=14)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Enough without salt or slowness: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(area_id__in=user.area_ids_with(Permission.PEOPLE_MANAGE))

    def open(self) -> Self:
        """Neither used nor withdrawn; it may have expired."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def usable(self, now: datetime) -> Self:
        return self.open().filter(expires_at__gt=now)

    def of_token(self, token: str) -> Self:
        return self.filter(token_hash=hash_of(token))


class Invitation(InRole, models.Model):
    """An offer of one role in one area to whoever reads the mail of one address.

    Only the hash of its token is kept. Sending it again makes a new token, so that the link of
    an earlier mail leads nowhere.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        EXPIRED = "expired", "Expired"
        USED = "used", "Joined"
        REVOKED = "revoked", "Withdrawn"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="invitations")
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="invitations", null=True
    )
    role = models.CharField(max_length=12, choices=[(r.value, r.label) for r in IN_AN_AREA])
    email = models.EmailField(max_length=254)
    token_hash = models.CharField(max_length=64, unique=True)
    number = models.PositiveSmallIntegerField(default=1, help_text="How often it has been sent")
    invited_at = models.DateTimeField(default=timezone.now)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    mailed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-mailed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "area",
                "email",
                "role",
                Coalesce("partner", 0, output_field=models.BigIntegerField()),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                name="invitation_role_fits_partner",
                condition=models.Q(role__in=["lead", "viewer"])
                | models.Q(role__in=["contributor", "board"], partner__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_email_in_small_letters", condition=models.Q(email=Lower("email"))
            ),
            models.CheckConstraint(
                name="invitation_expires_later",
                condition=models.Q(expires_at__gt=models.F("mailed_at")),
            ),
            models.CheckConstraint(
                name="invitation_accepted_at_with_by",
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_revoked_at_with_by",
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_ends_one_way",
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{Role(self.role).label} in {self.area}"

    @property
    def state(self) -> State:
        if self.accepted_at:
            return self.State.USED
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.WAITING if self.expires_at > timezone.now() else self.State.EXPIRED

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.WAITING, self.State.EXPIRED}

    @property
    def mail_key(self) -> str:
        return f"invitation:{self.pk}:{self.number}"


def invitation_path(token: str) -> str:
    return reverse("areas:invitation", args=[token])
