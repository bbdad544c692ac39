"""Reading rasters and overlays."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from sen.domains.imagery.models import Overlay, OverlayHealth, Raster
from sen.kernel.access.scope import Actor


def rasters(actor: Actor) -> QuerySet[Raster]:
    """Rasters that the actor may see."""
    return Raster.objects.visible_to(actor)


def shown_rasters(actor: Actor) -> QuerySet[Raster]:
    """Those that are on the map, the lowest first; of one place the newest lies on top."""
    ready = rasters(actor).filter(state=Raster.State.READY).select_related("cog")
    return ready.order_by("layer_order", "taken_on", "id").defer("said", "points")


def overlays(actor: Actor) -> QuerySet[Overlay]:
    """Layers of others that the actor may see."""
    return Overlay.objects.visible_to(actor)


def health_of(ids: Iterable[int]) -> dict[int, OverlayHealth]:
    """What the last checks of overlays found."""
    return {one.pk: one for one in OverlayHealth.objects.filter(overlay_id__in=list(ids))}
