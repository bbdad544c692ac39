"""Django's ``migrate`` with the house's way of writing migrations."""

from __future__ import annotations

from django.core.management.commands import migrate

from sen.kernel.management.autodetector import Autodetector


class Command(migrate.Command):
    autodetector = Autodetector
