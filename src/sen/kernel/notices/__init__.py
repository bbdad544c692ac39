"""Notices: what a person is told, behind the bell and by mail."""
