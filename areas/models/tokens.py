from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from areas.models.invitations import hash_of
from areas.models.people import User

VALID_FOR = timedelta(days=365)
MOST_TOKENS = 10
# Tells whoever finds one in a file, a person or a scanner, what it opens.
PREFIX = "send_"


def new_api_token() -> str:
    return f"{PREFIX}{secrets.token_urlsafe(32)}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: User) -> Self:
        """One's own. Nobody sees or ends another person's token."""
        return self.filter(user=user)

    def not_revoked(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def usable(self, now: datetime) -> Self:
        """What the API takes now: neither revoked nor expired, of an open account."""
        return self.not_revoked().filter(expires_at__gt=now, user__is_active=True)

    def of_token(self, token: str) -> Self:
        return self.filter(token_hash=hash_of(token))


class ApiToken(models.Model):
    """Lets a program read, through the API, what one person may read. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    password_mark = models.CharField(
        max_length=64, help_text="Of the owner's password then: another password ends the token"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    # A day is enough to tell a forgotten token from one in use, and costs one write a day.
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="api_token_name_once",
            ),
            models.CheckConstraint(name="api_token_has_name", condition=~models.Q(name="")),
            models.CheckConstraint(
                name="api_token_expires_later",
                condition=models.Q(expires_at__gt=models.F("created_at")),
            ),
            models.CheckConstraint(
                name="api_token_revoked_later",
                condition=models.Q(revoked_at__isnull=True)
                | models.Q(revoked_at__gte=models.F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def keeps_password(self) -> bool:
        """Whether its owner still has the password of when it was made."""
        return constant_time_compare(self.password_mark, self.user.get_session_auth_hash())
