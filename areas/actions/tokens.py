from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from areas.actions.audit import record
from areas.actions.errors import TokenRefusedError
from areas.models import ApiToken, User
from areas.models.invitations import hash_of
from areas.models.tokens import MOST_TOKENS, VALID_FOR, new_api_token


@transaction.atomic
def create_token(*, name: str, by: User) -> str:
    """Make a token for a program of this person, and return it: nobody can read it again.

    Raises TokenRefusedError, with the reason for the person, where the name is taken by a token
    that is not revoked, or where the person has enough of them.
    """
    User.objects.select_for_update().get(pk=by.pk)
    taken = list(ApiToken.objects.visible_to(by).not_revoked().values_list("name", flat=True))
    if name in taken:
        raise TokenRefusedError("You have a token with this name. Give another name")
    if len(taken) >= MOST_TOKENS:
        raise TokenRefusedError(f"You have {MOST_TOKENS} tokens. Revoke one first")
    token, now = new_api_token(), timezone.now()
    ApiToken.objects.create(
        user=by,
        name=name,
        token_hash=hash_of(token),
        password_mark=by.get_session_auth_hash(),
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    record("token.create", f"made the API token “{name}”", by=by)
    return token


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> bool:
    """End a token at once; whether it had not been ended before."""
    now = timezone.now()
    ended = ApiToken.objects.not_revoked().filter(pk=token.pk).update(revoked_at=now)
    if ended:
        record("token.revoke", f"revoked the API token “{token.name}”", by=by)
    return bool(ended)


def note_use(*, token: ApiToken) -> None:
    """Remember the day on which a token was last used: one write a day, however often it is."""
    today = timezone.localdate()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
