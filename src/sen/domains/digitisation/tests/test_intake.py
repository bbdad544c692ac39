from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sen.domains.digitisation import services
from sen.domains.digitisation.adapters.confined.turning import turn_said
from sen.domains.digitisation.choices import BatchState, PartState, SheetRole
from sen.domains.digitisation.jobs import make_scanned_document, split_file
from sen.domains.digitisation.models import Batch, Part
from sen.domains.digitisation.rules.separators import Separator, read_code, write_code
from sen.domains.digitisation.rules.splitting import Seen, split
from sen.domains.digitisation.tests.conftest import blank, scanned, separator_page
from sen.domains.documents import api as documents
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.events.relay import deliver_pending
from sen.kernel.jobs.services import enqueue
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.house import House
from sen.kernel.web.register.forms import RegisterForm
from sen.kernel.web.register.resource import resources
from sen.lib.paper import jpeg, pdf_of


def test_a_code_says_what_was_written_and_others_say_nothing() -> None:
    said = Separator("HS26-7F3K9Q", "MINUTES", "FINAL_ACCEPTANCE")
    assert read_code(write_code(said)) == said
    assert read_code(write_code(Separator())) == Separator()
    for foreign in ("https://vanban.example.vn/123", "SEN2|a|b|c", "SEN1|a|b|c|d", ""):
        assert read_code(foreign) is None


def raw_pictures(page: pikepdf.Page) -> list[bytes]:
    return [picture.read_raw_bytes() for picture in page.get_images().values()]


piles = st.lists(
    st.builds(
        Seen,
        file=st.integers(0, 3),
        codes=st.sampled_from([(), ("SEN1|A||",), ("SEN1|B||",), ("https://x",)]),
        is_blank=st.booleans(),
    ),
    max_size=30,
)


@given(piles)
def test_every_sheet_with_print_lies_in_exactly_one_document_in_order(pile: list[Seen]) -> None:
    cuts = split(pile)
    laid = [number for cut in cuts for number in cut.sheets]
    wanted = [
        number
        for number, seen in enumerate(pile)
        if not seen.is_blank and not any(read_code(code) for code in seen.codes)
    ]
    assert laid == wanted
    assert all(cut.sheets for cut in cuts)


def new_batch(house: House, actor: Actor, **values: Any) -> Batch:
    given_values: dict[str, Any] = {
        "name": "Hồ sơ cầu Mỹ Thuận",
        "owner_org": house.roads,
        "area": house.east,
    }
    return services.create_batch(actor=actor, **(given_values | values))


def take_in(actor: Actor, batch: Batch, name: str, content: bytes) -> None:
    """A file comes in, is checked, and its sheets are looked at."""
    made = services.add_files(actor=actor, batch=batch, files=[(name, [content])])
    for item in made:
        if item.file.is_clean:
            enqueue(split_file, actor=actor, file_id=item.pk)
    run_queued()
    deliver_pending()
    run_queued()
    batch.refresh_from_db()


def accept(actor: Actor, batch: Batch, part: Part) -> Part:
    services.queue_part(actor=actor, batch=batch, part=part)
    enqueue(make_scanned_document, actor=actor, part_id=part.pk)
    run_queued()
    part.refresh_from_db()
    return part


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key",
    ["digitisation.batches", "documents.documents", "documents.dossiers", "documents.disposals"],
)
def test_a_form_sent_as_it_opened_publishes_nothing(system: Actor, key: str) -> None:
    form = RegisterForm(resources[key], system, None)
    shown = form["data_class"].as_widget()
    assert f'value="{DataClass.INTERNAL.value}" selected' in shown
    assert shown.count("selected") == 1


@pytest.mark.django_db
def test_owner_place_and_class_of_a_batch_are_changed_by_its_form(
    house: House, system: Actor
) -> None:
    batch = new_batch(house, system, owner_org=house.division)
    form = RegisterForm(
        resources["digitisation.batches"],
        system,
        batch,
        {
            "version": batch.version,
            "name": batch.name,
            "owner_org": house.roads.pk,
            "area": house.west.pk,
            "data_class": DataClass.RESTRICTED.value,
        },
    )
    assert form.is_valid(), form.errors
    assert form.save() is not None
    batch.refresh_from_db()
    assert (batch.owner_org, batch.area) == (house.roads, house.west)
    assert batch.data_class == DataClass.RESTRICTED


