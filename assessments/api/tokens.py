"""Who asks: the token in the header, and how often it may. A session is never looked at."""

from __future__ import annotations

from math import ceil

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import Throttled
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from areas.actions.tokens import note_use
from areas.models import ApiToken

MOST_PER_MINUTE = 120


class TokenRequest(HttpRequest):
    """A request whose token was right."""

    auth: ApiToken


class PerToken(AuthRateThrottle):
    """Counts in the cache that all processes share. One object a request: it keeps what it read."""

    def __init__(self, token: ApiToken) -> None:
        super().__init__(f"{MOST_PER_MINUTE}/m")
        self.token = token

    def get_cache_key(self, request: HttpRequest) -> str:
        return f"api-token-{self.token.pk}"


class Token(HttpBearer):
    openapi_name = "Token"

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        usable = ApiToken.objects.usable(timezone.now()).select_related("user")
        found = usable.of_token(token).first()
        if found is None or not found.keeps_password:
            return None
        throttle = PerToken(found)
        if not throttle.allow_request(request):
            raise Throttled(ceil(throttle.wait() or 1))
        note_use(token=found)
        return found
