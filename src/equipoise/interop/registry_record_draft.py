"""A draft protocol folder from a registry record: what it says, what it leaves open, what is "
"found."""

import re
from collections.abc import Sequence

from equipoise.interop.registry_record import RegistryRecord
from equipoise.interop.registry_record_arms import Comparison
from equipoise.interop.registry_record_design_rules import (
    find_meant_word,
    read_equal_ratio,
    read_planned_subjects,
)
from equipoise.interop.registry_record_draft_endpoints import (
    DraftEndpoint,
    draft_endpoints,
    write_cuts,
)
from equipoise.interop.registry_record_draft_forms import write_forms
from equipoise.interop.registry_record_outcome import read_record
from equipoise.interop.registry_record_time import plain_words
from equipoise.interop.registry_record_toml import TomlValue, write_table, write_value
from equipoise.vocab.finding import Finding

_HEAD = """\
# Draft made from a registry record. It says what the record says and no more.
# A line that begins with "# OPEN" names what the record leaves open: remove "# OPEN " and put the
# sponsor's value in place of the example. Give each registry finding a resolution.
format = 1
"""
_DESIGN = """\
[design]
reference_rate = 0.5
experimental_rate = 0.7
milestone_months = 12
alpha = 0.05
sides = 2
power = 0.8
dropout = 0.1
provenance = "proposal"
"""
_PHASE = re.compile(r"\bphase[\s-]*(\d(?:/\d)?|iv|i{1,3}(?:/i{2,3})?)\b")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "ii/iii": "2/3", "i/ii": "1/2"}


def write_draft(record: RegistryRecord, *, findings: Sequence[Finding]) -> dict[str, str]:
    """The files of a draft protocol folder, by name: `trial.toml` and the forms it needs."""
    reading = read_record(record)
    drafts = draft_endpoints(reading)
    parts = [
        _HEAD,
        _write_identity(record),
        _write_registry(record),
        *(_write_finding(finding) for finding in findings),
        *_write_arms(reading.comparison),
        _write_randomisation(record),
        _write_schedule(drafts),
        _write_anchors(drafts),
        _write_populations(drafts),
        *(draft.text or _write_undrafted(draft) for draft in drafts),
        *(draft.analysis for draft in drafts if draft.analysis),
        write_cuts(drafts),
        "".join(f"# OPEN {line}\n" for line in _DESIGN.splitlines()),
    ]
    trial = "\n".join(part.rstrip("\n") + "\n" for part in parts if part)
    frames = frozenset[str]().union(*(draft.frames for draft in drafts))
    return {"trial.toml": trial} | write_forms(frames)


def _write_identity(record: RegistryRecord) -> str:
    phase = _PHASE.search(plain_words(record.words))
    values: dict[str, TomlValue] = {
        "id": "DRAFT",
        "title": _mend_spelling(record.title),
        "version": "0.1-draft",
        "question": _mend_spelling(record.summary),
    }
    still_open = "version_date = 2000-01-01"
    if phase is None:
        still_open += '\nphase = "3"'
    else:
        values["phase"] = _ROMAN.get(phase.group(1), phase.group(1))
    return write_table("[identity]", values=values, open_lines=still_open)


def _write_registry(record: RegistryRecord) -> str:
    interventions = [
        f"{one.kind}: {one.name}" if one.kind else one.name for one in record.interventions
    ]
    values: dict[str, TomlValue] = {
        "title": record.title,
        "summary": record.summary,
        "condition": record.conditions,
        "intervention": interventions,
        "primary_outcome": [outcome.text for outcome in record.primary],
        "secondary_outcome": [outcome.text for outcome in record.secondary],
        "description": record.description,
    }
    return write_table("[registry.text]", values=values)


def _write_finding(finding: Finding) -> str:
    values: dict[str, TomlValue] = {
        "code": finding.code,
        "where": finding.where,
        "message": finding.message,
        "evidence": finding.found,
        "proposal": finding.mend,
        "resolution": "",
    }
    return write_table("[[registry.finding]]", values=values)


def _write_arms(comparison: Comparison | None) -> list[str]:
    if comparison is None:
        labels = ("Comparator (open: the record names no comparison)", "Arm under test (open)")
    else:
        labels = (comparison.reference.label, comparison.experimental.label)
    roles = zip("AB", labels, ("reference", "experimental"), strict=True)
    return [_write_arm(code, label=_mend_spelling(label), role=role) for code, label, role in roles]


def _write_arm(code: str, *, label: str, role: str) -> str:
    values: dict[str, TomlValue] = {
        "code": code,
        "label": label,
        "short": label if len(label) <= 30 else f"{label[:29].rstrip()}…",
        "role": role,
        "description": f"{label}, as the registry record words it.",
        "provenance": "registry",
    }
    return write_table("[[arm]]", values=values)


