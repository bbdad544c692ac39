"""Dossiers of large bridges and main roads with their documents; three of them are signed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.utils import timezone

from sen.demo.documents.catalogue import Planned, planned
from sen.demo.documents.paper import Sheet, printed
from sen.demo.documents.seals import bearer, signed, touched
from sen.demo.load.foundation import Ground
from sen.demo.model import Province
from sen.domains.assets import api as assets
from sen.domains.documents import api as documents
from sen.domains.documents.adapters.signatures import certificate_of, read_signatures
from sen.domains.documents.data import Subject
from sen.domains.documents.models import Document
from sen.domains.documents.services import note_signatures
from sen.domains.documents.services.anchors import create_anchor
from sen.domains.network import api as network
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor

BRIDGES: Final = 12
ROADS: Final = 4


@dataclass(frozen=True, slots=True)
class Work:
    """One work that gets a dossier."""

    code: str
    name: str
    kind: str
    opened: date
    subject: Subject
    owner: Organisation
    area: Area


def load_documents(actor: Actor, data: Province, ground: Ground) -> int:
    """Everything through the services, as people would enter it; returns how many documents."""
    works = [*_bridges(actor, data, ground), *_roads(actor, data, ground)]
    made = sum(_dossier(actor, work) for work in works)
    return made + _signed(actor, ground) + _of_communes(actor, data, ground)


def _bridges(actor: Actor, data: Province, ground: Ground) -> list[Work]:
    longest = sorted(data.bridges, key=lambda bridge: -bridge.length_m)[:BRIDGES]
    ids = assets.asset_ids_by_code(actor, [bridge.code for bridge in longest])
    return [
        Work(
            bridge.code,
            bridge.name,
            "bridge",
            date(bridge.opened_year, 6, 15),
            Subject("assets.bridges", ids[bridge.code]),
            ground.org(bridge.manager),
            ground.area(bridge.commune_code),
        )
        for bridge in longest
        if bridge.code in ids
    ]


def _roads(actor: Actor, data: Province, ground: Ground) -> list[Work]:
    longest = sorted(data.roads, key=lambda road: -road.length_m)[:ROADS]
    ids = {road.code: road.pk for road in network.roads(actor).only("code")}
    return [
        Work(
            road.code,
            f"Tuyến {road.label}",
            "road",
            date(road.opened_year, 9, 2),
            Subject("network.roads", ids[road.code]),
            ground.org(road.manager),
            ground.area(road.commune_code),
        )
        for road in longest
        if road.code in ids
    ]


def _dossier(actor: Actor, work: Work) -> int:
    row = documents.create_dossier(
        actor=actor,
        code=f"HS-{work.code}",
        name=f"Hồ sơ {work.name[:1].lower()}{work.name[1:]}",
        work=work.kind,
        subject=work.subject,
        opened_on=work.opened,
        shelf=f"Kho lưu trữ Sở, giá {sum(work.code.encode()) % 40 + 1}",
        retention="WORK",
        owner_org=work.owner,
        area=work.area,
        is_demo=True,
    )
    count = 0
    for item in planned(work.code, work.name, work.opened, timezone.localdate()):
        document = _enter(actor, item, work)
        row = documents.put_into_dossier(
            actor=actor, dossier=row, part=item.kind.part, documents=[document]
        )
        count += 1
    return count


def _enter(actor: Actor, item: Planned, work: Work) -> Document:
    sheet = item.sheet
    document = documents.create_document(
        actor=actor,
        kind=item.kind.kind,
        number=sheet.number,
        issued_on=sheet.issued_on,
        issuer=sheet.issuer,
        signer=sheet.signer,
        abstract=sheet.abstract,
        retention=item.kind.retention,
        data_class=item.kind.data_class,
        owner_org=work.owner,
        area=work.area,
        is_demo=True,
    )
    documents.add_version(
        actor=actor,
        document=document,
        name=item.name,
        chunks=[printed(sheet)],
        own=True,
        is_demo=True,
    )
    documents.link_document(actor=actor, document=document, subject=work.subject, is_demo=True)
    return document


def _signed(actor: Actor, ground: Ground) -> int:
    """A good signature, one that was touched after signing, one of an unknown root."""
    department = ground.org("SXD")
    root = bearer("Gốc chứng thực minh họa", "Tỉnh minh họa")
    strange = bearer("Gốc không rõ", "Nơi khác")
    director = bearer("Giám đốc Sở Xây dựng (minh họa)", "Sở Xây dựng", root)
    stranger = bearer("Người ký ngoài hệ thống", "Công ty minh họa", strange)
    create_anchor(
        actor=actor,
        name="Gốc chứng thực minh họa",
        pem=root.pem,
        source="Lập khi nạp dữ liệu minh họa",
        owner_org=department,
        area=ground.province,
        is_demo=True,
    )
    contents = (
        ("Công bố tải trọng cầu trên đường tỉnh năm 2026", 21, director, root, False),
        ("Điều chỉnh thời gian hạn chế tải trọng cầu", 22, director, root, True),
        ("Báo cáo khối lượng hoàn thành của nhà thầu", 23, stranger, strange, False),
    )
    for abstract, day, who, by, is_touched in contents:
        sheet = Sheet(
            issuer="Sở Xây dựng",
            number=f"{day * 41}/SXD-KCHT",
            issued_on=date(2026, 10, day),
            heading="Thông báo",
            abstract=abstract,
            paragraphs=("Văn bản ký số để minh họa, không có giá trị pháp lý.",),
            signer="Lê Hoàng Minh",
        )
        content = signed(printed(sheet), who, by)
        content = touched(content) if is_touched else content
        row = documents.create_document(
            actor=actor,
            kind="LETTER",
            number=sheet.number,
            issued_on=sheet.issued_on,
            issuer=sheet.issuer,
            signer=sheet.signer,
            abstract=abstract,
            retention="ROUTINE",
            owner_org=department,
            area=ground.province,
            is_demo=True,
        )
        version = documents.add_version(
            actor=actor,
            document=row,
            name=sheet.number.replace("/", "-") + ".pdf",
            chunks=[content],
            own=True,
            is_demo=True,
        )
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            Path(file.name).write_bytes(content)
            found = read_signatures(Path(file.name), [certificate_of(root.pem)])
        note_signatures(actor=actor, document=row, version_id=version.pk, found=found)
    return len(contents)


def _of_communes(actor: Actor, data: Province, ground: Ground) -> int:
    """Restricted letters of the communes themselves: nobody else's clerks see them."""
    communes = [item for item in data.organisations if item.kind == "commune"][:6]
    for number, item in enumerate(communes, 1):
        sheet = Sheet(
            issuer=item.name,
            number=f"{number * 17}/UBND-KT",
            issued_on=date(2024 + number % 3, 3, number),
            heading="Công văn",
            abstract="Phản ánh lấn chiếm hành lang an toàn đường bộ trên địa bàn",
            paragraphs=("Danh sách hộ và vị trí kèm theo; thông tin cá nhân không công khai.",),
            signer="Chủ tịch UBND",
        )
        row = documents.create_document(
            actor=actor,
            kind="LETTER",
            number=sheet.number,
            issued_on=sheet.issued_on,
            issuer=sheet.issuer,
            signer=sheet.signer,
            abstract=sheet.abstract,
            retention="ROUTINE",
            kept_from=sheet.issued_on,
            data_class=number % 2 + 1,
            owner_org=ground.org(item.code),
            area=ground.area(item.commune_code),
            is_demo=True,
        )
        documents.add_version(
            actor=actor,
            document=row,
            name=sheet.number.replace("/", "-") + ".pdf",
            chunks=[printed(sheet)],
            own=True,
            is_demo=True,
        )
    return len(communes)
