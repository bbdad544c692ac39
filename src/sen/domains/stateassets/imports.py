"""Reading cards from spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.network import api as network
from sen.domains.stateassets.choices import CardKind
from sen.domains.stateassets.data import CardInput
from sen.domains.stateassets.models import Card, KindChoices
from sen.domains.stateassets.services import import_cards
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    Outcome,
    register,
)

_MONEY: Final = (
    ("construction_vnd", gettext_lazy("Chi phí xây dựng"), ("nguyen_gia", "xay_dung")),
    ("equipment_vnd", gettext_lazy("Chi phí thiết bị"), ("thiet_bi",)),
    ("clearance_vnd", gettext_lazy("Chi phí bồi thường, giải phóng mặt bằng"), ("gpmb",)),
    ("other_vnd", gettext_lazy("Chi phí khác"), ("khac", "chi_khac")),
    ("accumulated_vnd", gettext_lazy("Hao mòn lũy kế"), ("hao_mon", "hao_mon_luy_ke")),
)


@register
class CardImporter(Importer):
    """Cards with their openings; one that exists keeps its amounts."""

    kind = "state-asset-cards"
    title = gettext_lazy("Thẻ tài sản")
    permission = "stateassets.card.import"
    key = "code"
    fields = (
        ImportField(
            "code", gettext_lazy("Số thẻ"), required=True, aliases=("so_the", "ma_the"), longest=60
        ),
        ImportField("name", gettext_lazy("Tên tài sản"), required=True, aliases=("ten",)),
        ImportField(
            "kind",
            gettext_lazy("Loại tài sản"),
            FieldKind.CHOICE,
            required=True,
            aliases=("loai",),
            choices=dict(KindChoices.choices),
            synonyms={
                "Đường": CardKind.ROAD.value,
                "Cầu": CardKind.BRIDGE.value,
                "Hầm": CardKind.TUNNEL.value,
                "Bến phà": CardKind.FERRY.value,
                "Cầu phao": CardKind.FERRY.value,
            },
        ),
        replace(network.OWNER_COLUMN, name="owner_org"),
        network.AREA_COLUMN,
        ImportField("asset", gettext_lazy("Mã công trình"), aliases=("ma_tai_san", "asset_code")),
        network.ROAD_COLUMN,
        network.FROM_COLUMN,
        network.TO_COLUMN,
        ImportField(
            "quantity", gettext_lazy("Số lượng"), FieldKind.NUMBER, aliases=("so_luong", "dai")
        ),
        ImportField("unit", gettext_lazy("Đơn vị tính"), aliases=("dvt",), longest=20),
        ImportField(
            "origin",
            gettext_lazy("Nguồn hình thành"),
            FieldKind.CHOICE,
            aliases=("nguon_goc",),
            choices=dict(Card.Origin.choices),
        ),
        ImportField(
            "in_use_at",
            gettext_lazy("Ngày đưa vào sử dụng"),
            FieldKind.DATE,
            required=True,
            aliases=("ngay_su_dung",),
        ),
        ImportField(
            "recorded_at",
            gettext_lazy("Ngày ghi sổ"),
            FieldKind.DATE,
            required=True,
            aliases=("ngay_ghi_tang",),
        ),
        ImportField(
            "charged_through",
            gettext_lazy("Hao mòn đã tính đến hết năm"),
            FieldKind.INTEGER,
            aliases=("nam_hao_mon",),
        ),
        *(
            ImportField(name, label, FieldKind.NUMBER, aliases=aliases, unit="đ")
            for name, label, aliases in _MONEY
        ),
        ImportField("document", gettext_lazy("Số chứng từ"), aliases=("chung_tu",), longest=120),
        ImportField("document_date", gettext_lazy("Ngày chứng từ"), FieldKind.DATE),
    )
    help = gettext_lazy(
        "Mỗi dòng là một thẻ, nhận ra theo số thẻ. Số tiền là đồng tròn và chỉ ghi khi thẻ mới; "
        "thẻ đã có giữ nguyên giá trị, muốn đổi hãy ghi biến động."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        names = {item.name: str(item.label) for item in self.fields}
        inputs: list[CardInput] = []
        broken = Outcome()
        for row in rows:
            values: dict[str, Any] = {k: v for k, v in row.values.items() if v is not None}
            for name in (item[0] for item in _MONEY):
                amount = values.get(name, 0)
                if amount != int(amount):
                    broken.fault(row, names[name], _("Hãy ghi số đồng tròn."), amount)
                values[name] = int(amount)
            inputs.append(CardInput(row=row.number, **values))
        if broken.faults:
            return broken
        outcome = import_cards(actor=actor, rows=inputs)
        for place, fault in enumerate(outcome.faults):
            shown = names.get(fault.field, fault.field)
            outcome.faults[place] = type(fault)(fault.row, shown, fault.message, fault.value)
        return outcome
