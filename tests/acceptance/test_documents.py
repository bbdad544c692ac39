"""Documents and dossiers over HTTP, as people of different rights: the line `documents`."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import bagit
import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sen.domains.documents.models import Disposal, Document, DocumentVersion, Dossier, Package
from sen.domains.documents.tests.authority import issue, signed
from sen.domains.documents.tests.conftest import pdf
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.events.relay import deliver_pending
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.testing import run_queued
from tests.conftest import Demo

pytestmark = [pytest.mark.acceptance]


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def body_of(answer: Any) -> bytes:
    """The whole of an answer that may come in parts."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def settle() -> None:
    """Let checks, handlers and readers of signatures of what was uploaded run."""
    for _round in range(3):
        run_queued()
        deliver_pending()


def upload(client: Client, *contents: bytes, name: str = "quyet-dinh", **values: Any) -> Any:
    """Through the page of uploads, owned by whoever uploads."""
    user = User.objects.get(pk=client.session["_auth_user_id"])
    given = {"kind": "DECISION", "data_class": "1", "owner_org": user.organisation_id}
    with as_system("place of the uploader"):
        grant = user.grants.first()
    given["area"] = (grant.area_id if grant else None) or _province()
    files = [
        SimpleUploadedFile(f"{name}-{number}.pdf", content, "application/pdf")
        for number, content in enumerate(contents, 1)
    ]
    return client.post("/ql/documents/tai-len/", given | values | {"files": files})


def _province() -> int:
    from sen.kernel.access.models import Area

    return Area.objects.get(kind="PROVINCE").pk


def newest() -> Document:
    with as_system("what the test made"):
        return Document.base.order_by("-id")[0]


def version_of(document: Document) -> DocumentVersion:
    return DocumentVersion.objects.filter(document=document).order_by("-number")[0]


def page_of(client: Client, document: Document) -> str:
    answer = client.get(f"/ql/documents/documents/{document.pk}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_several_files_are_uploaded_checked_and_shown(demo: Demo) -> None:
    engineer = client_of("hatang")
    answer = upload(engineer, pdf("mot", pages=2), pdf("hai"), abstract="")
    assert answer.status_code == 302, answer.content.decode()[:2000]
    row = newest()
    assert row.abstract == "quyet-dinh-2", "named by its file"
    version = version_of(row)
    assert engineer.get(f"/tai-lieu/{version.pk}/").status_code == 409, "still in quarantine"
    assert "Đang kiểm tra an toàn" in page_of(engineer, row)
    settle()
    text = page_of(engineer, row)
    assert f"/tai-lieu/{version.pk}/trang/1.webp" in text
    answer = engineer.get(f"/tai-lieu/{version.pk}/")
    assert body_of(answer) == pdf("hai")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    picture = engineer.get(f"/tai-lieu/{version.pk}/trang/1.webp?w=240")
    assert picture["Content-Type"] == "image/webp"
    assert picture.content[8:12] == b"WEBP"
    assert engineer.get(f"/tai-lieu/{version.pk}/trang/2.webp").status_code == 404


def test_a_clerk_finds_nothing_of_another_commune_anywhere(demo: Demo) -> None:
    own, other, leader = client_of("xa.caolanh"), client_of("xa.tanphudong"), client_of("giamdoc")
    words = "Đơn khiếu nại mốc lộ giới số bảy mươi hai"
    answer = upload(own, pdf("bi mat"), abstract=words, number="72/UBND")
    assert answer.status_code == 302, answer.content.decode()[:2000]
    settle()
    row = newest()
    version = version_of(row)
    for client, sees in ((own, True), (leader, True), (other, False), (Client(), False)):
        assert shown_in(client, row, words) == (ALL if sees else set())
        answer = client.get(f"/tai-lieu/{version.pk}/")
        assert answer.status_code == (200 if sees else 404)
        assert client.get(f"/tai-lieu/{version.pk}/trang/1.webp").status_code == (
            200 if sees else 404
        )


ALL = {"list", "page", "rest", "rest item", "versions", "content", "palette", "type-ahead", "csv"}


def shown_in(client: Client, row: Document, words: str) -> set[str]:
    """In which of all the ways a document shows itself to somebody."""
    signed_in = "_auth_user_id" in client.session
    base, api = ("/ql", "internal") if signed_in else ("/tra-cuu", "public")
    list_url = f"{base}/documents/documents/"
    rest = f"/api/{api}/v1/documents/documents"
    found: set[str] = set()
    version_id = version_of(row).pk
    ways = {
        "list": f"{list_url}?q={words}",
        "csv": f"{list_url}xuat.csv?q={words}",
        "page": f"{list_url}{row.pk}/",
        "rest": f"{rest}?q={words}",
        "rest item": f"{rest}/{row.pk}",
        "versions": f"{rest}/{row.pk}/versions",
        "content": f"/api/{api}/v1/documents/versions/{version_id}/content",
        "palette": f"/tim-kiem/goi-y?q={words}",
        "type-ahead": f"/ql/documents/goi-y/?q={words}",
    }
    for way, url in ways.items():
        answer = client.get(url)
        if answer.status_code != 200:
            assert answer.status_code in (302, 401, 403, 404), f"{way}: {answer.status_code}"
            continue
        text = body_of(answer).decode("utf-8", "replace")
        told = {"versions": version_of(row).sha256, "content": "%PDF"}.get(way, row.number)
        rows = text.replace(f'value="{words}"', "")
        if told in rows:
            found.add(way)
    return found


def test_a_file_that_would_act_is_refused_and_the_page_says_why(demo: Demo) -> None:
    engineer = client_of("hatang")
    made = pikepdf.open(BytesIO(pdf("hong")))
    made.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
    )
    out = BytesIO()
    made.save(out)
    assert upload(engineer, out.getvalue(), name="co-ma").status_code == 302
    settle()
    row = newest()
    assert "Tệp PDF có mã JavaScript" in page_of(engineer, row)
    assert engineer.get(f"/tai-lieu/{version_of(row).pk}/").status_code == 409
    answer = upload(engineer, b"MZ not a pdf", name="gia-mao")
    assert answer.status_code == 200
    assert "Nội dung tệp không phải là .pdf" in answer.content.decode()


