"""A map layer for each type of the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import asset_types
from sen.domains.assets.web.types import layer_of
from sen.kernel.geo.layers import Category, add_layer, categories

categories.add("structures", Category("structures", _("Công trình")))
categories.add("hubs", Category("hubs", _("Bến, trạm, cảng")))
categories.add("safety", Category("safety", _("Báo hiệu và an toàn")))
categories.add("its", Category("its", _("Thiết bị và điều hành")))

for kind in asset_types:
    add_layer(layer_of(kind))
