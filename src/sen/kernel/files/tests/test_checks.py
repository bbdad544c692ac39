from __future__ import annotations

import socketserver
import struct
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from moto.server import ThreadedMotoServer

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.events.models import OutboxEvent
from sen.kernel.files import antivirus
from sen.kernel.files.backends import S3Backend, backend
from sen.kernel.files.confined import ConfinedError, run_confined
from sen.kernel.files.events import FileChecked
from sen.kernel.files.inspection import inspect_office, inspect_pdf, inspect_zip
from sen.kernel.files.models import Attachment, StoredFile
from sen.kernel.files.services import ensure_clean, release_file, release_orphans, store_file
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.testing import run_queued

#: The test string that every scanner takes for a virus, in two parts so that no scanner stops here.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def system(db: None) -> Iterator[Actor]:
    with as_system("test of checks") as actor:
        yield actor


def pdf(change: Any = None) -> bytes:
    made = pikepdf.new()
    made.add_blank_page()
    if change is not None:
        change(made)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
    )


def launch(made: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=pikepdf.Array([0, 0, 9, 9]),
        A=action,
    )
    made.pages[0].Annots = pikepdf.Array([made.make_indirect(link)])


def hidden_script(made: pikepdf.Pdf) -> None:
    """Three dictionaries down, in an action behind another."""
    inner = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=made.make_stream(b"app.alert(1)"))
    outer = pikepdf.Dictionary(S=pikepdf.Name.GoTo, Next=pikepdf.Array([inner]))
    made.pages[0].AA = pikepdf.Dictionary(O=outer)


def attachment(made: pikepdf.Pdf) -> None:
    made.attachments["a.exe"] = b"MZ"


def form(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = pikepdf.Dictionary(XFA=made.make_stream(b"<xdp/>"))


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (None, set()),
        (script, {"pdf.javascript"}),
        (hidden_script, {"pdf.javascript"}),
        (launch, {"pdf.launch"}),
        (attachment, {"pdf.embedded"}),
        (form, {"pdf.xfa"}),
    ],
)
def test_what_a_pdf_would_do_is_found(tmp_path: Path, change: Any, faults: set[str]) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(change))
    found = inspect_pdf(path)
    assert found.faults == faults
    assert found.facts["pages"] == 1


def test_a_pdf_with_a_password_or_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    made = pikepdf.new()
    made.add_blank_page()
    made.save(path, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert inspect_pdf(path).faults == {"pdf.encrypted"}
    path.write_bytes(b"%PDF-1.7\n" + b"\0" * 500)
    assert inspect_pdf(path).faults == {"pdf.broken"}


def archive(*entries: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


WORD = ("[Content_Types].xml", b"<Types/>")


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ((WORD,), None),
        ((WORD, ("word/vbaProject.bin", b"x")), "office.macros"),
        ((WORD, ("word/activeX/activeX1.bin", b"x")), "office.activex"),
        ((WORD, ("word/embeddings/oleObject1.bin", b"x")), "office.embedded"),
        (
            (
                WORD,
                ("word/_rels/settings.xml.rels", b'<R TargetMode="External" Target="http://x"/>'),
            ),
            "office.external",
        ),
        (((WORD[0], b"application/vnd.ms-word.document.macroEnabled.main+xml"),), "office.macros"),
    ],
)
def test_what_an_office_file_would_do_is_found(
    tmp_path: Path, entries: Any, fault: str | None
) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(archive(*entries))
    assert inspect_office(path).faults == ({fault} if fault else set())


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ((("a.txt", b"a"),), None),
        ((("../a.txt", b"a"),), "zip.path"),
        ((("tep/cai-dat.EXE", b"MZ"),), "zip.program"),
        ((("a.bin", bytes(60 * 1024**2)),), "zip.bomb"),
    ],
)
def test_what_an_archive_would_do_is_found(tmp_path: Path, entries: Any, fault: str | None) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(archive(*entries))
    assert inspect_zip(path).faults == ({fault} if fault else set())


def test_a_reader_that_dies_or_never_ends_harms_nobody(tmp_path: Path) -> None:
    with pytest.raises(ConfinedError):
        run_confined("sen.kernel.files.inspection", [str(tmp_path / "khong-co.pdf"), "pdf"])
    with pytest.raises(ConfinedError):
        run_confined("timeit", ["-n", "1", "while True: pass"], timeout_s=1)
    with pytest.raises(ConfinedError):
        run_confined("timeit", ["-n", "1", "x = bytearray(3 * 1024 ** 3)"])


@pytest.mark.django_db
def test_a_rejected_file_says_why_is_never_handed_out_and_not_taken_again(system: Actor) -> None:
    content = pdf(script)  # once: the writer puts the time into each
    file = store_file(actor=system, name="a.pdf", chunks=[content])
    assert file.state == "QUARANTINE"
    with pytest.raises(ConflictError):
        ensure_clean(file)
    run_queued()
    file.refresh_from_db()
    assert (file.state, file.reason) == ("REJECTED", "Tệp PDF có mã JavaScript")
    with pytest.raises(ConflictError):
        ensure_clean(file)
    with pytest.raises(InvalidInputError, match="JavaScript"):
        store_file(actor=system, name="tên khác.pdf", chunks=[content])
    told = OutboxEvent.objects.get(type=FileChecked.type).envelope["data"]
    assert (told["file_id"], told["state"]) == (file.pk, "REJECTED")


