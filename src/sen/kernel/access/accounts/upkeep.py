"""Accounts that fall asleep: those that nobody uses are turned off."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.accounts import throttle
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.audit import services as audit
from sen.kernel.live.events import announce_changed_rights


def is_idle(user: User) -> bool:
    """Whether an official's account was not used for longer than allowed.

    Source: tcvn-14423-2026, level 3: off after 45 days.
    """
    if user.kind not in settings.SEN_IDLE_KINDS or (user.is_demo and settings.DEMO):
        return False
    last = max(filter(None, (user.last_login, user.created_at, user.password_changed_at)))
    return bool(last < timezone.now() - timedelta(days=settings.SEN_IDLE_ACCOUNT_DAYS))


def lock_if_idle(*, user: User) -> bool:
    """Turn an account off that slept too long; also done when its owner comes back."""
    if not user.is_active or not is_idle(user):
        return False
    days = settings.SEN_IDLE_ACCOUNT_DAYS
    with as_system("tài khoản không sử dụng quá thời hạn"):
        user.is_active = False
        user.locked_reason = _("Không sử dụng quá %(days)d ngày") % {"days": days}
        user.save(update_fields=["is_active", "locked_reason"])
        announce_changed_rights([user.pk])
        audit.record(act="accounts.lock.idle", on=user, detail={"days": days})
    return True


@transaction.atomic
def lock_idle_accounts() -> int:
    """Turn off all accounts that slept too long; the daily upkeep. Returns how many."""
    border = timezone.now() - timedelta(days=settings.SEN_IDLE_ACCOUNT_DAYS)
    candidates = User.objects.filter(
        Q(last_login=None) | Q(last_login__lt=border),
        is_active=True,
        created_at__lt=border,
        kind__in=settings.SEN_IDLE_KINDS,
    )
    return sum(lock_if_idle(user=user) for user in candidates)


@transaction.atomic
def drop_sessions_that_are_over() -> int:
    """Delete expired sessions and what was noted about them; returns how many."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(alive)).delete()
    return deleted


def drop_old_counters() -> int:
    """Delete counters of failures that no longer matter; returns how many."""
    return throttle.forget_old()
