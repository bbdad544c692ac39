"""Brake on guessing: failures are counted per account and per address, in the database.

All processes share the counters, and attempts on one account wait for each other (an advisory
lock until the end of the transaction), so parallel guesses are counted like guesses in a row.
The delay grows with every failure; a success clears the account's counter, never the address's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import F
from django.utils import timezone

from sen.kernel.access.models import SignInThrottle


@dataclass(frozen=True, slots=True)
class Brake:
    """How many failures are free, and how long the first and the longest delay are."""

    free: int
    first_s: int
    longest_s: int
    forget_h: int = 24

    def delay_s(self, failures: int) -> int:
        """Seconds without attempts after ``failures`` failures."""
        if failures < self.free:
            return 0
        return int(min(self.first_s * 2 ** min(failures - self.free, 20), self.longest_s))


ACCOUNT: Final = Brake(free=5, first_s=60, longest_s=3600)
#: An office with one public address signs in hundreds of people every morning.
ADDRESS: Final = Brake(free=60, first_s=60, longest_s=3600, forget_h=1)
#: A correct password was needed before: whoever guesses codes holds it.
SECOND_FACTOR: Final = Brake(free=5, first_s=300, longest_s=7200)


class Blocked(Exception):  # noqa: N818  a state, not a defect
    """No attempt is allowed before ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"blocked until {until.isoformat()}")
        self.until = until

    @property
    def minutes(self) -> int:
        """Minutes to wait, rounded up."""
        return max(1, -int(-(self.until - timezone.now()).total_seconds() // 60))


def account_key(login: str) -> str:
    """Key of a typed name; unknown names are braked like known ones."""
    return "login:" + hashlib.sha256(login.strip().casefold().encode()).hexdigest()[:40]


def user_key(user_id: int) -> str:
    return f"user:{user_id}"


def second_factor_key(user_id: int) -> str:
    return f"code:{user_id}"


def address_key(ip: str) -> str:
    return f"ip:{ip}"


def wait_for_turn(key: str) -> None:
    """Let attempts on one key follow each other until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 597))", [key])


def guard(key: str) -> None:
    """Check that an attempt is allowed.

    Raises:
        Blocked: too many failures; the attempt must not be looked at.
    """
    row = SignInThrottle.objects.filter(pk=key).first()
    if row is not None and row.blocked_until and row.blocked_until > timezone.now():
        SignInThrottle.objects.filter(pk=key).update(refused=F("refused") + 1)
        raise Blocked(row.blocked_until)


_FAILED_SQL: Final = """
INSERT INTO kernel_access_signinthrottle AS t (key, failures, refused, last_failed_at)
VALUES (%s, 1, 0, %s)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN t.last_failed_at < %s THEN 1 ELSE t.failures + 1 END,
  refused = 0,
  last_failed_at = excluded.last_failed_at
RETURNING failures
"""


def count_failure(key: str, brake: Brake) -> int:
    """Count a failure; returns the seconds for which further attempts are now refused."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_FAILED_SQL, [key, now, now - timedelta(hours=brake.forget_h)])
        (failures,) = cursor.fetchone()
    delay_s = brake.delay_s(failures)
    if delay_s:
        until = now + timedelta(seconds=delay_s)
        SignInThrottle.objects.filter(pk=key).update(blocked_until=until)
    return delay_s


def clear(key: str) -> None:
    """Forget the failures of a key."""
    SignInThrottle.objects.filter(pk=key).delete()


def is_spent(key: str) -> bool:
    """Whether a one-time value was used and still could be shown again."""
    return SignInThrottle.objects.filter(pk=key, blocked_until__gt=timezone.now()).exists()


_SPEND_SQL: Final = """
INSERT INTO kernel_access_signinthrottle AS t (key, failures, refused, blocked_until)
VALUES (%s, 0, 0, %s)
ON CONFLICT (key) DO UPDATE SET blocked_until = excluded.blocked_until
WHERE t.blocked_until < %s
RETURNING 1
"""


def spend(key: str, *, seconds: int) -> bool:
    """Use a one-time value; false when it was used within ``seconds``, in whatever process."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_SPEND_SQL, [key, now + timedelta(seconds=seconds), now])
        return cursor.fetchone() is not None


def forget_old(*, days: int = 2) -> int:
    """Drop counters that no longer matter; run it daily."""
    before = timezone.now() - timedelta(days=days)
    old = SignInThrottle.objects.exclude(last_failed_at__gte=before).exclude(
        blocked_until__gte=before
    )
    return old.delete()[0]
