"""Many records at once through a set: bulk edits and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sen.domains.stewardship.choices import Stage
from sen.domains.stewardship.models import ChangeItem, ChangeSet
from sen.domains.stewardship.tests.conftest import People, Things, create_thing, update_thing
from sen.domains.stewardship.tests.test_change_sets import carried_through, fresh
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.audit.history import versions
from sen.kernel.errors import SenError
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    Outcome,
    importers,
)
from sen.kernel.imports.models import ImportRun
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House
from sen.kernel.web.register.resource import Resource, resources

BULK = "/ql/guarded/things/hang-loat/"
IMPORT = "/ql/guarded/things/nhap/"


class ThingImporter(Importer):
    kind = "test-many-things"
    title = "Vật"
    permission = "guarded.thing.import"
    key = "code"
    fields = (
        ImportField("code", "Mã", required=True),
        ImportField("name", "Tên"),
        ImportField("length_m", "Chiều dài", FieldKind.NUMBER),
        ImportField("price_vnd", "Giá trị", FieldKind.INTEGER),
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = Outcome()
        for row in rows:
            given = {k: v for k, v in row.values.items() if v is not None and k != "code"}
            thing = Thing.objects.unscoped("match by code").filter(code=row.values["code"]).first()
            try:
                if thing is None:
                    org, area = Organisation.objects.get(code="T-SXD"), Area.objects.get(code="T-E")
                    create_thing(
                        actor=actor, code=row.values["code"], owner_org=org, area=area, **given
                    )
                else:
                    update_thing(actor=actor, row=thing, version=None, **given)
            except SenError as error:
                outcome.fault(row, "", str(error))
            outcome.created += thing is None
            outcome.updated += thing is not None
        return outcome


class ManyThings(Things):
    bulk = ("name", "length_m")
    importer = ThingImporter.kind


@pytest.fixture
def things() -> Iterator[Resource[Thing]]:
    made = ManyThings()
    resources._entries[made.key] = made
    importers.add(ThingImporter.kind, ThingImporter())
    yield made
    importers.remove(ThingImporter.kind)
    resources.remove(made.key)


@pytest.fixture
def author(people: People) -> Client:
    client = Client()
    client.force_login(people.users["author"])
    return client


def bulk_data(rows: Sequence[Thing], **values: Any) -> dict[str, Any]:
    versions_ = {f"version-{row.pk}": "1" for row in rows}
    return {"ids": [str(row.pk) for row in rows], "set": list(values), **values, **versions_}


def items() -> dict[str, ChangeItem]:
    with as_system("look"):
        return {item.label: item for item in ChangeItem.objects.all()}


def only_set() -> ChangeSet:
    with as_system("look"):
        return ChangeSet.objects.get()


def test_a_bulk_edit_of_somebody_who_may_not_write_becomes_one_change_for_each_row(
    house: House, people: People, things: Resource[Thing], author: Client
) -> None:
    rows = [house.thing(f"V-{n}", name="Cũ", length_m=Decimal(n)) for n in (1, 2, 3)]
    assert "data-bulk" in author.get("/ql/guarded/things/").content.decode()
    page = author.post(BULK, {"ids": [str(row.pk) for row in rows]}).content.decode()
    assert "Lưu vào bộ thay đổi" in page
    assert "Lưu cho mọi dòng" not in page
    answer = author.post(BULK, bulk_data(rows, length_m="2", reason="đo lại") | {"act": "save"})
    assert answer.status_code == 302, "without the right to write, saving is proposing"
    assert "/ql/stewardship/change-sets/" in answer["Location"]
    kept = items()
    assert set(kept) == {"V-1", "V-3"}, "the second has this length already"
    assert [entry["after"] for entry in kept["V-1"].shown] == ["2"]
    assert kept["V-3"].reason == "đo lại"
    assert only_set().item_count == 2
    assert fresh(rows[0]).length_m == 1, "nothing is written yet"
    done = carried_through(people, only_set())
    assert done.status == Stage.APPLIED
    assert [fresh(row).length_m for row in rows] == [2, 2, 2]
    with as_system("look"):
        assert done.code in versions(fresh(rows[0]), people.checker)[0].reason


def test_a_bulk_proposal_is_kept_whole_or_not_at_all(
    house: House, people: People, things: Resource[Thing], author: Client
) -> None:
    rows = [house.thing(f"V-{n}", name="Cũ") for n in (1, 2)]
    answer = author.post(BULK, bulk_data(rows, name="X sai") | {"act": "propose"})
    assert answer.status_code == 422
    assert "V-1: Tên không được bắt đầu bằng X." in answer.content.decode()
    with as_system("somebody else is faster"):
        Thing.objects.filter(pk=rows[1].pk).update(name="Nhanh hơn")
    answer = author.post(BULK, bulk_data(rows, name="Mới") | {"act": "propose"})
    assert answer.status_code == 422
    assert "V-2" in answer.content.decode()
    assert items() == {}
    with as_system("look"):
        assert not ChangeSet.objects.exists(), "no empty set stays behind"


def upload(client: Client, text: str) -> str:
    """Bring a file and say what stands in its columns; the address of the check."""
    file = SimpleUploadedFile("vat.csv", text.encode(), content_type="text/csv")
    answer = client.post(IMPORT, {"file": file})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return str(answer["Location"]).replace("/lop/", "/kiem-tra/")


def test_a_file_becomes_the_changes_of_a_set_and_is_written_when_it_is_approved(
    house: House, people: People, things: Resource[Thing], author: Client
) -> None:
    old = house.thing("V-1", name="Cũ", length_m=Decimal(3))
    house.thing("V-2", name="Đúng rồi")
    assert IMPORT in author.get("/ql/guarded/things/").content.decode()
    check = upload(author, "Mã,Tên,Chiều dài\nV-1,Mới,\nV-2,Đúng rồi,\nV-3,Thêm,4.5\n")
    assert author.post(check, {"act": "check"}).status_code == 302
    page = author.get(check).content.decode()
    assert "Lưu vào bộ thay đổi" in page
    assert 'value="run"' not in page
    assert author.post(check, {"act": "run"}).status_code == 403, "only proposing is theirs"
    answer = author.post(check, {"act": "propose"})
    assert "/ql/stewardship/change-sets/" in answer["Location"]
    kept = items()
    assert {label: item.act for label, item in kept.items()} == {"V-1": "change", "Thêm": "add"}
    assert kept["V-1"].values == {"name": ["Mới"]}, "what the file does not say stays"
    with as_system("look"):
        assert set(Thing.objects.values_list("code", flat=True)) == {"V-1", "V-2"}
        assert not ImportRun.objects.filter(state=ImportRun.State.DONE).exists()
    assert carried_through(people, only_set()).status == Stage.APPLIED
    assert (fresh(old).name, fresh(old).length_m) == ("Mới", 3)
    with as_system("look"):
        assert Thing.objects.get(code="V-3").length_m == Decimal("4.5")


def test_what_the_form_cannot_say_is_named_and_never_lost_in_silence(
    house: House, people: People, things: Resource[Thing], author: Client
) -> None:
    house.thing("V-1", name="Cũ", price_vnd=5)
    check = upload(author, "Mã,Tên,Giá trị\nV-1,Mới,7\n")
    answer = author.post(check, {"act": "propose"})
    assert answer.status_code == 422
    assert "không ghi được: giá trị" in answer.content.decode()
    wrong = upload(author, "Mã,Tên\nV-1,X sai\n")
    answer = author.post(wrong, {"act": "propose"})
    assert answer.status_code == 422
    assert "Tệp còn lỗi" in answer.content.decode()
    assert items() == {}


def test_a_file_reaches_no_record_that_its_bringer_may_not_see(
    house: House, people: People, things: Resource[Thing], author: Client
) -> None:
    house.thing("V-9", name="Kín", data_class=3)
    check = upload(author, "Mã,Tên\nV-9,Đổi\n")
    answer = author.post(check, {"act": "propose"})
    assert answer.status_code == 422
    assert items() == {}
