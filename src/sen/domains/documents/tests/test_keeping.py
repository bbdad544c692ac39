from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.documents import api
from sen.domains.documents.data import Subject
from sen.domains.documents.models import Disposal, Document, Dossier, Package
from sen.domains.documents.rules import destruction_due, part_states
from sen.domains.documents.selectors import completeness
from sen.domains.documents.services import (
    hold_dossier,
    place_hold,
    put_into_dossier,
    take_from_dossier,
    waive_part,
)
from sen.domains.documents.services.disposal import (
    add_due_documents,
    approve_disposal,
    carry_out_disposal,
    create_disposal,
    submit_disposal,
)
from sen.domains.documents.services.packages import ask_for_package, ask_to_read_package
from sen.domains.documents.tests.conftest import new_document, new_dossier
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.files.backends import backend
from sen.kernel.files.models import StoredFile
from sen.kernel.files.services import store_file
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.testing import run_queued
from sen.kernel.seeds import run_seeds
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.house import House, official

pytestmark = pytest.mark.django_db


@pytest.fixture
def law(system: Actor) -> None:
    run_seeds()


@pytest.mark.usefixtures("law")
def test_the_day_of_destruction_follows_the_rule_in_force_when_the_matter_was_closed(
    house: House, system: Actor
) -> None:
    for issued, group, due in (
        (date(2024, 5, 6), "ROUTINE", date(2034, 12, 31)),
        (date(2025, 8, 1), "ROUTINE", date(2030, 12, 31)),
        (date(2024, 5, 6), "DIRECTIVE", None),
        (date(2024, 5, 6), "WORK", None),
        (date(2010, 1, 1), "ROUTINE", None),
    ):
        row = new_document(house, system, issued_on=issued, retention=group)
        assert row.destroy_after == due, (issued, group)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 70))
def test_what_is_kept_for_years_is_kept_at_least_so_long(day: date, years: int) -> None:
    due = destruction_due(day, years)
    assert due is not None
    assert due >= day.replace(year=day.year + years, day=min(day.day, 28))
    assert (due.month, due.day) == (12, 31)


@pytest.mark.usefixtures("law")
def test_a_list_is_drawn_up_approved_by_another_and_then_the_contents_are_gone(
    house: House, system: Actor, make_account: MakeAccount
) -> None:
    from sen.kernel.access.actors import actor_for

    clerk = actor_for(make_account("documents.*.*", "kernel.*.*"))
    boss = actor_for(make_account("documents.*.*"))
    old = expired(house, system, "cũ")
    held = expired(house, system, "đang giữ")
    inside = expired(house, system, "trong hồ sơ đang giữ")
    shared = new_document(house, system, abstract="dùng chung nội dung")
    api.add_version(actor=system, document=shared, name="b.txt", chunks=[b"chung"])
    dossier = new_dossier(house, system)
    put_into_dossier(actor=system, dossier=dossier, part="DESIGN", documents=[inside])
    dossier.refresh_from_db()
    hold_dossier(actor=system, row=dossier, reason="Thanh tra tỉnh")
    place_hold(actor=system, row=held, reason="Khiếu nại")
    api.add_version(actor=system, document=old, name="b.txt", chunks=[b"chung"])
    old.refresh_from_db()
    secret = [v.sha256 for v in api.versions_of(actor=system, document_id=old.pk)]

    with acting_as(clerk):
        row = create_disposal(actor=clerk, name="Năm 2026", owner_org=house.roads, area=house.whole)
        with pytest.raises(InvalidInputError):
            submit_disposal(actor=clerk, row=row)
        row = add_due_documents(actor=clerk, row=fresh(row))
        assert [item.document_id for item in row.items.all()] == [old.pk]
        with pytest.raises(ConflictError):
            carry_out_disposal(actor=clerk, row=fresh(row))
        row = submit_disposal(actor=clerk, row=fresh(row))
        with pytest.raises(PermissionDeniedError):
            approve_disposal(actor=clerk, row=fresh(row), decision="12/QĐ-SXD")
    with acting_as(boss):
        approve_disposal(actor=boss, row=fresh(row), decision="12/QĐ-SXD")
    place_hold(actor=system, row=fresh(old), reason="Tòa án yêu cầu")
    with acting_as(clerk), pytest.raises(ConflictError):
        carry_out_disposal(actor=clerk, row=fresh(row))
    lifted = fresh(old)
    lifted.hold_reason = ""
    lifted.save()
    with acting_as(clerk):
        carry_out_disposal(actor=clerk, row=fresh(row))

    old.refresh_from_db()
    assert old.state == "DESTROYED"
    kept = [v.sha256 for v in api.versions_of(actor=system, document_id=old.pk)]
    assert kept == secret, "what was destroyed stays on record by its hash"
    assert not StoredFile.objects.filter(sha256=secret[1]).exists()
    assert StoredFile.objects.filter(sha256=secret[0]).exists(), "another document has it too"
    with pytest.raises(ConflictError):
        api.add_version(actor=system, document=old, name="c.txt", chunks=[b"c"])


