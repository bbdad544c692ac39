"""A map layer for each type of the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import asset_types
from sen.domains.assets.selectors import propose_place
from sen.domains.assets.web.types import layer_of
from sen.domains.network.api import label
from sen.kernel.access.scope import Actor
from sen.kernel.geo.describe import describers
from sen.kernel.geo.layers import Category, add_layer, categories

categories.add("structures", Category("structures", _("Công trình")))
categories.add("hubs", Category("hubs", _("Bến, trạm, cảng")))
categories.add("safety", Category("safety", _("Báo hiệu và an toàn")))
categories.add("its", Category("its", _("Thiết bị và điều hành")))

for kind in asset_types:
    add_layer(layer_of(kind))


def describe(lon: float, lat: float, actor: Actor) -> str:
    """The road with its Km and the commune of a point: ``QL.30 Km12+500 (cách 4 m), Xã …``."""
    found = propose_place(actor, (lon, lat))
    words = [found.area]
    if found.road and found.chainage_m is not None:
        near = _("cách tim đường %(offset)s m") % {"offset": round(found.offset_m or 0)}
        words.insert(0, f"{found.road} {label(found.chainage_m)} ({near})")
    return ", ".join(filter(None, words))


describers.add("assets.place", describe)
