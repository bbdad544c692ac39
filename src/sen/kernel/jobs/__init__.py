"""Queued and scheduled work: ``@job`` in ``jobs.py`` of a domain, ``enqueue`` in a service."""
