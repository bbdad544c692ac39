"""``field__in_array=[…]``: membership as one array parameter.

``IN (…)`` has one parameter per value, so each length is another prepared statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import BigAutoField, BigIntegerField, ForeignKey, IntegerField, Lookup
from django.db.models.fields.related_lookups import RelatedLookupMixin


class InArray(Lookup[Any]):
    lookup_name = "in_array"
    prepare_rhs = False

    def get_prep_lookup(self) -> list[int]:
        values: Iterable[Any] = self.rhs
        return sorted(int(value) for value in values)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::bigint[])", (*params, self.rhs)


class RelatedInArray(RelatedLookupMixin, InArray):
    def get_prep_lookup(self) -> list[int]:
        return InArray.get_prep_lookup(self)


for field in (IntegerField, BigIntegerField, BigAutoField):
    field.register_lookup(InArray)
ForeignKey.register_lookup(RelatedInArray)
