"""Reading boundaries of communes and wards from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.places.choices import BoundarySource
from sen.domains.places.models import Unit
from sen.domains.places.services import apply_boundaries
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    Importer,
    ImportField,
    ImportOption,
    ImportRow,
    Outcome,
    register,
)

#: Gaps narrower than this are defects of a coverage, wider ones are real (about 10 m).
GAP_DEG: Final = 1e-4


@register
class BoundaryImporter(Importer):
    kind = "boundaries"
    title = gettext_lazy("Ranh giới xã, phường")
    permission = "places.unit.import"
    fields = (
        ImportField(
            "code",
            gettext_lazy("Mã đơn vị"),
            required=True,
            aliases=("ma", "ma_xa", "ward_code", "commune_code", "xa_code"),
        ),
        ImportField("name", gettext_lazy("Tên"), aliases=("ten", "ten_xa", "full_name")),
    )
    shapes = frozenset({"polygon"})
    options = (
        ImportOption("source", gettext_lazy("Nguồn ranh giới"), choices=dict(Unit.Source.choices)),
    )
    help = gettext_lazy(
        "Mỗi dòng một xã, phường, khớp theo mã. Nguồn mặc định là “tham khảo”; thêm "
        "tùy chọn source=OFFICIAL khi tệp do cơ quan có thẩm quyền cung cấp."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        source = BoundarySource(options.get("source", BoundarySource.REFERENCE.value))
        outcome = apply_boundaries(actor=actor, rows=rows, source=source)
        outcome.notes += coverage_notes(rows)
        return outcome


def coverage_notes(rows: Sequence[ImportRow]) -> list[str]:
    """Where neighbours do not share their border exactly: gaps and overlaps, for a person to see.

    They are no fault: published boundaries have them, and a point is still found in one unit.
    """
    shapes = shapely.from_wkb([row.shape for row in rows if row.shape is not None])
    codes = [str(row.values["code"]) for row in rows if row.shape is not None]
    edges = shapely.coverage_invalid_edges(shapes, gap_width=GAP_DEG)
    defects = [code for code, edge in zip(codes, edges, strict=True) if not edge.is_empty]
    if not defects:
        return []
    return [
        _("%(n)s đơn vị có ranh giới hở hoặc chồng lên đơn vị bên cạnh: %(codes)s.")
        % {"n": len(defects), "codes": ", ".join(sorted(defects))}
    ]
