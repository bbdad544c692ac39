"""Work on contents after they were found clean."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.documents.adapters.reading import read_signatures
from sen.domains.documents.selectors import trusted_roots
from sen.domains.documents.services import note_signatures
from sen.domains.documents.services.versions import READ_SIGNATURES
from sen.kernel.access.context import as_system
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(name=READ_SIGNATURES, title=_("Đọc chữ ký số"), retry=2)
def read_version_signatures(context: JobContext, *, version_id: int) -> dict[str, str]:
    """Verify the signatures of one version; whoever uploaded it needs no right for that."""
    with as_system("đọc chữ ký số của tệp tải lên") as house:
        found = read_signatures(actor=house, version_id=version_id, roots=trusted_roots())
        version = note_signatures(
            actor=house,
            document=found.document,
            version_id=version_id,
            found=found.signatures,
        )
    return {"state": version.signature_state}
