"""Devices that are asked instead of sending: one module for each protocol, one entry in it."""
