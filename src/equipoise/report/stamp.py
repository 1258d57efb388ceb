"""The stamp of a report: what it was made from. Same stamp, same bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Protocol, data, cut, code and seed of a report; `scenario` names a rehearsed trial.

    `seed` is that of the resampling in the analysis, `scenario_seed` that of a rehearsal.
    `ledger_line` and `ledger_head` (the digest of that line) tell where the site stood when the
    data were cut; None for the entries of a folder, which `data_digest` names.
    `cut` is the id of a data cut of the protocol, empty when every entry counts. A report is
    blinded when its arms stand under masked names.
    """

    protocol_fingerprint: str
    protocol_version: str
    data_digest: str
    code_version: str
    cut: str = ""
    cutoff_date: date | None = None
    seed: int | None = None
    scenario: str = ""
    scenario_seed: int | None = None
    blinded: bool = False
    ledger_line: int | None = None
    ledger_head: str = ""

    @property
    def is_rehearsed(self) -> bool:
        """True for a trial that was drawn, not run: no patient is behind its numbers."""
        return bool(self.scenario)


def build_stamp(
    protocol: Protocol,
    *,
    data_digest: str,
    code_version: str,
    cut: str = "",
    cutoff_date: date | None = None,
    seed: int | None = None,
) -> Stamp:
    """The stamp of a trial that runs; `dataclasses.replace` adds scenario, blinding or ledger."""
    return Stamp(
        protocol_fingerprint=fingerprint(protocol),
        protocol_version=protocol.identity.version,
        data_digest=data_digest,
        code_version=code_version,
        cut=cut,
        cutoff_date=cutoff_date,
        seed=seed,
    )


def digest_frames(frames: Mapping[str, pl.DataFrame], *, allocations: pl.DataFrame) -> str:
    """The SHA-256 of all entries and allocations, whatever the order of forms, rows and columns."""
    found = hashlib.sha256()
    for name, frame in sorted([*frames.items(), ("allocations", allocations)]):
        found.update(f"{name}\n".encode())
        found.update(_as_text(frame))
    return found.hexdigest()


def _as_text(frame: pl.DataFrame) -> bytes:
    ordered = frame.select(sorted(frame.columns))
    plain = ordered.with_columns(pl.col(pl.Date, pl.Boolean).cast(pl.String))
    return plain.sort(plain.columns).write_csv().encode("utf-8") if plain.columns else b""


def write_stamp(stamp: Stamp) -> str:
    """The stamp on one line, digests by their first twelve digits."""
    seed = "" if stamp.seed is None else f"seed {stamp.seed}"
    ledger = f"ledger line {stamp.ledger_line} {stamp.ledger_head[:12]}"
    words = (
        f"protocol {stamp.protocol_version} {stamp.protocol_fingerprint[:12]}",
        f"data {stamp.data_digest[:12]}" if stamp.ledger_line is None else ledger,
        f"cut {stamp.cut}" if stamp.cut else "no cut",
        f"Equipoise {stamp.code_version}",
        seed,
        "blinded" if stamp.blinded else "unblinded",
    )
    return " · ".join(word for word in words if word)


def list_stamp(stamp: Stamp) -> tuple[tuple[str, str], ...]:
    """The stamp as pairs of a word and its value, in the order of print."""
    drawn = "" if stamp.scenario_seed is None else f", seed {stamp.scenario_seed}"
    ledger = ("Ledger", f"line {stamp.ledger_line}, head {stamp.ledger_head}")
    cut = stamp.cut or "none: every entry counts"
    when = f", entries up to {stamp.cutoff_date.isoformat()}" if stamp.cutoff_date else ""
    return (
        ("Protocol", f"version {stamp.protocol_version}, fingerprint {stamp.protocol_fingerprint}"),
        ("Data", f"digest {stamp.data_digest}") if stamp.ledger_line is None else ledger,
        ("Data cut", f"{cut}{when}"),
        ("Program", f"Equipoise {stamp.code_version}"),
        ("Seed of resampling", "none" if stamp.seed is None else str(stamp.seed)),
        ("Arms", "masked" if stamp.blinded else "shown under their own names (unblinded)"),
        (
            "Entries",
            f"rehearsed, scenario {stamp.scenario}{drawn}" if stamp.scenario else "of patients",
        ),
    )


def stamp_values(stamp: Stamp) -> dict[str, str | int | bool | None]:
    """The stamp as plain values for JSON: the ledger line with its head, or the data's digest."""
    at = {"ledger_line": stamp.ledger_line, "ledger_head": stamp.ledger_head}
    return {
        "fingerprint": stamp.protocol_fingerprint,
        **({"data": stamp.data_digest} if stamp.ledger_line is None else at),
        "cut": stamp.cut,
        "program": stamp.code_version,
        "seed": stamp.seed,
        "blinded": stamp.blinded,
    }