@pytest.mark.django_db
def test_each_kind_has_its_own_largest_size(system: Actor) -> None:
    megabyte = bytes(1024**2)
    with pytest.raises(InvalidInputError, match="50 MB"):
        store_file(actor=system, name="a.jpg", chunks=(megabyte for _part in range(51)))


@pytest.mark.django_db(transaction=False)
def test_a_content_is_erased_when_nothing_points_at_it(
    system: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    file = store_file(actor=system, name="a.txt", chunks=[b"abc"])
    with django_capture_on_commit_callbacks(execute=True):
        assert release_file(file)
    assert not backend().exists(file.sha256)


@pytest.mark.django_db
def test_what_nothing_points_at_is_erased_and_what_is_used_stays(
    system: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    orphan = store_file(actor=system, name="a.txt", chunks=[b"abc"])
    used = store_file(actor=system, name="b.txt", chunks=[b"def"])
    Attachment.objects.create(register="x.y", object_id=1, file=used, name="b.txt")
    assert release_orphans(older_than=timedelta(hours=1)) == 0, "it may still find its row"
    with django_capture_on_commit_callbacks(execute=True):
        assert release_orphans(older_than=timedelta(seconds=-1)) == 1
    assert not backend().exists(orphan.sha256)
    assert backend().exists(used.sha256)


# --- The virus scanner --------------------------------------------------------------------------


class Clamd(socketserver.ThreadingTCPServer):
    """Speaks the protocol of clamd; finds the test string, or answers what it is told to."""

    allow_reuse_address = True
    daemon_threads = True
    lie = ""


class Handler(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        command = self.rfile.read(6)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        assert command + self.rfile.read(4) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        found = b"stream: Eicar-Signature FOUND\0" if EICAR.encode() in content else b"stream: OK\0"
        self.wfile.write(self.server.lie.encode() or found)


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    with Clamd(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SEN_CLAMD = f"tcp:127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


@pytest.mark.django_db
def test_with_a_scanner_every_file_waits_for_it(system: Actor, clamd: Clamd) -> None:
    assert antivirus.ping()
    clean = store_file(actor=system, name="a.txt", chunks=[b"abc"])
    bad = store_file(actor=system, name="b.txt", chunks=[EICAR.encode()])
    assert clean.state == bad.state == "QUARANTINE"
    run_queued()
    clean.refresh_from_db()
    bad.refresh_from_db()
    assert (clean.state, clean.findings["antivirus"]) == ("CLEAN", "clamav")
    assert bad.state == "REJECTED"
    assert "Eicar-Signature" in bad.reason


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["stream: size limit exceeded ERROR\0", "gone"])
def test_a_scanner_that_does_not_answer_lets_nothing_through(
    system: Actor, clamd: Clamd, settings: Any, fault: str
) -> None:
    if fault == "gone":
        settings.SEN_CLAMD = "unix:/khong/co/clamd.ctl"
        assert not antivirus.ping()
    clamd.lie = fault
    file = store_file(actor=system, name="a.txt", chunks=[b"abc"])
    (run,) = run_queued()
    assert run.status == JobRun.Status.QUEUED, "it is tried again later"
    file.refresh_from_db()
    assert file.state == "QUARANTINE"


# --- S3 -----------------------------------------------------------------------------------------


@pytest.fixture
def bucket(settings: Any) -> Iterator[str]:
    import boto3

    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    settings.SEN_FILE_STORE = f"s3://sen-thu-{port}/kho"
    settings.SEN_S3 = {
        "endpoint": f"http://{host}:{port}",
        "region": "us-east-1",
        "key_id": "thu",
        "secret": "thu",
    }
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="thu",
        aws_secret_access_key="thu",
    )
    client.create_bucket(Bucket=f"sen-thu-{port}")
    yield f"sen-thu-{port}"
    server.stop()


@pytest.mark.django_db
def test_contents_lie_in_a_bucket_as_they_do_in_a_folder(
    system: Actor, bucket: str, tmp_path: Path
) -> None:
    store = backend()
    assert isinstance(store, S3Backend)
    whole = pdf()
    file = store_file(actor=system, name="a.pdf", chunks=[whole])
    run_queued()
    file.refresh_from_db()
    assert file.state == "CLEAN", "checked from the bucket"
    with store.open(file.sha256) as stream:
        assert stream.read() == whole
    with store.local(file.sha256) as path:
        assert path.read_bytes() == whole
    assert not path.exists()
    assert not (tmp_path / "objects").exists()
    with pytest.raises(FileNotFoundError):
        store.open("0" * 64)
    store.remove(file.sha256)
    assert not store.exists(file.sha256)
    assert StoredFile.objects.get().sha256 == file.sha256
