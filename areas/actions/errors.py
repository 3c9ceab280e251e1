from __future__ import annotations


class InvitationClosedError(Exception):
    """Used, withdrawn, expired or sent again in the meantime."""


class AccountExistsError(Exception):
    """The invited address has an account, so its owner signs in instead of making one."""


class LastLeadError(Exception):
    """An area must not be left without a lead."""


class TokenRefusedError(Exception):
    """A token cannot be made: the name is taken, or there are enough. The message says which."""


class NoteMovedOnError(Exception):
    """Somebody corrected or withdrew this note in the meantime. The message is for the person."""
