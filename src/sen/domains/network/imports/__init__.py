"""Reading roads, km-posts and sections of roads from files."""

from __future__ import annotations

from sen.domains.network.imports.posts import KmPostImporter
from sen.domains.network.imports.roads import RoadImporter
from sen.domains.network.imports.sections import SectionImporter

__all__ = ["KmPostImporter", "RoadImporter", "SectionImporter"]
