"""An invented decree in preparation, so that the editor of rules has something to show."""

from __future__ import annotations

from datetime import date
from typing import Final

from sen.domains.norms import api as norms
from sen.kernel.access.scope import Actor

FROM: Final = date(2027, 7, 1)
#: What the invented decree says anew: rule, row, value.
CHANGED: Final = (("corridor.road", 2, 11), ("corridor.bridge", 0, 200))


def load_drafts(actor: Actor) -> int:
    """One draft that widens two corridors; it stands beside the rules and changes none."""
    state, country = norms.owners()
    document = norms.put_document(
        actor=actor,
        code="minh-hoa-nd-2027",
        number="00/2027/NĐ-CP (minh họa)",
        name="Nghị định giả định sửa đổi hành lang an toàn đường bộ",
        effective_from=FROM,
        owner_org=state,
        area=country,
        is_demo=True,
    )
    draft = norms.create_draft(
        actor=actor,
        title="Sửa bề rộng hành lang an toàn đường bộ (minh họa)",
        act="AMEND",
        document=document,
        target=norms.document("nd-165-2024"),
        effective_from=FROM,
        is_demo=True,
    )
    for code, place, value in CHANGED:
        table = norms.take_in_norm(actor=actor, draft=draft, norm=norms.norm(code))
        rows = [dict(row) for row in table.rows]
        rows[place]["value"] = value
        norms.write_table(
            actor=actor,
            table=table,
            version=table.version,
            rows=rows,
            legal_ref="Điều 2 (giả định)",
            effective_from=FROM,
        )
    return len(CHANGED)
