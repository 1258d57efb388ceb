"""A short plan on rehearsed trials that several tests read, drawn once a run."""

from dataclasses import replace
from functools import cache

from equipoise.design.answers import COMPARISON, Line
from equipoise.design.tallies import TrueValue
from equipoise.design.whole_protocol import Chunk, operate
from equipoise.protocol.model import Protocol
from equipoise.protocol.multiplicity_model import Multiplicity
from simulate.rehearsed import trial

PLAN = ("pfs_milestone", "pfs_cox", "pfs_median", "acute_risk", "os_milestone", "lc_sbrt_cif")
MILESTONE = Line(
    cut="DC1",
    analysis="pfs_milestone",
    name="pfs_milestone",
    of=COMPARISON,
    measure="survival_difference",
)
COX = replace(MILESTONE, analysis="pfs_cox", name="pfs_cox", measure="hazard_ratio")
TRUTH = {
    MILESTONE: TrueValue(value=0.1, standard_error=0.0, at=12.0),
    COX: TrueValue(value=-0.4, standard_error=0.0),
}


@cache
def short_plan() -> Protocol:
    """The reference trial with a few of its analyses, two of them a family."""
    kept = tuple(each for each in trial().analysis if each.id in PLAN)
    family = tuple(
        each.model_copy(update={"alpha": 0.025})
        if each.id in ("pfs_milestone", "pfs_cox")
        else each
        for each in kept
    )
    shared = Multiplicity(
        procedure="bonferroni", analyses=("pfs_milestone", "pfs_cox"), provenance="proposal"
    )
    return trial().model_copy(update={"analysis": family, "multiplicity": shared})


@cache
def operated(first: int, last: int) -> Chunk:
    return operate(short_plan(), scenario="S2", seed=7, trials=range(first, last), truth=TRUTH)
