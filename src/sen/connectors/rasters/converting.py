"""Rasters of others, read and converted in a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.kernel.files.backends import backend, incoming
from sen.kernel.files.confined import ConfinedError, run_confined

MODULE: Final = "sen.connectors.rasters.confined"
SUFFIXES: Final[Mapping[str, str]] = {
    "image/tiff": ".tif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
GIGABYTE: Final = 1024**3


def inspect(sha256: str, mime: str) -> dict[str, Any]:
    """What a raster says of itself.

    Raises:
        InvalidInputError: it cannot be read.
    """
    with backend().local(sha256) as path:
        return _run("inspect", [str(path)], {"suffix": SUFFIXES[mime]}, timeout_s=60)


def preview(sha256: str, mime: str) -> bytes:
    """A small copy as WebP.

    Raises:
        InvalidInputError: it cannot be read.
    """
    with tempfile.TemporaryDirectory(dir=incoming()) as folder, backend().local(sha256) as path:
        target = Path(folder) / "preview.webp"
        _run("preview", [str(path), str(target)], {"suffix": SUFFIXES[mime]}, timeout_s=120)
        return target.read_bytes()


def convert(
    sha256: str, mime: str, target: Path, how: Mapping[str, Any], *, timeout_s: int = 3600
) -> dict[str, Any]:
    """Write the cloud-optimised copy to ``target``; returns where it lies.

    Raises:
        InvalidInputError: it cannot be read or bent.
    """
    with backend().local(sha256) as path:
        given = {**how, "suffix": SUFFIXES[mime]}
        return _run(
            "convert",
            [str(path), str(target)],
            given,
            timeout_s=timeout_s,
            written_bytes=40 * GIGABYTE,
        )


def _run(act: str, arguments: list[str], given: dict[str, Any], **limits: int) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = run_confined(MODULE, [act, *arguments], given=given, **limits)
    except ConfinedError as error:
        raise InvalidInputError(
            {"file": _("Tệp ảnh làm trình đọc dừng lại giữa chừng; có thể tệp bị hỏng.")}
        ) from error
    if "error" in answer:
        raise InvalidInputError(
            {"file": _("Không đọc được ảnh: %(why)s") % {"why": answer["error"]}}
        )
    return answer
