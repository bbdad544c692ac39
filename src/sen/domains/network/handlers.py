"""Reactions of the network to rules that changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import IRI_NORM
from sen.domains.network.selectors.roughness import reckon_roughness
from sen.domains.network.services import refresh_bands
from sen.domains.norms.events import NormVersionPublished, NormVersionWithdrawn
from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on

rests_on(
    RuleUse(
        name="network.roughness",
        norms=(IRI_NORM,),
        title=_("Mức độ gồ ghề của mặt đường trên bản đồ và sơ đồ duỗi thẳng"),
        kind=UseKind.ASSET,
        url="/ql/network/iri/",
        reckon=reckon_roughness,
    )
)


@on(NormVersionPublished, name="network.grade_roughness")
def grade_again(event: NormVersionPublished, origin: Origin) -> None:
    """Another rule of roughness colours the roads anew."""
    if event.norm == IRI_NORM:
        refresh_bands(actor=current_actor())


@on(NormVersionWithdrawn, name="network.grade_roughness_back")
def grade_back(event: NormVersionWithdrawn, origin: Origin) -> None:
    """A rule of roughness that was taken back colours the roads as before."""
    if event.norm == IRI_NORM:
        refresh_bands(actor=current_actor())
