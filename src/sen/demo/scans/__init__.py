"""Scanned papers of the demonstration: what stands on them, and how they were scanned."""
