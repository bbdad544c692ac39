from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from sen.kernel.files.backends import backend
from sen.kernel.files.models import Attachment, StoredFile
from sen.kernel.files.services import attach, attachments, detach
from sen.kernel.files.store import picture
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house, official

pytestmark = pytest.mark.django_db
REGISTER = "guarded.things"


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def house() -> House:
    with as_system("house of the test"):
        return build_house()


def jpeg(size: tuple[int, int] = (800, 600), exif: bytes = b"") -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "#0d3b38").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def content(sha256: str) -> bytes:
    with backend().open(sha256) as stream:
        return stream.read()


def add(actor: Actor, row: Thing, name: str, content: bytes, data_class: int = 1) -> Attachment:
    with acting_as(actor):
        return attach(
            actor=actor,
            row=row,
            register=REGISTER,
            name=name,
            chunks=[content],
            data_class=data_class,
        )


def test_the_same_content_is_kept_once_under_its_hash(house: House) -> None:
    with as_system("upload") as system:
        row = house.thing()
        first = add(system, row, "một.jpg", jpeg())
        second = add(system, row, "hai.JPG", jpeg())
    assert first.file_id == second.file_id
    assert StoredFile.objects.count() == 1
    assert content(first.file.sha256) == jpeg()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ" + b"\0" * 200),
        ("a.jpg", b"%PDF-1.7\n%..."),
        ("a.pdf", jpeg((10, 10))),
        ("a.jpg", jpeg()[:400]),
        ("a.csv", b"a;b\x00c"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("a.txt", b""),
        ("khong-duoi", b"x"),
    ],
)
def test_what_a_name_promises_the_content_must_hold(
    house: House, tmp_path: Path, name: str, content: bytes
) -> None:
    with as_system("upload") as system:
        row = house.thing()
        with pytest.raises(InvalidInputError):
            add(system, row, name, content)
    assert not [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]


def test_who_sees_the_row_sees_its_files_up_to_the_own_clearance(house: House) -> None:
    with as_system("upload") as system:
        row = house.thing()
        add(system, row, "công khai.txt", b"a", data_class=row.data_class)
        add(system, row, "hạn chế.txt", b"b", data_class=2)
        viewer = official("guarded.*.view", clearance=DataClass.INTERNAL)
        cleared = official("guarded.*.view", clearance=DataClass.RESTRICTED)
    for actor, names in ((viewer, ["công khai.txt"]), (cleared, ["công khai.txt", "hạn chế.txt"])):
        with acting_as(actor):
            shown = attachments(actor=actor, row=row, register=REGISTER)
        assert [item.name for item in shown] == names


def test_attaching_needs_the_right_to_change_the_row(house: House) -> None:
    with as_system("a row"):
        row = house.thing()
        viewer = official("guarded.*.view", clearance=DataClass.RESTRICTED)
    with pytest.raises(PermissionDeniedError):
        add(viewer, row, "a.txt", b"a")
    with acting_as(viewer), pytest.raises(PermissionDeniedError):
        detach(actor=viewer, row=row, register=REGISTER, attachment_id=1)


def test_a_removed_file_is_gone_from_the_page_and_kept_in_the_record(house: House) -> None:
    with as_system("upload") as system:
        row = house.thing()
        made = add(system, row, "a.txt", b"abc")
        detach(actor=system, row=row, register=REGISTER, attachment_id=made.pk)
        assert attachments(actor=system, row=row, register=REGISTER) == []
        with pytest.raises(NotFoundError):
            detach(actor=system, row=row, register=REGISTER, attachment_id=made.pk)
    assert Attachment.objects.get(pk=made.pk).removed_at is not None
    assert backend().exists(made.file.sha256)


def test_the_small_picture_is_upright_and_tells_nothing_of_the_camera(house: House) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Máy ảnh của tôi"
    with as_system("upload") as system:
        made = add(system, house.thing(), "a.jpg", jpeg((800, 400), exif.tobytes()))
    small = Image.open(BytesIO(picture(made.file.sha256, 300)))
    assert small.height > small.width
    assert not small.getexif()
