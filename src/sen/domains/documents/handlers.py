"""Reactions of documents to checked files and to rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.documents.choices import FileState
from sen.domains.documents.events import VersionChecked
from sen.domains.documents.selectors import DOSSIER_PARTS, RETENTION, reckon_retention
from sen.domains.documents.services import follow_file, follow_retention
from sen.domains.documents.services.dossiers import recount_all
from sen.domains.documents.services.versions import PDF, ask_for_signatures
from sen.domains.norms.events import NormVersionPublished
from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on
from sen.kernel.files.events import FileChecked

rests_on(
    RuleUse(
        name="documents.retention",
        norms=(RETENTION,),
        title=_("Thời hạn bảo quản tài liệu"),
        kind=UseKind.DEADLINE,
        url="/ql/documents/documents/",
        reckon=reckon_retention,
    )
)
rests_on(
    RuleUse(
        name="documents.parts",
        norms=(DOSSIER_PARTS,),
        title=_("Thành phần hồ sơ công trình và phần còn thiếu"),
        kind=UseKind.DOSSIER,
        url="/ql/documents/dossiers/",
    )
)


@on(FileChecked, name="documents.follow_file")
def tell_versions(event: FileChecked, origin: Origin) -> None:
    """A content left its quarantine: every version that has it may be read now, or never."""
    follow_file(actor=current_actor(), file_id=event.file_id)


@on(VersionChecked, name="documents.read_signatures")
def read_signatures(event: VersionChecked, origin: Origin) -> None:
    """Every PDF is asked for its signatures."""
    if event.state == FileState.CLEAN and event.mime == PDF:
        ask_for_signatures(actor=current_actor(), version_id=event.version_id)


@on(NormVersionPublished, name="documents.follow_norm")
def follow_norm(event: NormVersionPublished, origin: Origin) -> None:
    """Another rule of retention moves days of destruction, one of parts what is missing."""
    if event.norm == RETENTION:
        follow_retention(actor=current_actor())
    elif event.norm == DOSSIER_PARTS:
        recount_all(actor=current_actor())
