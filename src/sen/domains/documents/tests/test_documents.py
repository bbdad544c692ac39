from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from sen.domains.documents import api
from sen.domains.documents.data import Subject
from sen.domains.documents.events import VersionChecked
from sen.domains.documents.models import Document, DocumentVersion, Rendition
from sen.domains.documents.services import delete_document, update_document
from sen.domains.documents.tests.conftest import new_document, new_dossier, pdf
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from sen.kernel.events.models import OutboxEvent
from sen.kernel.events.relay import deliver_pending
from sen.kernel.files.models import StoredFile
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.house import House, official

pytestmark = pytest.mark.django_db


def settle() -> None:
    """Let checks, handlers and readers of signatures run."""
    for _round in range(3):
        run_queued()
        deliver_pending()


def add(actor: Actor, document: Document, content: bytes, name: str = "qd.pdf") -> DocumentVersion:
    return api.add_version(actor=actor, document=document, name=name, chunks=[content])


def test_a_version_waits_in_quarantine_and_is_read_only_when_clean(
    document: Document, system: Actor
) -> None:
    version = add(system, document, pdf(pages=3))
    assert document.state == "QUARANTINE"
    with pytest.raises(ConflictError):
        api.open_version(actor=system, version_id=version.pk)
    settle()
    document.refresh_from_db()
    assert (document.state, document.pages, document.signature_state) == ("CLEAN", 3, "NONE")
    with api.open_version(actor=system, version_id=version.pk) as stream:
        assert stream.read() == pdf(pages=3)
    with api.local_version(actor=system, version_id=version.pk) as path:
        assert path.read_bytes() == pdf(pages=3)


def test_the_same_content_is_kept_once_and_refused_as_the_next_version(
    house: House, document: Document, system: Actor
) -> None:
    add(system, document, pdf())
    with pytest.raises(ConflictError):
        add(system, document, pdf(), name="khác tên.pdf")
    other = new_document(house, system)
    add(system, other, pdf())
    assert StoredFile.objects.count() == 1
    second = add(system, document, pdf("khac"))
    assert second.number == 2
    document.refresh_from_db()
    assert document.versions_count == 2


def test_a_version_is_never_changed(document: Document, system: Actor) -> None:
    version = add(system, document, pdf())
    for change in ({"note": "khác"}, {"sha256": "0" * 64}, {"added_by_name": "ai khác"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            DocumentVersion.objects.filter(pk=version.pk).update(**change)


def test_a_rendition_lies_beside_the_untouched_original(document: Document, system: Actor) -> None:
    version = add(system, document, pdf())
    with pytest.raises(ConflictError):
        rendition(system, document, version, pdf("som"))
    settle()
    rendition(system, document, version, pdf("nhận dạng"))
    made = rendition(system, document, version, pdf("nhan dang lai"))
    found = api.rendition_of(actor=system, version_id=version.pk, kind="searchable-pdf")
    assert found is not None
    assert (found.id, found.sha256) == (made.pk, made.file.sha256)
    with api.open_version(actor=system, version_id=version.pk, kind="searchable-pdf") as stream:
        assert stream.read() == pdf("nhan dang lai")
    with api.open_version(actor=system, version_id=version.pk) as stream:
        assert stream.read() == pdf()
    assert StoredFile.objects.count() == 2, "the rendition that was replaced is erased"


def rendition(
    system: Actor, document: Document, version: DocumentVersion, content: bytes
) -> Rendition:
    return api.add_rendition(
        actor=system,
        document=document,
        version_id=version.pk,
        kind="searchable-pdf",
        name="ocr.pdf",
        chunks=[content],
        made_by="thử 1.0",
    )


def test_whoever_works_on_contents_is_told_when_they_are_clean(
    document: Document, system: Actor
) -> None:
    version = add(system, document, pdf())
    before = OutboxEvent.objects.filter(type=VersionChecked.type).count()
    settle()
    told = OutboxEvent.objects.filter(type=VersionChecked.type)
    assert (before, told.count()) == (0, 1)
    assert told.get().envelope["data"]["version_id"] == version.pk
    assert told.get().envelope["data"]["state"] == "CLEAN"


def test_versions_and_links_are_seen_through_their_document_only(
    house: House, system: Actor
) -> None:
    row = new_document(house, system, data_class=DataClass.RESTRICTED.value)
    version = add(system, row, b"abc", name="a.txt")
    thing = new_dossier(house, system)
    api.link_document(actor=system, document=row, subject=Subject("documents.dossiers", thing.pk))
    clerk = official("documents.*.*", clearance=DataClass.INTERNAL)
    boss = official("documents.*.*", clearance=DataClass.RESTRICTED)
    with acting_as(clerk):
        assert api.versions_of(actor=clerk, document_id=row.pk) == []
        assert not api.documents_about(clerk, thing).exists()
        with pytest.raises(NotFoundError):
            api.open_version(actor=clerk, version_id=version.pk)
    with acting_as(boss):
        assert [v.id for v in api.versions_of(actor=boss, document_id=row.pk)] == [version.pk]
        assert [d.pk for d in api.documents_about(boss, thing)] == [row.pk]


def test_a_link_needs_a_row_that_the_actor_sees(
    house: House, document: Document, system: Actor
) -> None:
    thing = new_dossier(house, system, data_class=DataClass.SECRET.value)
    clerk = official("documents.*.*", clearance=DataClass.RESTRICTED)
    for subject in (Subject("documents.dossiers", thing.pk), Subject("khong.co", 1)):
        with acting_as(clerk), pytest.raises(NotFoundError):
            api.link_document(actor=clerk, document=document, subject=subject)


def test_a_document_with_a_content_is_not_deleted(document: Document, system: Actor) -> None:
    add(system, document, b"abc", name="a.txt")
    with pytest.raises(ConflictError):
        delete_document(actor=system, row=document)


def test_what_describes_a_document_is_checked(document: Document, system: Actor) -> None:
    with pytest.raises(InvalidInputError) as caught:
        update_document(actor=system, row=document, version=1, kind="?", abstract=" ")
    assert set(caught.value.fields) == {"kind", "abstract"}
