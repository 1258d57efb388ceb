"""Cross-checks of the multiplicity of a plan: whether its procedure can hold the level."""

import math
from collections.abc import Iterator

from equipoise.protocol.check_endpoints import FILE
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.model import Protocol
from equipoise.protocol.multiplicity_model import Multiplicity
from equipoise.protocol.problems import check_known, check_unique, problem
from equipoise.vocab.finding import Finding

_PLACE = f"{FILE}: multiplicity"
_WEIGHTED = ("holm", "fallback", "graphical")
_ROUNDING = 1e-12


def check_multiplicity(protocol: Protocol) -> Iterator[Finding]:
    """Every problem of the family of tests."""
    family = protocol.multiplicity
    if family is None:
        return
    planned = {analysis.id: analysis for analysis in protocol.analysis}
    yield from check_unique(f"{_PLACE}.analyses", kind="analysis", names=family.analyses)
    for number, name in enumerate(family.analyses):
        place = f"{_PLACE}.analyses[{number}]"
        yield from check_known(place, kind="analysis", name=name, known=planned)
        spec = METHODS.get(planned[name].method) if name in planned else None
        if spec is not None and not spec.tests:
            yield problem(
                place,
                code="no-test",
                message=f"the analysis '{name}' has no p value",
                found=planned[name].method,
                mend="Name analyses that test.",
            )
    alpha = math.fsum(planned[name].alpha for name in family.analyses if name in planned)
    if alpha <= 0:
        yield problem(
            f"{_PLACE}.analyses",
            code="family-without-alpha",
            message="none of the analyses of the family has an alpha to share",
            mend="Give the first of them the alpha of the family.",
        )
    yield from _check_weights(family)
    yield from _check_transitions(family)


def _check_weights(family: Multiplicity) -> Iterator[Finding]:
    weights = family.weights
    if weights and family.procedure not in _WEIGHTED:
        yield problem(
            f"{_PLACE}.weights",
            code="weights-not-used",
            message=f"the procedure {family.procedure} does nothing with weights",
            found=str(list(weights)),
            mend="Remove this key, or choose holm, fallback or graphical.",
        )
    outside = any(not 0 <= weight <= 1 for weight in weights)
    if weights and (
        len(weights) != len(family.analyses) or outside or sum(weights) > 1 + _ROUNDING
    ):
        yield problem(
            f"{_PLACE}.weights",
            code="weights-do-not-fit",
            message="weights are one an analysis, from 0 to 1, and together at most 1",
            found=str(list(weights)),
            mend=f"Write {len(family.analyses)} numbers.",
        )


def _check_transitions(family: Multiplicity) -> Iterator[Finding]:
    graphical = family.procedure == "graphical"
    if graphical is not bool(family.transitions):
        yield problem(
            f"{_PLACE}.transitions",
            code="transitions-do-not-fit",
            message="transitions are for the graphical procedure, which needs them",
            found=family.procedure,
            mend="Write transitions = { first = { second = 1.0 } }, or another procedure.",
        )
    for origin, parts in family.transitions.items():
        place = f"{_PLACE}.transitions.{origin}"
        for name in (origin, *parts):
            yield from check_known(place, kind="analysis", name=name, known=family.analyses)
        outside = any(not 0 <= part <= 1 for part in parts.values())
        if outside or sum(parts.values()) > 1 + _ROUNDING or origin in parts:
            yield problem(
                place,
                code="transitions-do-not-fit",
                message="parts lie from 0 to 1, sum to 1 at most, and none goes to itself",
                found=str(parts),
                mend="Share at most the whole weight among the others.",
            )
