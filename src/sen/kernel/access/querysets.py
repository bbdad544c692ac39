"""The only way to read guarded rows: ``visible_to(actor)``; everything else fails closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from sen.kernel.access.context import current
from sen.kernel.access.scope import Actor, Scope

M = TypeVar("M", bound=models.Model, covariant=True)


class UnscopedReadError(RuntimeError):
    """A guarded model was read without saying for whom."""


def scope_q(scope: Scope) -> Q:
    """The scope as a filter; an empty scope filters everything out."""
    rule = scope.rule
    total = Q(pk__isnull=True)
    for clause in scope.clauses:
        term = Q(**{f"{rule.class_field}__lte": clause.max_class})
        if clause.orgs is not None:
            term &= Q(**{f"{rule.org_field}__in_array": clause.orgs})
        if clause.areas is not None:
            term &= Q(**{f"{rule.area_field}__in_array": clause.areas})
        if clause.subject is not None:
            term &= Q(**{str(rule.subject_field): clause.subject})
        total |= term
    return total


class ScopedQuerySet(models.QuerySet[M]):
    """A QuerySet that refuses to be read until it is told for whom.

    Inserting needs no scope: what may be inserted is the service's question.
    """

    _sen_scoped: str = ""

    def visible_to(self, actor: Actor, act: str = "view") -> ScopedQuerySet[M]:
        """Rows on which ``actor`` may do ``act``."""
        scope = actor.scope(self.model.access, act)  # type: ignore[attr-defined]
        marked = self.filter(scope_q(scope))
        marked._sen_scoped = act
        return marked

    def unscoped(self, reason: str) -> ScopedQuerySet[M]:
        """The explicit exit in Python; row-level security still holds for the acting actor."""
        if len(reason) < 8:
            raise ValueError("unscoped(): say in words why every row may be read here")
        marked = self.all()
        marked._sen_scoped = reason
        return marked

    def _guard(self) -> None:
        if not self._sen_scoped and not current().actor.is_system:
            name = self.model._meta.label
            raise UnscopedReadError(
                f"{name}: read without visible_to(actor); rows of a guarded model are never "
                "read for nobody"
            )

    def _clone(self) -> ScopedQuerySet[M]:
        clone: ScopedQuerySet[M] = super()._clone()  # type: ignore[misc]
        clone._sen_scoped = self._sen_scoped
        return clone

    def _fetch_all(self) -> None:
        self._guard()
        super()._fetch_all()  # type: ignore[misc]

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        self._guard()
        return super().iterator(chunk_size or 2000)

    def count(self) -> int:
        self._guard()
        return super().count()

    def exists(self) -> bool:
        self._guard()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._guard()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._guard()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._guard()
        return super().delete()

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        self._guard()
        return super().resolve_expression(*args, **kwargs)  # type: ignore[misc]


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """The default manager of guarded models."""

    use_in_migrations = False
