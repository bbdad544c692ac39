"""Settings of the property tests: a busy machine must not make them fail."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("lib", deadline=None)
settings.load_profile("lib")