@pytest.mark.django_db
def test_a_pile_with_separators_becomes_documents_in_their_dossiers(
    house: House, system: Actor
) -> None:
    dossier = documents.create_dossier(
        actor=system, name="Cầu Mỹ Thuận", work="bridge", owner_org=house.roads, area=house.east
    )
    minutes = Separator(dossier.code, "MINUTES", "FINAL_ACCEPTANCE")
    unknown = Separator("HS00-KHONG", "REPORT", "")
    pile = [
        separator_page(minutes),
        scanned(dpi=150, noise=4),
        blank(),
        scanned(dpi=150, noise=5),
        separator_page(unknown),
        scanned(dpi=150, noise=6),
    ]
    batch = new_batch(house, system)
    original = pdf_of(pile)
    take_in(system, batch, "xap.pdf", original)

    assert batch.state == BatchState.OPEN, batch.files.get().error
    roles = list(batch.sheets.values_list("role", flat=True))
    assert roles == ["SEPARATOR", "KEPT", "BLANK", "KEPT", "SEPARATOR", "KEPT"]
    first, second = batch.parts.all()
    assert (first.kind, first.dossier_id, first.dossier_part) == (
        "MINUTES",
        dossier.pk,
        "FINAL_ACCEPTANCE",
    )
    assert "HS00-KHONG" in second.note

    with pytest.raises(InvalidInputError) as refused:
        services.queue_part(actor=system, batch=batch, part=first)
    assert set(refused.value.fields) == {"abstract"}
    services.describe_part(
        actor=system,
        batch=batch,
        part=first,
        kind="MINUTES",
        abstract="Biên bản nghiệm thu",
        dossier=dossier,
        dossier_part="FINAL_ACCEPTANCE",
    )
    turned = first.sheets.order_by("order").last()
    assert turned is not None
    services.turn_sheet(actor=system, batch=batch, sheet_id=turned.pk)
    accept(system, batch, first)

    assert first.state == PartState.ACCEPTED, first.note
    version = documents.versions_of(actor=system, document_id=first.document_id or 0)[0]
    with documents.open_version(actor=system, version_id=version.id) as stream:
        made = pikepdf.open(BytesIO(stream.read()))
    assert [int(page.obj.get("/Rotate", 0)) for page in made.pages] == [0, 90]
    # The picture is the scanner's own, byte for byte.
    source = pikepdf.open(BytesIO(original))
    assert raw_pictures(made.pages[0]) == raw_pictures(source.pages[1])
    dossier.refresh_from_db()
    assert dossier.documents_count == 1
    with pytest.raises(ConflictError):
        services.describe_part(actor=system, batch=batch, part=first, kind="", abstract="khác")
    with pytest.raises(ConflictError):
        services.delete_batch(actor=system, row=Batch.base.get(pk=batch.pk))


@pytest.mark.django_db
def test_pictures_of_every_kind_become_pages(house: House, system: Actor) -> None:
    batch = new_batch(house, system)
    page = scanned(dpi=100, noise=3)
    tiff = BytesIO()
    frames = [page.picture.convert("1"), page.picture.convert("1")]
    frames[0].save(tiff, "TIFF", save_all=True, append_images=frames[1:], dpi=(100, 100))
    png = BytesIO()
    Image.new("RGBA", (300, 400), (250, 250, 250, 255)).save(png, "PNG")
    take_in(system, batch, "a.tif", tiff.getvalue())
    take_in(system, batch, "b.jpg", jpeg(page))
    take_in(system, batch, "c.png", png.getvalue())
    assert list(batch.sheets.values_list("role", flat=True)) == ["KEPT", "KEPT", "KEPT", "BLANK"]
    assert batch.parts_count == 2
    part = batch.parts.get(order=1)
    services.describe_part(actor=system, batch=batch, part=part, kind="OTHER", abstract="Ảnh")
    accept(system, batch, part)
    assert part.document is not None
    version = documents.versions_of(actor=system, document_id=part.document.pk)[0]
    with documents.open_version(actor=system, version_id=version.id) as stream:
        assert len(pikepdf.open(BytesIO(stream.read())).pages) == 2


@pytest.mark.django_db
def test_the_operator_moves_the_cuts(house: House, system: Actor) -> None:
    batch = new_batch(house, system)
    take_in(system, batch, "xap.pdf", pdf_of([scanned(dpi=100, seed=n) for n in range(4)]))
    sheets = list(batch.sheets.all())
    assert batch.parts_count == 1
    services.cut_before(actor=system, batch=batch, sheet_id=sheets[1].pk)
    services.cut_before(actor=system, batch=batch, sheet_id=sheets[3].pk)
    assert [part.sheets.count() for part in batch.parts.all()] == [1, 2, 1]
    with pytest.raises(ConflictError):
        services.cut_before(actor=system, batch=batch, sheet_id=sheets[1].pk)
    services.join_with_previous(actor=system, batch=batch, part=batch.parts.get(order=3))
    assert [part.sheets.count() for part in batch.parts.all()] == [1, 3]
    services.set_role(actor=system, batch=batch, sheet_id=sheets[2].pk, role=SheetRole.DROPPED)
    services.set_role(actor=system, batch=batch, sheet_id=sheets[2].pk, role=SheetRole.KEPT)
    assert [part.order for part in batch.parts.all()] == [1, 2]


@pytest.mark.django_db
def test_a_file_that_is_no_scan_is_refused_in_words(house: House, system: Actor) -> None:
    batch = new_batch(house, system)
    with pytest.raises(InvalidInputError, match=r"ghi\.txt"):
        services.add_files(actor=system, batch=batch, files=[("ghi.txt", [b"abc"])])
    assert not batch.files.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("lies", [90, 180, 270])
def test_a_sheet_that_lies_the_wrong_way_is_set_upright(
    house: House, system: Actor, tools: dict[str, object], lies: int
) -> None:
    page = scanned(noise=4)
    turned = replace(page, picture=page.picture.rotate(lies, expand=True))
    batch = new_batch(house, system)
    take_in(system, batch, "quet.pdf", pdf_of([page, turned, blank()]))
    # Turned to the left by so much, it is turned to the right again.
    assert list(batch.sheets.values_list("rotation", flat=True)) == [0, lies, 0]
    part = batch.parts.get()
    services.describe_part(actor=system, batch=batch, part=part, kind="MINUTES", abstract="Thử")
    part = accept(system, batch, part)
    assert part.document is not None
    version = documents.versions_of(actor=system, document_id=part.document.pk)[0]
    with documents.open_version(actor=system, version_id=version.id) as kept:
        made = pikepdf.open(BytesIO(kept.read()))
    assert [int(sheet.obj.get("/Rotate", 0)) for sheet in made.pages] == [0, lies]


def test_a_guess_turns_nothing() -> None:
    said = "Page number: 0\nRotate: 180\nOrientation confidence: {}\nScript: Latin\n"
    assert turn_said(said.format("7.42")) == 180
    assert turn_said(said.format("0.31")) == 0
    assert turn_said("Too few characters. Skipping this page") == 0