def _write_randomisation(record: RegistryRecord) -> str:
    values: dict[str, TomlValue] = {
        "scheme": "permuted_blocks",
        "form": "rand",
        "date_item": "randomised_date",
    }
    still_open = "block_sizes = [6]"
    provenance: dict[str, TomlValue] = {"scheme": "proposal"}
    planned = read_planned_subjects(record.prose)
    if planned:
        values["planned_subjects"] = planned
        provenance["planned_subjects"] = "registry"
    else:
        still_open += "\nplanned_subjects = 100"
    if read_equal_ratio(record.prose):
        values["ratio"] = {"A": 1, "B": 1}
        provenance["ratio"] = "registry"
    else:
        still_open += "\nratio = { A = 1, B = 1 }"
    masking = re.search(
        r"(?:double|single|triple)-?\s?blind|open-?\s?label", plain_words(record.prose)
    )
    if masking:
        values["masking"] = masking.group()
        provenance["masking"] = "registry"
    else:
        still_open += '\nmasking = "open label"'
    table = write_table("[randomisation]", values=values, open_lines=still_open)
    return f"{table}\n{write_table('[randomisation.provenance]', values=provenance)}"


def _write_schedule(drafts: tuple[DraftEndpoint, ...]) -> str:
    frames = frozenset[str]().union(*(draft.frames for draft in drafts))
    anytime = ["surv", "dth", *(name for name in ("treatment", "ae", "event") if name in frames)]
    values: dict[str, TomlValue] = {
        "origin": "randomised",
        "anytime": anytime,
        "provenance": "proposal: the registry record gives no visits",
    }
    visits = [_write_visit("RAND", "Randomisation", day=1, window=0, form="rand")]
    months = sorted({draft.horizon_months for draft in drafts if draft.horizon_months})
    for month in (month for month in months if month >= 1):
        day = round(month * 30.4375)
        visits.append(
            _write_visit(f"M{month:g}", f"Month {month:g}", day=day, window=14, form="surv")
        )
    return "\n".join([write_table("[schedule]", values=values), *visits])


def _write_visit(code: str, label: str, *, day: int, window: int, form: str) -> str:
    values: dict[str, TomlValue] = {
        "code": code,
        "label": label,
        "day": day,
        "before_days": window,
        "after_days": window,
        "form": [form],
    }
    return write_table("[[schedule.visit]]", values=values)


def _write_anchors(drafts: tuple[DraftEndpoint, ...]) -> str:
    text = _write_anchor("randomised", "randomisation", frame="rand", date="randomised_date")
    if any("treatment" in draft.frames for draft in drafts):
        label = "first study treatment after randomisation"
        text += "\n" + _write_anchor("first_treatment", label, frame="treatment", date="start_date")
    return text


def _write_anchor(name: str, label: str, *, frame: str, date: str) -> str:
    table = write_table("[[anchor]]", values={"id": name, "label": label, "pick": "first"})
    source: dict[str, TomlValue] = {"frame": frame, "date": date, "words": label}
    return f"{table}\n{write_table('[[anchor.source]]', values=source)}"


def _write_populations(drafts: tuple[DraftEndpoint, ...]) -> str:
    everyone: dict[str, TomlValue] = {
        "id": "itt",
        "label": "Intention to treat",
        "rule": "randomised_date IS NOT NULL",
        "words": "All randomised participants, in the arm to which they were allocated.",
        "provenance": "literature: ICH E9",
    }
    text = write_table("[[population]]", values=everyone)
    if any("treatment" in draft.frames for draft in drafts):
        treated: dict[str, TomlValue] = {
            "id": "safety",
            "label": "Safety",
            "rule": "first_treatment_date IS NOT NULL",
            "as_treated": True,
            "words": "Participants who received any study treatment, by the treatment received.",
            "provenance": "proposal",
        }
        text += "\n" + write_table("[[population]]", values=treated)
    return text


def _write_undrafted(draft: DraftEndpoint) -> str:
    """A comment for an outcome of a kind that protocol text cannot express yet."""
    outcome = draft.reading
    place = f"{outcome.role} outcome {outcome.number}"
    measure = write_value(outcome.outcome.measure)
    return f"# Not drafted: {place} ({outcome.kind.value}): {measure}\n"


def _mend_spelling(text: str) -> str:
    """The text with misspelt trial words spelt right, for labels; the registry text keeps them."""

    def mend(match: re.Match[str]) -> str:
        meant = find_meant_word(match.group())
        if not meant:
            return match.group()
        return meant.capitalize() if match.group()[0].isupper() else meant

    return re.sub(r"[A-Za-z]{8,}", mend, text)
