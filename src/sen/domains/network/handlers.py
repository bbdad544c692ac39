"""Reactions of the network to rules that changed."""

from __future__ import annotations

from sen.domains.network.choices import IRI_NORM
from sen.domains.network.services import refresh_bands
from sen.domains.norms.events import NormVersionPublished
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on


@on(NormVersionPublished, name="network.grade_roughness")
def grade_again(event: NormVersionPublished, origin: Origin) -> None:
    """Another rule of roughness colours the roads anew."""
    if event.norm == IRI_NORM:
        refresh_bands(actor=current_actor())