def test_signatures_are_shown_and_a_touched_file_is_said_so(demo: Demo) -> None:
    engineer, admin = client_of("hatang"), client_of("quantri")
    root = issue("Gốc kiểm thử", is_authority=True)
    who = issue("Trần Thị Ký", root)
    whole = signed(pdf("ky so"), who, root)
    upload(engineer, whole, name="ky-so")
    good = newest()
    upload(engineer, whole.replace(b"/Rotate 0", b"/Rotate 9", 1), name="bi-sua")
    settle()
    bad = newest()
    assert "Nguyên vẹn, gốc chưa tin cậy" in page_of(engineer, good)
    text = page_of(engineer, bad)
    assert "Đã bị sửa sau khi ký" in text
    assert "không dùng bản này làm căn cứ" in text
    answer = admin.post(
        "/ql/documents/trust-anchors/them/",
        {
            "name": "Gốc kiểm thử",
            "pem": root.pem,
            "is_active": "on",
            "owner_org": good.owner_org_id,
            "area": good.area_id,
        },
    )
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    settle()
    text = page_of(engineer, good)
    assert "Chữ ký số hợp lệ" in text
    assert "Trần Thị Ký" in text
    assert "Đã bị sửa sau khi ký" in page_of(engineer, bad), "trust does not heal what was touched"


