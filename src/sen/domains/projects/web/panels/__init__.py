"""Panels on the pages of projects and of what they touch."""

from __future__ import annotations

from sen.domains.projects.web.panels import elsewhere, overview, parts

__all__ = ["elsewhere", "overview", "parts"]
