"""Closed lists of scanning and reading."""

from __future__ import annotations

from enum import StrEnum


class BatchState(StrEnum):
    """A batch receives pages, is split by a job, waits for the operator, and is done."""

    SPLITTING = "SPLITTING"
    OPEN = "OPEN"
    DONE = "DONE"


class PartState(StrEnum):
    """How a proposed document stands; QUEUED: a job makes the document of it."""

    PROPOSED = "PROPOSED"
    QUEUED = "QUEUED"
    ACCEPTED = "ACCEPTED"


class SheetRole(StrEnum):
    """What a scanned sheet is; only KEPT ones go into documents."""

    KEPT = "KEPT"
    BLANK = "BLANK"
    SEPARATOR = "SEPARATOR"
    DROPPED = "DROPPED"


class ReadingState(StrEnum):
    """How the reading of a document stands. RESCAN: read, but some pages are too poor."""

    WAITING = "WAITING"
    READING = "READING"
    DONE = "DONE"
    RESCAN = "RESCAN"
    FAILED = "FAILED"
    UNSUITED = "UNSUITED"


class TextSource(StrEnum):
    """Where the words of a page come from."""

    OCR = "OCR"
    FILE = "FILE"


class Fault(StrEnum):
    """Why a page must be scanned again."""

    COARSE = "COARSE"
    BLURRED = "BLURRED"
    SKEWED = "SKEWED"
    FAINT = "FAINT"
    UNSURE = "UNSURE"
