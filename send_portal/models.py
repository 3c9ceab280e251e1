"""Mail on its way out, kept until it is known to have left."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: datetime) -> Self:
        return self.filter(state=Mail.State.WAITING, try_at__lte=now)


class Mail(models.Model):
    """One message to one person. `key` names what it is about, so that it goes once.

    Only who takes a row from waiting to sending may send it. A row that stays in sending was
    cut off: whether the message left cannot be known, so it becomes uncertain and is never
    sent again by itself.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Refused"
        UNCERTAIN = "uncertain", "Not known whether it left"

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    # Emptied once it has left: it may hold a link that signs a person in.
    body = models.TextField(blank=True)
    unsubscribe_url = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    try_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=200, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name_plural = "mail"
        indexes = [models.Index(fields=["state", "try_at"], name="mail_state_try_at")]
        constraints = [
            models.CheckConstraint(
                name="mail_sending_has_started",
                condition=~models.Q(state="sending") | models.Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="mail_ended_at_when_ended",
                condition=models.Q(
                    state__in=["sent", "failed", "uncertain"], ended_at__isnull=False
                )
                | models.Q(state__in=["waiting", "sending"], ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="mail_waiting_has_body", condition=~models.Q(state="waiting", body="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
