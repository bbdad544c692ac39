"""Whether an account may be used at all."""

from __future__ import annotations

from django.conf import settings

from sen.kernel.access.models import User


def is_usable(user: User) -> bool:
    """Turned on, and not an account of the demonstration on a server that is none."""
    return user.is_active and (settings.DEMO or not user.is_demo)


def may_reset_password(user: User) -> bool:
    """By mail: accounts that sign in elsewhere have no password to forget."""
    return is_usable(user) and user.has_usable_password() and bool(user.email)
