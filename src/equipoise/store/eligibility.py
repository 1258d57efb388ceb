"""Whether a subject may be randomised: its entries, its criteria, and the signature on them."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.eligibility import check_eligibility
from equipoise.capture.entry import FormEntry
from equipoise.capture.lifecycle import FormState
from equipoise.capture.signature import Meaning, changed_since
from equipoise.protocol.model import Protocol
from equipoise.store.entry_place import EntryPlace, place_of, written_entry
from equipoise.store.models import FormEntry as Row
from equipoise.store.models import Signature
from equipoise.store.read_entries import frame_written, read_written
from equipoise.store.refusals import FindingsError, NotEligibleError, UnknownError
from equipoise.store.tables import Plain
from equipoise.vocab.finding import Finding, Severity
from equipoise.vocab.ids import EntryId


def randomisation_place(subject: str, protocol: Protocol) -> EntryPlace:
    """Where the randomisation form of the subject stands."""
    return EntryPlace(subject=subject, form=protocol.randomisation.form)


def randomisation_values(
    strata: Mapping[str, str], protocol: Protocol, *, on: date
) -> dict[str, str]:
    """The items of the randomisation form: its date, and the strata by their items."""
    items = {stratum.item: strata.get(stratum.name, "") for stratum in protocol.stratum}
    return {**items, protocol.randomisation.date_item: on.isoformat()}


def require_levels(strata: Mapping[str, str], protocol: Protocol) -> None:
    """UnknownError unless every factor has one of its levels."""
    for factor in protocol.stratum:
        if strata.get(factor.name) not in {level.value for level in factor.level}:
            raise UnknownError(
                f"'{strata.get(factor.name, '')}' is no level of {factor.label}: enter what it is "
                "computed from, or choose one"
            )


def require_eligible(
    subject: str, *, strata: Mapping[str, str], protocol: Protocol, on: date
) -> None:
    """NotEligibleError when a criterion is not met or not known; FindingsError for wrong strata.

    UnknownError for a level that the factor does not have, or none.
    """
    require_levels(strata, protocol)
    _require_no_draft(subject)
    place = randomisation_place(subject, protocol)
    values = randomisation_values(strata, protocol, on=on)
    read = frame_written(
        [*read_written(subject=subject), written_entry(place, values=values)], protocol
    )
    hard = tuple(
        finding
        for finding in (*read.findings, *check_frames(read.frames, protocol, as_of_date=on))
        if finding.severity is Severity.HARD and _is_about(finding, place)
    )
    met = check_eligibility(complete(read.frames, protocol), protocol, as_of_date=on)
    _require_met(met, subject=subject, protocol=protocol)
    if hard:
        raise FindingsError(hard)


def _require_no_draft(subject: str) -> None:
    drafts = Row.objects.filter(subject=subject, state=FormState.DRAFT).order_by("form", "key")
    if drafts:
        words = ", ".join(place_of(row).entry for row in drafts)
        raise NotEligibleError(f"complete the forms of {subject} first: {words}")


def _is_about(finding: Finding, place: EntryPlace) -> bool:
    return finding.entry == place.entry


def _require_met(met: pl.DataFrame, *, subject: str, protocol: Protocol) -> None:
    texts = {criterion.id: criterion.text for criterion in protocol.criterion}
    known = {row["criterion"]: row["met"] for row in met.iter_rows(named=True)}
    told = [
        f"{name} {'is not met' if known[name] is False else 'is not known yet'}: {text}"
        for name, text in texts.items()
        if name in known and known[name] is not True
    ]
    if told or (protocol.criterion and not known):
        raise NotEligibleError(f"{subject} cannot be randomised:\n" + "\n".join(told))


def looked_at(strata: Mapping[str, str], *, protocol: str, on: date) -> dict[str, Plain]:
    """What a signature on eligibility is about beside the entries."""
    return {"strata": dict(strata), "protocol": protocol, "day": on.isoformat()}


def require_signed(subject: str) -> Signature:
    """The valid signature on eligibility; NotEligibleError when there is none."""
    found = Signature.objects.filter(
        subject_id=subject, meaning=Meaning.ELIGIBILITY, is_valid=True
    ).order_by("-number")
    signature = found.first()
    if signature is None:
        raise NotEligibleError(f"the eligibility of {subject} is not signed: have it signed first")
    covered = {EntryId(entry): digest for entry, digest in signature.covers.items()}
    entries: list[FormEntry] = list(read_written(subject=subject))
    changed = changed_since(covered, entries=entries)
    if changed:
        words = f"{', '.join(changed)} changed since eligibility was signed: have it signed again"
        raise NotEligibleError(words)
    return signature
