"""Reading boundaries of communes and wards from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.places.choices import BoundarySource
from sen.domains.places.services import apply_boundaries
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    Importer,
    ImportField,
    ImportRow,
    Outcome,
    register,
)


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
    help = gettext_lazy(
        "Mỗi dòng một xã, phường, khớp theo mã. Nguồn mặc định là “tham khảo”; thêm "
        "tùy chọn source=OFFICIAL khi tệp do cơ quan có thẩm quyền cung cấp."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        known = {source.value for source in BoundarySource}
        source = options.get("source", BoundarySource.REFERENCE.value)
        if source not in known:
            outcome = Outcome()
            outcome.fault(0, "source", _("Nguồn phải là một trong: ") + ", ".join(sorted(known)))
            return outcome
        return apply_boundaries(actor=actor, rows=rows, source=BoundarySource(source))
