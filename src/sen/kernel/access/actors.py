"""From an account to an :class:`~sen.kernel.access.scope.Actor`."""

from __future__ import annotations

import time
from datetime import date

from django.db.models import Q
from django.utils import timezone

from sen.kernel.access.models import Area, Grant, Organisation, Tree, User
from sen.kernel.access.scope import ANY, Actor, ActorKind, Entitlement

#: Seconds for which a resolved actor is reused. A change of grants takes effect at once
#: (``access_version`` is part of the key); a change of a tree within this time.
REUSE_S = 30
_cache: dict[tuple[int, int], tuple[float, Actor]] = {}


def actor_for(user: User, *, on: date | None = None) -> Actor:
    """The actor of ``user`` with the grants valid on a date (today)."""
    key = (user.pk, user.access_version)
    now = time.monotonic()
    known = _cache.get(key)
    if on is None and known and known[0] > now:
        return known[1]
    actor = _load(user, on or timezone.localdate())
    if on is None:
        if len(_cache) > 5000:
            _cache.clear()
        _cache[key] = (now + REUSE_S, actor)
    return actor


def forget_actors() -> None:
    """Drop every reused actor; after a change of a tree and between tests."""
    _cache.clear()


def _load(user: User, day: date) -> Actor:
    grants = (
        Grant.objects.filter(user=user)
        .filter(Q(valid_from=None) | Q(valid_from__lte=day))
        .filter(Q(valid_to=None) | Q(valid_to__gt=day))
        .select_related("role", "organisation", "area")
    )
    held = list(grants)
    organisation = user.organisation
    return Actor(
        kind=ActorKind(user.kind),
        id=user.pk,
        username=user.username,
        name=user.full_name,
        organisation_id=user.organisation_id,
        organisation_name=organisation.name if organisation else "",
        entitlements=tuple(
            Entitlement(
                role=grant.role.code,
                permissions=frozenset(grant.role.permissions),
                clearance=grant.role.clearance,
                orgs=subtree_ids(grant.organisation),
                areas=subtree_ids(grant.area),
            )
            for grant in held
        ),
        needs_mfa=any(grant.role.needs_mfa for grant in held),
    )


def subtree_ids(node: Organisation | Area | None) -> frozenset[int] | None:
    """Ids of a node and everything below it; ``None`` (any) for no node."""
    if node is None:
        return ANY
    model: type[Tree] = type(node)
    rows = model._default_manager.filter(path__startswith=node.path)
    return frozenset(rows.values_list("pk", flat=True))
