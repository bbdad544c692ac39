"""Reactions to finished works, and what rests on which rule."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.domains.projects.events import WorkHandedOver
from sen.domains.stateassets.services import propose_card
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on

rests_on(
    RuleUse(
        name="stateassets.charges",
        norms=("stateassets.life", "stateassets.rate", "stateassets.first-year"),
        title=_("Hao mòn tài sản công hạ tầng"),
        kind=UseKind.REPORT,
        url="/ql/stateassets/khoa-so/",
    )
)


@on(WorkHandedOver, name="stateassets.propose_card")
def propose(event: WorkHandedOver, origin: Origin) -> None:
    """A new asset comes onto the books: a card with its cost is proposed.

    What a repair cost says nothing of the asset's original cost: it is a movement of its card.
    """
    if event.created:
        propose_card(actor=current_actor(), work_id=event.work_id, asset_id=event.asset_id)
