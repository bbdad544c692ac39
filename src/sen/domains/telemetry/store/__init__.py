"""The hot store: observations, newest values and rollups in PostgreSQL."""
