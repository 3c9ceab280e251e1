"""System checks of our own: faults that would only show in production."""

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def shared_cache(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    backend = settings.CACHES["default"]["BACKEND"]
    if "locmem" in backend or "dummy" in backend:
        return [
            Error(
                "Sign-in limits need a cache that every process shares.",
                hint="Use DatabaseCache or Redis.",
                id="send_portal.E001",
            )
        ]
    return []


@register(Tags.database)
def psycopg2_only(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    # Django silently prefers psycopg 3 where both can be imported.
    if find_spec("psycopg"):
        return [Error("psycopg 3 is installed beside psycopg2.", id="send_portal.E002")]
    return []
