"""Pages of the books that are no registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.stateassets.web import pages
from sen.kernel.web.menu import MenuEntry, add_entry

urlpatterns: list[URLPattern] = [
    path("ql/stateassets/bieu-mau/", pages.forms),
    path("ql/stateassets/khoa-so/", pages.closing),
    path("ql/stateassets/chua-co-the/", pages.without),
    path("ql/stateassets/cards/<int:card_id>/quyet-dinh/", pages.decide),
    path("ql/stateassets/books/<int:book_id>/mo-lai/", pages.reopen),
]

for _name, _title, _url, _icon, _order in (
    ("forms", _("Biểu mẫu tài sản công"), "bieu-mau", "table-properties", 110),
    ("closing", _("Khóa sổ, tính hao mòn"), "khoa-so", "lock", 120),
):
    add_entry(
        MenuEntry(
            f"stateassets-{_name}",
            _title,
            f"/ql/stateassets/{_url}/",
            _icon,
            group="stateassets",
            permission="stateassets.card.view",
            order=_order,
        )
    )
