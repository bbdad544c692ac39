"""Texts of the course in the language of whoever reads them."""

from __future__ import annotations

from typing import Protocol

from django.utils.functional import lazy
from django.utils.translation import get_language

from sen.domains.projects.course import COURSE


class Said(Protocol):
    """A text in both languages: of the course, or of the catalogue of assets."""

    def said(self, language: str | None) -> str: ...


def said(text: Said) -> str:
    """The text in the language of the running request."""
    return text.said(get_language())


label = lazy(said, str)


def stage_choices() -> list[tuple[str, str]]:
    return [(stage.code, label(stage.name)) for stage in COURSE.stages]


def step_choices() -> list[tuple[str, str]]:
    return [(step.code, label(step.name)) for step in COURSE.steps]


def decision_choices() -> list[tuple[str, str]]:
    return [(kind.code, label(kind.name)) for kind in COURSE.decisions]
