"""API tokens: made for an account, limited to some of its rights, shown once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.accounts.state import is_usable
from sen.kernel.access.actors import actor_for, subtree_ids
from sen.kernel.access.models import ApiToken, Area, Organisation, User
from sen.kernel.access.scope import ANY, KERNEL, Actor, Entitlement, is_pattern, matches
from sen.kernel.audit import services as audit
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import InputCheck, NotFoundError

#: Begins every token, so that scanners of leaked secrets recognise one.
PREFIX: Final = "sen_t_"
NOTE_EVERY: Final = timedelta(minutes=1)


def digest_of(secret: str) -> str:
    """SHA-256 is enough: the secret has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_api_token(
    *,
    actor: Actor,
    user: User,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    max_class: int = 1,
    organisation: Organisation | None = None,
    area: Area | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for ``user``; the secret is returned once and never again.

    Raises:
        InvalidInputError: no or wrong scopes, scopes that the owner does not have, or an expiry
            in the past or too far away.
    """
    wanted = sorted({scope.strip() for scope in scopes if scope.strip()})
    _check(user, name, wanted, expires_at)
    secret = f"{PREFIX}{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        prefix=_prefix_of(secret),
        digest=digest_of(secret),
        scopes=wanted,
        max_class=max_class,
        organisation=organisation,
        area=area,
        expires_at=expires_at,
        created_by_id=actor.id,
    )
    audit.record(
        act="accounts.token.created",
        kind=AuditEntry.Kind.SIGN_IN,
        on=token,
        detail={
            "account": user.username,
            "prefix": token.prefix,
            "scopes": wanted,
            "expires_at": expires_at.isoformat(),
        },
    )
    return token, secret


def _check(user: User, name: str, wanted: Sequence[str], expires_at: datetime) -> None:
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy đặt tên để sau này biết khóa dùng vào việc gì."))
    check.need(wanted, "scopes", _("Hãy chọn ít nhất một quyền."))
    held = patterns_of(actor_for(user))
    for scope in wanted:
        if not is_pattern(scope):
            check.add(
                "scopes",
                _("“%(scope)s” không đúng dạng phân_hệ.đối_tượng.thao_tác.") % {"scope": scope},
            )
        elif not any(covers(pattern, scope) for pattern in held):
            check.add(
                "scopes", _("Tài khoản không có quyền “%(scope)s” để trao.") % {"scope": scope}
            )
    now = timezone.now()
    most = now + timedelta(days=settings.SEN_TOKEN_DAYS_MOST, minutes=5)
    check.need(expires_at > now, "expires_at", _("Thời hạn phải ở sau thời điểm hiện tại."))
    check.need(
        expires_at <= most,
        "expires_at",
        _("Thời hạn tối đa là %(days)d ngày.") % {"days": settings.SEN_TOKEN_DAYS_MOST},
    )
    check.done()


@transaction.atomic
def revoke_api_token(*, actor: Actor, user: User, token_id: int) -> None:
    """End a token of ``user``; the next request with it is refused.

    Raises:
        NotFoundError: the account has no such token.
    """
    token = ApiToken.objects.filter(pk=token_id, user=user, revoked_at=None).first()
    if token is None:
        raise NotFoundError(_("khóa API"), token_id)
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record(
        act="accounts.token.revoked",
        kind=AuditEntry.Kind.SIGN_IN,
        on=token,
        detail={"account": user.username, "by": actor.username},
    )


def actor_of(*, secret: str, ip: str = "") -> Actor | None:
    """The actor behind a token, narrowed to it; ``None`` if the token is not valid now."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user__organisation", "organisation", "area")
        .filter(prefix=_prefix_of(secret))
        .first()
    )
    if token is None or not hmac.compare_digest(token.digest, digest_of(secret)):
        return None
    actor = _actor_now(token)
    if actor is None:
        return None
    if token.last_used_at is None or token.last_used_at < now - NOTE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now, last_used_ip=ip or None)
    return actor


def actor_of_prefix(*, prefix: str) -> Actor | None:
    """The actor of a connection that showed the whole token when it began, as it is now."""
    token = (
        ApiToken.objects.select_related("user__organisation", "organisation", "area")
        .filter(prefix=prefix)
        .first()
    )
    return None if token is None else _actor_now(token)


def _actor_now(token: ApiToken) -> Actor | None:
    ended = token.revoked_at is not None or token.expires_at <= timezone.now()
    if ended or not is_usable(token.user):
        return None
    return narrowed(
        actor_for(token.user),
        patterns=token.scopes,
        max_class=token.max_class,
        orgs=subtree_ids(token.organisation),
        areas=subtree_ids(token.area),
    )


def narrowed(
    actor: Actor,
    *,
    patterns: Iterable[str],
    max_class: int,
    orgs: frozenset[int] | None = ANY,
    areas: frozenset[int] | None = ANY,
) -> Actor:
    """``actor`` with no more than ``patterns``, ``max_class`` and the given places.

    The result follows the owner: a right that the owner loses is lost here too.
    """
    wanted = frozenset(patterns)
    kept = [
        Entitlement(
            role=held.role,
            permissions=both,
            clearance=min(held.clearance, max_class),
            orgs=_common(held.orgs, orgs),
            areas=_common(held.areas, areas),
        )
        for held in actor.entitlements
        if (both := common_patterns(held.permissions, wanted))
    ]
    return replace(actor, entitlements=tuple(kept), limits=wanted, needs_mfa=False)


def common_patterns(first: Iterable[str], second: Iterable[str]) -> frozenset[str]:
    """Patterns that match exactly what both sets of patterns match."""
    pairs = [(a.split("."), b.split(".")) for a in first for b in second]
    return frozenset(
        ".".join(y if x == "*" else x for x, y in zip(a, b, strict=True))
        for a, b in pairs
        if all(x == y or "*" in (x, y) for x, y in zip(a, b, strict=True))
        and {a[0], b[0]} != {"*", KERNEL}
    )


def covers(pattern: str, other: str) -> bool:
    """Whether ``pattern`` grants all that ``other`` grants."""
    return matches(pattern, other)


def patterns_of(actor: Actor) -> list[str]:
    """All patterns that an actor holds, somewhere."""
    return sorted({p for held in actor.entitlements for p in held.permissions})


def _common(a: frozenset[int] | None, b: frozenset[int] | None) -> frozenset[int] | None:
    if a is ANY:
        return b
    return a if b is ANY else a & b


def _prefix_of(secret: str) -> str:
    return secret.removeprefix(PREFIX).partition("_")[0][:16]
