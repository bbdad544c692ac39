"""How passwords are stored."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id with 46 MiB in one lane.

    Django's own figures (100 MiB, 8 lanes) would let a dozen sign-ins at once take the memory of a
    small server. Stored passwords of other figures are hashed anew at the next sign-in.

    Source: OWASP Password Storage Cheat Sheet (m=47104, t=1, p=1); ASVS 5.0 V11.4.2.
    """

    time_cost = 1
    memory_cost = 47_104
    parallelism = 1
