from __future__ import annotations

import logging
import re
from urllib.parse import unquote

# Addresses that let in whoever has them: an invitation, a new password.
SECRET = re.compile(r"(/(?:invitations|password/reset/key)/)[^/\s'\"&?]+")


class WithoutSecretLinks(logging.Filter):
    """The log tells that such a page was asked for, and never the link itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        plain = unquote(message) if "%2F" in message.upper() else message
        if SECRET.search(plain):
            record.msg, record.args = SECRET.sub(r"\1…", plain), ()
        return True
