"""The one way out for mail: one template pair a message, plain text always."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def send(name: str, to: str, context: Mapping[str, Any]) -> None:
    """Send the message `templates/emails/<name>.txt`; its first line is the subject.

    Raises whatever the mail server raises, so that the job that calls it is tried again.
    """
    text = render_to_string(f"emails/{name}.txt", {"portal_name": settings.PORTAL_NAME, **context})
    subject, _, body = text.strip().partition("\n")
    EmailMultiAlternatives(subject=subject, body=body.strip() + "\n", to=[to]).send()
