"""A family of tests in the plan: read, told where it cannot hold the level, part of the text."""

import pytest

from equipoise.protocol.diff import diff
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import Parsed, shipped_protocol
from protocol.trial_texts import parse_planted

TRIAL = "trial.toml"
FIRST = '[[subgroup]]\nid = "omd_induced"'
NAMES = 'analyses = ["pfs_milestone", "os_logrank", "lc_cif"]\n'


def planted(said: str) -> Parsed:
    """The reference trial with a `[multiplicity]` that says this."""
    return parse_planted(TRIAL, old=FIRST, new=f"[multiplicity]\n{said}\n{FIRST}")


def sound(said: str) -> Protocol:
    """The protocol of a text without a problem."""
    parsed = planted(said)
    assert parsed.problems == (), [str(problem) for problem in parsed.problems]
    assert parsed.protocol is not None
    return parsed.protocol


GRAPH = f"""procedure = "graphical"
{NAMES}weights = [1.0, 0.0, 0.0]
transitions = {{ pfs_milestone = {{ os_logrank = 0.5, lc_cif = 0.5 }} }}"""

# what the block says | code | the place
FAULTS = [
    (f'procedure = "bonferoni"\n{NAMES}', "protocol-literal-error", "multiplicity.procedure"),
    ('procedure = "holm"\nanalyses = ["pfs_milestone"]', "protocol-too-short",
     "multiplicity.analyses"),
    ('procedure = "holm"\nanalyses = ["pfs_milestone", "os_lograng"]', "unknown-analysis",
     "multiplicity.analyses[1]"),
    ('procedure = "holm"\nanalyses = ["pfs_milestone", "pfs_milestone"]', "name-twice",
     "multiplicity.analyses"),
    ('procedure = "holm"\nanalyses = ["pfs_milestone", "os_median"]', "no-test",
     "multiplicity.analyses[1]"),
    ('procedure = "holm"\nanalyses = ["os_cox", "os_logrank"]', "family-without-alpha",
     "multiplicity.analyses"),
    (f'procedure = "hochberg"\n{NAMES}weights = [1.0, 0.0, 0.0]', "weights-not-used",
     "multiplicity.weights"),
    (f'procedure = "holm"\n{NAMES}weights = [0.6, 0.6, 0.6]', "weights-do-not-fit",
     "multiplicity.weights"),
    (f'procedure = "holm"\n{NAMES}weights = [0.6]', "weights-do-not-fit", "multiplicity.weights"),
    (f'procedure = "graphical"\n{NAMES}', "transitions-do-not-fit", "multiplicity.transitions"),
    (GRAPH.replace("os_logrank = 0.5", "os_cox = 0.5"), "unknown-analysis",
     "multiplicity.transitions.pfs_milestone"),
    (GRAPH.replace("lc_cif = 0.5", "lc_cif = 0.6"), "transitions-do-not-fit",
     "multiplicity.transitions.pfs_milestone"),
    (GRAPH.replace("{ os_logrank = 0.5,", "{ pfs_milestone = 0.5,"), "transitions-do-not-fit",
     "multiplicity.transitions.pfs_milestone"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "code", "place"), FAULTS)
def test_a_family_that_cannot_hold_the_level_is_told(said: str, code: str, place: str) -> None:
    parsed = planted(said)
    assert parsed.protocol is None
    told = [problem for problem in parsed.problems if problem.code == code]
    assert f"{TRIAL}: {place}" in [problem.where for problem in told], [
        str(problem) for problem in parsed.problems
    ]
    assert all(problem.message and problem.mend for problem in told)


def test_a_family_is_part_of_the_text_and_a_trial_without_keeps_its_fingerprint() -> None:
    trial, family = shipped_protocol(), sound(GRAPH)
    assert family.multiplicity is not None
    assert family.multiplicity.transitions["pfs_milestone"]["lc_cif"] == 0.5
    assert trial.multiplicity is None
    assert "multiplicity" not in trial.model_dump(mode="json")
    assert fingerprint(family) != fingerprint(trial)
    (change,) = diff(trial, new=family)
    assert change.part == "multiplicity"
    moved = sound(GRAPH.replace("0.5, lc_cif = 0.5", "0.4, lc_cif = 0.6"))
    assert fingerprint(moved) != fingerprint(family)
    assert len(diff(family, new=moved)) == 2
