"""Fixtures of every test: a database made as production makes it, with two roles and policies."""

pytest_plugins = ["sen.kernel.testing.database", "sen.kernel.testing.accounts"]
