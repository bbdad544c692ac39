"""Names of types in the language of whoever reads them."""

from __future__ import annotations

from sen.domains.assets.catalogue import asset_types
from sen.kernel.attributes.labels import label, said, said_value

__all__ = ["label", "said", "said_value", "type_choices"]


def type_choices() -> list[tuple[str, str]]:
    """Codes and names of all types, for the field of the model."""
    return [(kind.code, label(kind.name)) for kind in asset_types]
