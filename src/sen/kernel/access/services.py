"""Use cases on organisations, places, people and their rights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from sen.kernel.access.actors import actor_for, forget_actors
from sen.kernel.access.context import sets_for
from sen.kernel.access.models import Area, Grant, Organisation, Role, Tree, User
from sen.kernel.access.scope import is_pattern
from sen.kernel.errors import InvalidInputError
from sen.kernel.live.events import announce_changed_rights

N = TypeVar("N", bound=Tree)


@transaction.atomic
def put_node(
    model: type[N], *, code: str, name: str, kind: str, parent: N | None = None, **fields: object
) -> N:
    """Create or update an organisation or a place by its code; a move carries the subtree along.

    Raises:
        ValueError: the new parent lies below the node itself.
    """
    node = model._default_manager.filter(code=code).first()
    values: dict[str, object] = {"name": name, "kind": kind, "parent": parent, **fields}
    if node is None:
        node = model(code=code, path=f"new:{code}", **values)
        node.save()
        _place(node, parent)
        return node
    old = node.path
    if parent is not None and parent.path.startswith(old):
        raise ValueError(f"{code}: không thể đặt dưới chính đơn vị con của nó ({parent.code})")
    for field, value in values.items():
        setattr(node, field, value)
    node.save()
    _place(node, parent)
    if node.path != old:
        _move(model, old, node.path)
    forget_actors()
    return node


def _place(node: Tree, parent: Tree | None) -> None:
    node.path = f"{parent.path if parent else '/'}{node.pk}/"
    node.save(update_fields=["path"])


def _move(model: type[Tree], old: str, new: str) -> None:
    for child in model._default_manager.filter(path__startswith=old):
        child.path = new + child.path[len(old) :]
        child.save(update_fields=["path"])


@transaction.atomic
def grant_role(
    *, user: User, role: Role, organisation: Organisation | None = None, area: Area | None = None
) -> Grant:
    """Give ``user`` a role for an organisation subtree and a place subtree.

    Raises:
        TooManyClausesError: the user's grants would be spread over too many combinations.
    """
    grant, _created = Grant.objects.get_or_create(
        user=user, role=role, organisation=organisation, area=area
    )
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1)
    user.refresh_from_db(fields=["access_version"])
    sets_for(actor_for(user))
    announce_changed_rights([user.pk])
    return grant


@transaction.atomic
def revoke_role(*, grant: Grant) -> None:
    """Take a role back; it ends with the next request."""
    User.objects.filter(pk=grant.user_id).update(access_version=F("access_version") + 1)
    announce_changed_rights([grant.user_id])
    grant.delete()


@transaction.atomic
def put_role(
    *,
    code: str,
    name_vi: str,
    name_en: str,
    permissions: Iterable[str],
    clearance: int,
    needs_mfa: bool = True,
) -> Role:
    """Create or update a role by its code; its holders get the change with their next request.

    Raises:
        InvalidInputError: a pattern is not ``domain.resource.act``.
    """
    permissions = sorted(set(permissions))
    if wrong := [pattern for pattern in permissions if not is_pattern(pattern)]:
        raise InvalidInputError(
            {
                "permissions": _("“%(wrong)s” không đúng dạng phân_hệ.đối_tượng.thao_tác.")
                % {"wrong": ", ".join(wrong)}
            }
        )
    role, _created = Role.objects.update_or_create(
        code=code,
        defaults={
            "name_vi": name_vi,
            "name_en": name_en,
            "permissions": permissions,
            "clearance": clearance,
            "needs_mfa": needs_mfa,
        },
    )
    holders = set(Grant.objects.filter(role=role).values_list("user_id", flat=True))
    User.objects.filter(pk__in=holders).update(access_version=F("access_version") + 1)
    announce_changed_rights(holders)
    return role
