"""Closed lists of documents and dossiers."""

from __future__ import annotations

from enum import StrEnum


class DocumentKind(StrEnum):
    DECISION = "DECISION"
    SUBMISSION = "SUBMISSION"
    LETTER = "LETTER"
    CONTRACT = "CONTRACT"
    MINUTES = "MINUTES"
    REPORT = "REPORT"
    EXPLANATION = "EXPLANATION"
    DRAWING = "DRAWING"
    CERTIFICATE = "CERTIFICATE"
    TEST_RESULT = "TEST_RESULT"
    PROCEDURE = "PROCEDURE"
    PERMIT = "PERMIT"
    DIARY = "DIARY"
    PHOTO = "PHOTO"
    OTHER = "OTHER"


class FileState(StrEnum):
    """How the newest version of a document stands."""

    NONE = "NONE"
    QUARANTINE = "QUARANTINE"
    CLEAN = "CLEAN"
    REJECTED = "REJECTED"
    DESTROYED = "DESTROYED"


class SignatureState(StrEnum):
    """What the signatures of a PDF say, the worst of them for the whole.

    ``UNKNOWN_ROOT``: intact, but its root is not in the trust store. ``INVALID``: intact and of a
    known root, but the certificate was expired, revoked or of the wrong use.
    """

    PENDING = "PENDING"
    NONE = "NONE"
    TRUSTED = "TRUSTED"
    UNKNOWN_ROOT = "UNKNOWN_ROOT"
    INVALID = "INVALID"
    ALTERED = "ALTERED"
    UNREADABLE = "UNREADABLE"


class Source(StrEnum):
    """How a version came in."""

    UPLOAD = "UPLOAD"
    SCAN = "SCAN"
    IMPORT = "IMPORT"
    SIGNED = "SIGNED"
    SYSTEM = "SYSTEM"


class RenditionKind(StrEnum):
    """Forms of a version that are kept beside the untouched original."""

    SEARCHABLE_PDF = "searchable-pdf"
    TEXT = "text"
    PREVIEW = "preview"


class Retention(StrEnum):
    """Groups of the rule ``records.retention``; the years are law and stand in ``norms``."""

    WORK_IMPORTANT = "WORK_IMPORTANT"
    WORK = "WORK"
    MAINTENANCE = "MAINTENANCE"
    INSPECTION = "INSPECTION"
    DIRECTIVE = "DIRECTIVE"
    CONTRACT = "CONTRACT"
    PERMIT = "PERMIT"
    ROUTINE = "ROUTINE"


class DisposalState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    DONE = "DONE"
    RETURNED = "RETURNED"


class PackageState(StrEnum):
    WAITING = "WAITING"
    READY = "READY"
    FAILED = "FAILED"
