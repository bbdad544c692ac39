"""The registers of projects and of everything below them."""

from __future__ import annotations

from sen.domains.projects.web.resources import money, projects, site

__all__ = ["money", "projects", "site"]
