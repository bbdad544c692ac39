"""The platform without its domains, with the two layers of the benchmark."""

from __future__ import annotations

from sen.project.settings import *  # noqa: F403
from sen.project.settings import INSTALLED_APPS as _APPS

MANIFESTS = ()
INSTALLED_APPS = [
    *(app for app in _APPS if not app.startswith("sen.domains") and app != "sen.kernel"),
    "tiles_app",
    "sen.kernel",
]
