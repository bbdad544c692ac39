"""Who holds a right: for notices to those who are to do something."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import Grant, Role, ScopedModel, User
from sen.kernel.access.scope import matches


def holders_of(permission: str) -> list[User]:
    """Active accounts that hold a permission somewhere, by name."""
    roles = [
        role.pk
        for role in Role.objects.all()
        if any(matches(pattern, permission) for pattern in role.permissions)
    ]
    today = timezone.localdate()
    grants = Grant.objects.filter(role_id__in=roles).filter(
        Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_to=None) | Q(valid_to__gt=today)
    )
    users = User.objects.filter(pk__in=grants.values("user_id"), is_active=True)
    return list(users.select_related("organisation").order_by("full_name", "id"))


def who_may(row: ScopedModel, act: str) -> list[User]:
    """Active accounts that may do ``act`` with a row by what they were granted."""
    return [
        user
        for user in holders_of(row.access.permission(act))
        if actor_for(user).scope(row.access, act).allows(row)
    ]
