"""Attributes of things that come in kinds, as data."""
