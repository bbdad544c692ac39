"""The only way to read guarded rows: ``visible_to(actor)``; everything else fails closed."""

from __future__ import annotations

from typing import Any, Final, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.sql import Query

from sen.kernel.access.context import current
from sen.kernel.access.scope import AccessRule, Actor, Scope

M = TypeVar("M", bound=models.Model)
M_co = TypeVar("M_co", bound=models.Model, covariant=True)

MIN_REASON: Final = 8


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


class ScopedQuery(Query):
    """The query of a guarded model: no SQL comes out of it until it knows for whom.

    Every way of evaluation asks for a compiler: iteration, counts, aggregates, subqueries and
    the parts of a union. What is asked elsewhere (``|``, ``UPDATE``, ``DELETE``) is guarded here
    too.
    """

    sen_scoped: str = ""

    def guard(self) -> None:
        if not self.sen_scoped and not self.is_empty() and not current().actor.is_system:
            raise UnscopedReadError(
                f"{self.get_meta().label}: read without visible_to(actor); rows of a guarded "
                "model are never read for nobody"
            )

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        self.guard()
        return super().get_compiler(*args, **kwargs)

    def chain(self, klass: Any = None) -> Any:
        if klass is not None:
            self.guard()
        return super().chain(klass)

    def combine(self, rhs: Query, connector: str) -> None:
        for query in (self, rhs):
            if isinstance(query, ScopedQuery):
                query.guard()
        super().combine(rhs, connector)


class ScopedQuerySet(models.QuerySet[M_co]):
    """A QuerySet that refuses to be read until it is told for whom.

    Inserting needs no scope: what may be inserted is the service's question.
    """

    def __init__(
        self,
        model: type[models.Model] | None = None,
        query: Query | None = None,
        using: str | None = None,
        hints: dict[str, models.Model] | None = None,
    ) -> None:
        if query is None and model is not None:
            query = ScopedQuery(model)
        super().__init__(model=model, query=query, using=using, hints=hints)

    def visible_to(self, actor: Actor, act: str = "view") -> Self:
        """Rows on which ``actor`` may do ``act``; none that they may not see."""
        rule: AccessRule = self.model.access  # type: ignore[attr-defined]
        condition = scope_q(actor.scope(rule, act))
        if act != "view":
            condition &= scope_q(actor.scope(rule, "view"))
        return self._marked(self.filter(condition), act)

    def unscoped(self, reason: str) -> Self:
        """The explicit exit in Python; row-level security still holds for the acting actor."""
        if len(reason) < MIN_REASON:
            raise ValueError("unscoped(): say in words why every row may be read here")
        return self._marked(self.all(), reason)

    def _marked(self, rows: Self, how: str) -> Self:
        query: Any = rows.query
        query.sen_scoped = how
        return rows

    def delete(self) -> tuple[int, dict[str, int]]:
        self._guard()
        return super().delete()

    def _raw_delete(self, using: str | None) -> Any:
        self._guard()
        return super()._raw_delete(using)

    def _guard(self) -> None:
        if isinstance(self.query, ScopedQuery):
            self.query.guard()

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: SQL by hand writes the condition of ``Scope.sql`` itself."""
        raise UnscopedReadError(f"{self.model._meta.label}: raw() knows no scope; use Scope.sql")


class ScopedManager(models.Manager[M]):
    """The default manager of guarded models: inserts, and hands out guarded QuerySets."""

    def get_queryset(self) -> ScopedQuerySet[M]:
        return ScopedQuerySet(self.model, using=self._db)

    def visible_to(self, actor: Actor, act: str = "view") -> ScopedQuerySet[M]:
        """Rows on which ``actor`` may do ``act``; none that they may not see."""
        return self.get_queryset().visible_to(actor, act)

    def unscoped(self, reason: str) -> ScopedQuerySet[M]:
        """The explicit exit in Python; row-level security still holds for the acting actor."""
        return self.get_queryset().unscoped(reason)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Refused, as on the QuerySet."""
        return self.get_queryset().raw(*args, **kwargs)
