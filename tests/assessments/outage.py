"""A mail server that cannot be reached."""

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def open(self):
        raise ConnectionRefusedError("no mail server")