def expired(house: House, system: Actor, text: str) -> Document:
    row = new_document(
        house, system, abstract=text, issued_on=date(2013, 3, 1), kept_from=date(2013, 3, 1)
    )
    row.destroy_after = date(2023, 12, 31)
    row.save()
    api.add_version(actor=system, document=row, name="a.txt", chunks=[text.encode()])
    return Document.base.get(pk=row.pk)


def fresh(row: Any) -> Any:
    return type(row).base.get(pk=row.pk)


# --- Dossiers -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("law")
def test_a_dossier_knows_what_is_missing_and_what_does_not_apply(
    house: House, system: Actor
) -> None:
    dossier = new_dossier(house, system)
    assert (dossier.required_count, dossier.missing_count, dossier.share) == (9, 9, 0)
    row = new_document(house, system)
    dossier = put_into_dossier(actor=system, dossier=dossier, part="DESIGN", documents=[row, row])
    assert (dossier.missing_count, dossier.share, dossier.documents_count) == (8, 11, 1)
    dossier = waive_part(actor=system, dossier=dossier, part="LOAD_LIMIT", reason="Cầu mới")
    assert (dossier.required_count, dossier.missing_count, dossier.share) == (8, 7, 12)
    assert "Bản vẽ hoàn công" in dossier.missing_names
    item = dossier.items.get()
    dossier = take_from_dossier(actor=system, dossier=dossier, item_id=item.pk)
    assert dossier.missing_count == 8
    with pytest.raises(InvalidInputError):
        put_into_dossier(actor=system, dossier=dossier, part="OPENING", documents=[row])
    found = completeness(dossier)
    assert found.needs_verification
    assert "217/2026" in found.legal_ref


def test_of_a_row_there_is_one_dossier(house: House, system: Actor) -> None:
    subject = Subject("documents.documents", new_document(house, system).pk)
    first = new_dossier(house, system, subject=subject)
    assert api.dossier_of(system, new_row(subject)) == first
    with pytest.raises(ConflictError):
        new_dossier(house, system, subject=subject)


def new_row(subject: Subject) -> Document:
    found: Document = Document.base.get(pk=subject.id)
    return found


@given(
    st.dictionaries(st.sampled_from("ABCDEF"), st.integers(1, 5)),
    st.sets(st.sampled_from("ABCDEF")),
    st.dictionaries(st.sampled_from("ABCDEF"), st.just("không có")),
)
def test_a_part_is_missing_only_when_asked_for_absent_and_not_waived(
    counts: dict[str, int], required: set[str], waived: dict[str, str]
) -> None:
    offered = [(code, code, "") for code in "ABCD"]
    states = part_states(offered, required, counts, waived)
    missing = {part.code for part in states if part.is_missing}
    shown = {part.code for part in states}
    assert missing == (required - set(counts) - set(waived)) & shown
    assert set(counts) <= shown, "nothing that lies in a dossier is hidden by the template"


# --- Packages -----------------------------------------------------------------------------------


@pytest.fixture
def filled(house: House, system: Actor) -> Dossier:
    dossier = new_dossier(house, system, shelf="Kho 2, hộp 14")
    for number, part in enumerate(("DESIGN", "AS_BUILT", "INSPECTION")):
        row = new_document(
            house,
            system,
            abstract=f"Tài liệu số {number}: “thử” <&>",
            number=f"{number}/QĐ-SXD",
            issued_on=date(2020, 1, 1 + number),
            data_class=DataClass.RESTRICTED.value if number == 2 else DataClass.INTERNAL.value,
        )
        content = f"trang {number}".encode()
        api.add_version(actor=system, document=row, name=f"tài liệu {number}.txt", chunks=[content])
        put_into_dossier(actor=system, dossier=fresh(dossier), part=part, documents=[row])
    return Dossier.base.get(pk=dossier.pk)


