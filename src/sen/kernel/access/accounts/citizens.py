"""Accounts of citizens: made when the national identity first vouches for a person."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sen.kernel.access import crypto
from sen.kernel.access.models import User

_INDEX: Final = "kernel_access.User.national_id"


@dataclass(frozen=True, slots=True)
class Citizen:
    """What a provider says of a person."""

    full_name: str
    national_id: str = ""
    email: str = ""


def index_of(national_id: str) -> str:
    """The form in which a national number is looked up."""
    return crypto.blind_index(national_id.strip(), context=_INDEX)


def find_citizen(*, national_id: str) -> User | None:
    """The citizen's account of a national number; an official's account is never found so."""
    if not national_id:
        return None
    return User.objects.filter(
        kind=User.Kind.CITIZEN, national_id_index=index_of(national_id)
    ).first()


def fill_citizen(*, user: User, person: Citizen) -> User:
    """Make a new, unsaved account a citizen's one."""
    user.username = f"cd-{secrets.token_hex(6)}"
    user.kind = User.Kind.CITIZEN
    user.full_name = person.full_name[:120]
    user.email = person.email
    user.is_active = True
    if person.national_id:
        user.national_id = person.national_id
        user.national_id_index = index_of(person.national_id)
    user.set_unusable_password()
    return user
