"""Codes that people can read out over the telephone."""

from __future__ import annotations

import secrets
from typing import Final

from django.db import models
from django.utils import timezone

#: Without 0, 1, I, L, O, U: nothing that is mistaken for something else.
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 6


def new_code(prefix: str, model: type[models.Model]) -> str:
    """``TL26-7F3K9Q``: the year, and six letters that nothing of the model bears yet."""
    year = f"{timezone.localdate():%y}"
    while True:
        tail = "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))
        code = f"{prefix}{year}-{tail}"
        if not model._base_manager.filter(code=code).exists():
            return code
