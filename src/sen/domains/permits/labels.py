"""Names of kinds of permits in the language of whoever reads them."""

from __future__ import annotations

from sen.domains.permits.kinds import permit_kinds
from sen.kernel.attributes.labels import label


def kind_choices() -> list[tuple[str, str]]:
    """Codes and names of all kinds, for the field of the model."""
    return [(kind.code, label(kind.short)) for kind in permit_kinds]
