"""The folded text by which rows are found without diacritics."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func, GeneratedField, TextField


class Folded(Func):
    """``sen_fold(a || ' ' || b …)``: the SQL twin of :func:`sen.lib.text.fold` over columns."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        parts = [compiler.compile(expression) for expression in self.get_source_expressions()]
        text = " || ' ' || ".join(f"coalesce({sql}::text, '')" for sql, _params in parts)
        return f"sen_fold({text})", [param for _sql, params in parts for param in params]


def search_column(*names: str) -> GeneratedField:
    """A stored column with the folded values of some columns of the same row.

    Index it with :func:`search_index`; registers and the palette search it.
    """
    return GeneratedField(expression=Folded(*names), output_field=TextField(), db_persist=True)


def search_index(name: str) -> models.Index:
    """The trigram index under ``search LIKE '%…%'``."""
    return GinIndex(OpClass("search", "gin_trgm_ops"), name=name)
