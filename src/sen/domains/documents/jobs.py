"""Work on contents: signatures, archive packages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.documents.adapters.bags import BagError
from sen.domains.documents.adapters.packaging import make_package, read_package
from sen.domains.documents.adapters.reading import read_signatures
from sen.domains.documents.models import Package
from sen.domains.documents.selectors import trusted_roots
from sen.domains.documents.services import note_signatures
from sen.domains.documents.services.packages import MAKE_PACKAGE, READ_PACKAGE
from sen.domains.documents.services.versions import READ_SIGNATURES
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.errors import InvalidInputError, NotFoundError
from sen.kernel.files.backends import backend
from sen.kernel.files.checks import check_file
from sen.kernel.files.models import StoredFile
from sen.kernel.files.services import ensure_clean
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(name=READ_SIGNATURES, title=gettext_lazy("Đọc chữ ký số"), retry=2)
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


@job(name=MAKE_PACKAGE, title=gettext_lazy("Lập gói hồ sơ lưu trữ"), retry=1)
def make_archive_package(context: JobContext, *, package_id: int) -> dict[str, int]:
    """Make the package with the rights of whoever asked for it."""
    package = Package.objects.select_related("dossier__owner_org").get(pk=package_id)
    made = make_package(context=context, package=package)
    return {"documents": made.documents_count, "left_out": made.left_out}


@job(name=READ_PACKAGE, title=gettext_lazy("Nhập gói hồ sơ lưu trữ"))
def read_archive_package(
    context: JobContext, *, file_id: int, owner_org_id: int, area_id: int
) -> dict[str, Any]:
    """Check the file like any other, verify every hash, enter the dossier.

    Raises:
        InvalidInputError: the package is not what it says.
        NotFoundError: the file is gone.
    """
    file = StoredFile.objects.filter(pk=file_id).first()
    if file is None:
        raise NotFoundError(_("tệp"), file_id)
    if file.state == StoredFile.State.QUARANTINE:
        file = check_file(actor=context.actor, file=file)
    ensure_clean(file)
    try:
        with backend().local(file.sha256) as path:
            dossier = read_package(
                context=context,
                path=path,
                owner_org=Organisation.objects.get(pk=owner_org_id),
                area=Area.objects.get(pk=area_id),
            )
    except BagError as error:
        raise InvalidInputError(
            message=_("Gói hồ sơ không đúng: %(problem)s.") % {"problem": error}
        ) from error
    return {"dossier_id": dossier.pk, "documents": dossier.documents_count}
