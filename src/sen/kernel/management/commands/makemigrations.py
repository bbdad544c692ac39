"""Django's ``makemigrations`` with the house's way of writing migrations."""

from __future__ import annotations

from django.core.management.commands import makemigrations

from sen.kernel.management.autodetector import Autodetector


class Command(makemigrations.Command):
    autodetector = Autodetector