def test_a_dossier_shows_what_is_missing_and_leaves_and_comes_as_a_package(
    demo: Demo, tmp_path: Path
) -> None:
    engineer = client_of("hatang")
    user = User.objects.get(username="hatang")
    values = {"owner_org": user.organisation_id, "area": _province(), "data_class": "1"}
    form = values | {"name": "Hồ sơ cầu kiểm thử", "work": "bridge"}
    assert engineer.post("/ql/documents/dossiers/them/", form).status_code == 302
    with as_system("what the test made"):
        dossier = Dossier.base.order_by("-id")[0]
    url = f"/ql/documents/dossiers/{dossier.pk}/"
    upload(engineer, pdf("hoan cong"), dossier=str(dossier.pk), part="AS_BUILT", abstract="Tập 1")
    settle()
    text = engineer.get(url).content.decode()
    assert "Đã có 1/9 phần phải có" in text
    assert "Tập 1" in text
    waived = {"part": "LOAD_LIMIT", "reason": "Cầu không hạn chế"}
    engineer.post(f"{url}khong-ap-dung/", waived)
    assert "Đã có 1/8 phần phải có" in engineer.get(url).content.decode()
    listed = engineer.get("/ql/documents/dossiers/?missing_count_min=1&q=kiem thu")
    assert "Hồ sơ cầu kiểm thử" in listed.content.decode()

    assert engineer.post(f"{url}goi/").status_code == 302
    run_queued()
    package = Package.objects.order_by("-id")[0]
    answer = engineer.get(f"/tai-lieu/goi/{package.pk}.zip")
    whole = body_of(answer)
    assert client_of("giamdoc").get(f"/tai-lieu/goi/{package.pk}.zip").status_code == 404
    zipfile.ZipFile(BytesIO(whole)).extractall(tmp_path / "out")
    bagit.Bag(str(tmp_path / "out" / dossier.code)).validate()

    item = dossier.items.get()
    engineer.post(f"{url}rut/", {"item": item.pk})
    with as_system("the version that the form would carry"):
        version = Dossier.base.get(pk=dossier.pk).version
    gone = engineer.post(f"{url}xoa/", {"reason": "nhập lại từ gói", "version": version})
    assert gone.status_code == 302
    upload_zip = {"file": SimpleUploadedFile("goi.zip", whole), **values}
    answer = engineer.post("/ql/documents/goi-ho-so/", upload_zip)
    assert answer.status_code == 302, re.findall(r"alert-body.*", answer.content.decode())
    run_queued()
    run = JobRun.objects.order_by("-id")[0]
    assert run.status == JobRun.Status.SUCCEEDED, run.error
    with as_system("what came in"):
        again = Dossier.base.get(code=dossier.code)
        assert [i.document.abstract for i in again.items.select_related("document")] == ["Tập 1"]


def test_destruction_takes_two_people_and_respects_a_hold(demo: Demo) -> None:
    engineer, leader = client_of("hatang"), client_of("giamdoc")
    user = User.objects.get(username="hatang")
    upload(engineer, pdf("cu"), abstract="Công văn cũ", retention="ROUTINE", kept_from="2013-01-05")
    old = newest()
    upload(engineer, pdf("giu"), abstract="Công văn giữ", retention="ROUTINE")
    held = newest()
    settle()
    with as_system("their time is over"):
        Document.base.filter(pk__in=[old.pk, held.pk]).update(destroy_after="2023-12-31")
    act = f"/ql/documents/documents/{held.pk}/giu/"
    assert leader.post(act, {"reason": "Thanh tra yêu cầu"}).status_code == 302
    values = {"name": "Đợt hủy 2026", "owner_org": user.organisation_id, "area": _province()}
    values["data_class"] = "1"
    assert engineer.post("/ql/documents/disposals/them/", values).status_code == 302
    with as_system("what the test made"):
        row = Disposal.base.order_by("-id")[0]
    url = f"/ql/documents/disposals/{row.pk}/"
    engineer.post(f"{url}lay-tai-lieu/")
    text = engineer.get(url).content.decode()
    assert "Công văn cũ" in text
    assert "Công văn giữ" not in text, "it is held"
    engineer.post(f"{url}trinh/")
    engineer.post(f"{url}duyet/", {"decision": "9/QĐ-SXD"})
    engineer.post(f"{url}huy/")
    version = version_of(old)
    assert engineer.get(f"/tai-lieu/{version.pk}/").status_code == 200, "nobody approved it yet"
    leader.post(f"{url}duyet/", {"decision": "9/QĐ-SXD"})
    engineer.post(f"{url}huy/")
    assert engineer.get(f"/tai-lieu/{version.pk}/").status_code == 404
    text = page_of(engineer, old)
    assert "Đã hủy theo danh mục được duyệt" in text
    assert version.sha256[:12] in text, "the hash stays as the proof"


def test_the_page_of_a_bridge_shows_its_dossier(demo: Demo) -> None:
    with as_system("a bridge with a dossier"):
        dossier = Dossier.base.filter(register="assets.bridges", missing_count__gt=0)[0]
    text = client_of("hatang").get(f"/ql/assets/bridges/{dossier.object_id}/").content.decode()
    assert dossier.name in text
    assert "Còn thiếu:" in text
    assert "Mở hồ sơ" not in text
    public = Client().get(f"/tra-cuu/assets/bridges/{dossier.object_id}/").content.decode()
    assert dossier.name not in public, "an internal dossier is no public matter"
