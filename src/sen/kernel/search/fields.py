"""The folded text by which rows are found without diacritics."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func, GeneratedField, TextField


class Folded(Func):
    """``sen_fold(a || ' ' || b …)``: the SQL twin of :func:`sen.lib.text.fold` over columns."""

    output_field = TextField()
    function = "sen_fold"
    arg_joiner = " || ' ' || "

    def __init__(self, *names: str) -> None:
        super().__init__(*(Func(name, template=_TEXT, output_field=TextField()) for name in names))


#: A column as text, empty for none: generated columns take only immutable expressions.
_TEXT = "coalesce((%(expressions)s)::text, '')"


def search_column(*names: str) -> GeneratedField:
    """A stored column with the folded values of some columns of the same row.

    Index it with :func:`search_index`; registers and the palette search it.
    """
    return GeneratedField(expression=Folded(*names), output_field=TextField(), db_persist=True)


def search_index(name: str) -> models.Index:
    """The trigram index under ``search LIKE '%…%'``."""
    return GinIndex(OpClass("search", "gin_trgm_ops"), name=name)
