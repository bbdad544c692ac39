"""Walking the chain of seals: is the log what it was when it was sealed?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sen.kernel.access.context import as_system
from sen.kernel.audit.models import Seal
from sen.kernel.audit.seal import SEALED, Leaf, digest_of, leaves_of, unpack


class Damage(StrEnum):
    """What happened to the log after it was sealed."""

    CHANGED = "CHANGED"  # a sealed row differs
    REMOVED = "REMOVED"  # a sealed row is gone
    ADDED = "ADDED"  # a row stands in a range that was sealed without it
    SEAL_CHANGED = "SEAL_CHANGED"  # the seal's own record differs from its digest
    CHAIN_BROKEN = "CHAIN_BROKEN"  # a seal does not continue its predecessor: one was taken out
    NOT_AS_SHIPPED = "NOT_AS_SHIPPED"  # the chain was computed anew: the copy off the host differs


@dataclass(frozen=True, slots=True)
class Finding:
    """One damage, at the first broken seal."""

    damage: Damage
    seal: int
    table: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found; ``findings`` are of the first broken seal, none when all is well.

    ``last`` is the last seal that was found whole.
    """

    seals: int
    rows: int
    findings: tuple[Finding, ...] = ()
    last: int = field(default=0, compare=False)

    @property
    def is_whole(self) -> bool:
        return not self.findings


def verify_log(
    *,
    shipped: Mapping[int, Mapping[str, Any]] | None = None,
    from_seal: int = 0,
    progress: Callable[[int], None] = lambda _number: None,
) -> Verdict:
    """Walk the chain from ``from_seal`` up to the first broken seal.

    ``shipped`` are seals by number from a copy off the host (``shipping.shipped_lines``);
    ``progress`` is told the number of every seal that was found whole.
    """
    seals = rows = last = 0
    with as_system("verify the log"):
        previous: Seal | None = None
        if from_seal:
            previous = Seal.objects.filter(pk__lt=from_seal).order_by("pk").last()
        known = dict(shipped or {})
        for seal in Seal.objects.filter(pk__gte=from_seal).order_by("pk").iterator(chunk_size=50):
            findings = tuple(_check(seal, previous, known.pop(seal.pk, None)))
            if findings:
                return Verdict(seals, rows, findings, last)
            seals += 1
            rows += seal.rows
            previous, last = seal, seal.pk
            progress(last)
        missing = sorted(number for number in known if number >= from_seal)
        if missing:
            return Verdict(seals, rows, (Finding(Damage.NOT_AS_SHIPPED, missing[0]),), last)
    return Verdict(seals, rows, last=last)


def _check(
    seal: Seal, previous: Seal | None, shipped: Mapping[str, Any] | None
) -> Iterator[Finding]:
    content = bytes(seal.leaves)
    digest = digest_of(
        form=seal.form,
        at=seal.at,
        from_txid=seal.from_txid,
        to_txid=seal.to_txid,
        rows=seal.rows,
        leaves=content,
        previous=bytes(seal.previous),
    )
    if digest == bytes(seal.digest):
        # Only a seal that is itself intact can say which row differs.
        sealed = {(leaf.table, leaf.id): leaf for leaf in unpack(content)}
        now = {(leaf.table, leaf.id): leaf for leaf in leaves_of(seal.from_txid, seal.to_txid)}
        yield from _compare(seal, sealed, now)
    else:
        yield Finding(Damage.SEAL_CHANGED, seal.pk)
    if previous is not None and (
        bytes(seal.previous) != bytes(previous.digest) or seal.from_txid != previous.to_txid
    ):
        yield Finding(Damage.CHAIN_BROKEN, seal.pk)
    if shipped is not None and shipped["digest"] != bytes(seal.digest).hex():
        yield Finding(Damage.NOT_AS_SHIPPED, seal.pk)


def _compare(
    seal: Seal, sealed: Mapping[tuple[int, int], Leaf], now: Mapping[tuple[int, int], Leaf]
) -> Iterator[Finding]:
    for key in sorted(sealed.keys() | now.keys()):
        was, found = sealed.get(key), now.get(key)
        if was == found:
            continue
        damage = (
            Damage.ADDED if was is None else Damage.REMOVED if found is None else Damage.CHANGED
        )
        yield Finding(damage, seal.pk, SEALED[key[0]][0], key[1])
