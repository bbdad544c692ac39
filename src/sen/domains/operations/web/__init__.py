"""Screens of the operations centre."""
