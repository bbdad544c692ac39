"""Texts of the catalogue in the language of whoever reads them."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import get_language

from sen.domains.assets.catalogue import Text, asset_types


def said(text: Text) -> str:
    """The text in the language of the running request."""
    return text.said(get_language())


_lazy_said = lazy(said, str)


def label(text: Text) -> str:
    """The text, looked up anew each time when it is shown."""
    return _lazy_said(text)


def type_choices() -> list[tuple[str, str]]:
    """Codes and names of all types, for the field of the model."""
    return [(kind.code, label(kind.name)) for kind in asset_types]
