"""Where the recogniser lies, as the confined process is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Where tesseract lies and what its environment needs."""

    program: str
    environment: dict[str, str]
    language: str = "vie"
