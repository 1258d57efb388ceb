"""Cross-checks of the analysis plan: alpha, names, and whether each method can do what is asked."""

import math
from collections.abc import Iterator

from equipoise.protocol.check_endpoints import FILE
from equipoise.protocol.check_methods import check_method
from equipoise.protocol.endpoint_model import Analysis, Endpoint
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import check_known, check_unique, problem
from equipoise.vocab.finding import Finding


def check_plan(protocol: Protocol) -> Iterator[Finding]:
    """Every problem of the analysis plan, alpha included."""
    names = [analysis.id for analysis in protocol.analysis]
    yield from check_unique(f"{FILE}: analysis", kind="analysis", names=names)
    for analysis in protocol.analysis:
        yield from _check_analysis(protocol, analysis)
    spent = math.fsum(analysis.alpha for analysis in protocol.analysis)
    if not math.isclose(spent, protocol.design.alpha, abs_tol=1e-12):
        yield problem(
            f"{FILE}: analysis",
            code="alpha-does-not-add-up",
            message=f"the analyses spend alpha {spent:g}, the design has {protocol.design.alpha:g}",
            found=f"{spent:g}",
            mend="Make the alphas of the analyses add up to design.alpha.",
        )


def _check_analysis(protocol: Protocol, analysis: Analysis) -> Iterator[Finding]:
    place = f"{FILE}: analysis[{analysis.id}]"
    endpoints = {endpoint.id: endpoint for endpoint in protocol.endpoint}
    yield from check_known(
        f"{place}.endpoint", kind="endpoint", name=analysis.endpoint, known=endpoints
    )
    populations = [population.id for population in protocol.population]
    yield from check_known(
        f"{place}.population", kind="population", name=analysis.population, known=populations
    )
    for arm in analysis.arms:
        arms = [arm.code for arm in protocol.arm]
        yield from check_known(f"{place}.arms", kind="arm", name=arm, known=arms)
    endpoint = endpoints.get(analysis.endpoint)
    if endpoint is not None:
        yield from _check_reading(analysis, endpoint, place=place)
    yield from _check_once(protocol, analysis, place=place)
    yield from check_method(analysis, protocol=protocol, endpoint=endpoint, place=place)


def _check_once(protocol: Protocol, analysis: Analysis, *, place: str) -> Iterator[Finding]:
    """What decides is made in every rehearsed trial: else they would not tell what it is worth."""
    shared = protocol.multiplicity.analyses if protocol.multiplicity else ()
    if analysis.once and (analysis.alpha or analysis.id in shared):
        yield problem(
            f"{place}.once",
            code="once-decides",
            message="an analysis that spends alpha is made in every rehearsed trial",
            found="true",
            mend="Remove this key.",
        )


def _check_reading(analysis: Analysis, endpoint: Endpoint, *, place: str) -> Iterator[Finding]:
    """The convention and the window by which the endpoint is read."""
    if endpoint.convention or analysis.convention:
        known = [convention.id for convention in endpoint.convention]
        yield from check_known(
            f"{place}.convention", kind="convention", name=analysis.convention, known=known
        )
    if endpoint.kind == "occurrence" or analysis.window:
        known = [window.id for window in endpoint.window]
        yield from check_known(f"{place}.window", kind="window", name=analysis.window, known=known)