def make(dossier: Dossier, actor: Actor) -> Package:
    package = ask_for_package(actor=actor, dossier=dossier)
    assert all(run.status == JobRun.Status.SUCCEEDED for run in run_queued())
    package.refresh_from_db()
    return package


def content_of(package: Package) -> bytes:
    assert package.file is not None
    with backend().open(package.file.sha256) as stream:
        return stream.read()


def test_a_package_is_a_valid_bag_for_others_too(
    filled: Dossier, system: Actor, tmp_path: Path
) -> None:
    whole = content_of(make(filled, system))
    zipfile.ZipFile(BytesIO(whole)).extractall(tmp_path / "out")
    bag = bagit.Bag(str(tmp_path / "out" / filled.code))
    bag.validate()
    assert bag.info["External-Identifier"] == filled.code
    assert sum(path.startswith("data/") and path.endswith(".txt") for path in bag.entries) == 3


def test_a_package_holds_what_whoever_asked_may_see(
    filled: Dossier, make_account: MakeAccount
) -> None:
    from sen.kernel.access.actors import actor_for

    clerk = actor_for(make_account("documents.*.*", clearance=1))
    with acting_as(clerk):
        package = make(filled, clerk)
    assert (package.documents_count, package.left_out) == (2, 1)
    assert b"INSPECTION/" not in content_of(package)


def test_a_package_that_comes_in_is_the_dossier_again(
    filled: Dossier, house: House, system: Actor
) -> None:
    whole = content_of(make(filled, system))
    before = {v.sha256 for v in versions(filled, system)}
    filled.items.all().delete()
    Dossier.base.filter(pk=filled.pk).delete()
    run = read_in(house, system, whole)
    assert run.status == JobRun.Status.SUCCEEDED, run.error
    again = Dossier.base.get(pk=(run.result or {})["dossier_id"])
    assert (again.code, again.name, again.shelf) == (filled.code, filled.name, "Kho 2, hộp 14")
    assert {v.sha256 for v in versions(again, system)} == before
    assert again.documents_count == 3
    levels = sorted(item.document.data_class for item in again.items.all())
    assert levels == [1, 1, 2]


def versions(dossier: Dossier, system: Actor) -> list[Any]:
    return [
        version
        for item in dossier.items.all()
        for version in api.versions_of(actor=system, document_id=item.document_id)
    ]


def read_in(house: House, system: Actor, whole: bytes) -> JobRun:
    file = store_file(actor=system, name="goi.zip", chunks=[whole])
    run = ask_to_read_package(
        actor=system, file=file, name="goi.zip", owner_org=house.roads, area=house.east
    )
    run_queued()
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("fault", ["changed", "missing", "more", "no manifest", "no zip"])
def test_a_package_that_was_touched_is_refused_and_enters_nothing(
    filled: Dossier, house: House, system: Actor, fault: str
) -> None:
    whole = content_of(make(filled, system))
    filled.items.all().delete()
    Dossier.base.filter(pk=filled.pk).delete()
    run = read_in(house, system, touched(whole, fault))
    assert run.status == JobRun.Status.FAILED
    assert not Dossier.base.exists()


def touched(whole: bytes, fault: str) -> bytes:
    if fault == "no zip":
        return whole[: len(whole) // 2]
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            is_payload = "/DESIGN/" in entry.filename
            if fault == "changed" and is_payload:
                content += b" "
            if (fault == "missing" and is_payload) or (
                fault == "no manifest" and entry.filename.endswith("/manifest-sha256.txt")
            ):
                continue
            new.writestr(entry.filename, content)
        if fault == "more":
            new.writestr(f"{old.namelist()[0].partition('/')[0]}/data/lạ.txt", b"x")
    return out.getvalue()


def test_a_disposal_is_for_people_with_rights_only(house: House, system: Actor) -> None:
    create_disposal(actor=system, name="Năm 2026", owner_org=house.roads, area=house.whole)
    nobody = official("norms.*.view")
    with acting_as(nobody):
        assert not Disposal.objects.visible_to(nobody).exists()
