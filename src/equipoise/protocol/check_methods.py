"""Whether a planned analysis asks for what its method can do: a finding for each that it cannot."""

import difflib
from collections.abc import Iterator

from pydantic import ValidationError

from equipoise.protocol.check_second import check_second
from equipoise.protocol.covariates import covariate_scope
from equipoise.protocol.endpoint_model import SEEN_AT_ASSESSMENTS, Analysis, Endpoint
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.methods.spec import MethodSpec, Use
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import problem, tell_refusal
from equipoise.vocab.finding import Finding


def check_method(
    analysis: Analysis, *, protocol: Protocol, endpoint: Endpoint | None, place: str
) -> Iterator[Finding]:
    """Every problem between the method of an analysis and what is asked of it at `place`."""
    spec = METHODS.get(analysis.method)
    if spec is None:
        yield _unknown(analysis.method, place=place)
        return
    if endpoint is not None:
        yield from _check_endpoint(spec, endpoint, place=place)
        yield from _check_switch(spec, analysis, endpoint=endpoint, place=place)
    yield from _check_use(spec, analysis, place=place)
    yield from _check_strata(spec, analysis, protocol=protocol, place=place)
    yield from _check_covariates(spec, analysis, protocol=protocol, place=place)
    yield from _check_arms(spec, analysis, protocol=protocol, place=place)
    refused = tuple(check_options(spec, said=analysis.options, place=f"{place}.options"))
    yield from refused
    if endpoint is not None and not refused:
        yield from _check_clusters(analysis, endpoint, place=place)
        yield from check_second(analysis, protocol=protocol, endpoint=endpoint, place=place)


def _check_clusters(analysis: Analysis, endpoint: Endpoint, *, place: str) -> Iterator[Finding]:
    """What patients share, asked of an endpoint where each has one row, or over strata."""
    means = analysis.method == "rmst" and getattr(analysis.asked, "variance", "") == "clustered"
    if means and analysis.stratified:
        yield problem(
            f"{place}.stratified",
            code="strata-not-clustered",
            message="a restricted mean over strata takes rows as independent",
            found="true",
            mend="Remove this key, or write variance = 'model'.",
        )
    shared = getattr(analysis.asked, "cluster", "") == "patient"
    if shared and endpoint.grain == "subject":
        yield problem(
            f"{place}.options.cluster",
            code="clusters-missing",
            message=f"each patient has one row of {endpoint.id}: nothing is shared",
            found="patient",
            mend="Write cluster = 'site', or choose an endpoint of each lesion.",
        )


def check_options(spec: MethodSpec, *, said: dict[str, object], place: str) -> Iterator[Finding]:
    """Every option that the method does not have, or not with this value."""
    try:
        spec.options.model_validate(said)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            where = place
            for step in each["loc"]:
                where += f"[{step}]" if isinstance(step, int) else f".{step}"
            known = list(spec.options.model_fields)
            yield tell_refusal(each, place=where, keys=known, kind="option")


def _unknown(name: str, *, place: str) -> Finding:
    near = difflib.get_close_matches(name, list(METHODS), n=1)
    return problem(
        f"{place}.method",
        code="unknown-method",
        message=f"there is no method '{name}'",
        found=name,
        mend=f"Did you mean '{near[0]}'?" if near else f"Write one of: {', '.join(METHODS)}.",
    )


def _check_endpoint(spec: MethodSpec, endpoint: Endpoint, *, place: str) -> Iterator[Finding]:
    if endpoint.kind not in spec.kinds:
        yield problem(
            f"{place}.method",
            code="method-does-not-fit",
            message=f"the method {spec.name} does not fit a {endpoint.kind} endpoint",
            found=spec.name,
            mend=f"Choose a method that fits: {', '.join(_fitting(endpoint))}.",
        )
        return
    if endpoint.grain not in spec.grains:
        yield problem(
            f"{place}.method",
            code="grain-does-not-fit",
            message=f"the method {spec.name} does not fit an endpoint of each {endpoint.grain}",
            found=spec.name,
            mend=f"Choose a method that fits: {', '.join(_fitting(endpoint))}.",
        )
    if spec.competing and not endpoint.competing:
        yield problem(
            f"{place}.method",
            code="competing-missing",
            message=f"the method {spec.name} needs a competing event; {endpoint.id} has none",
            found=spec.name,
            mend=f"Add `competing` to endpoint {endpoint.id}, or choose a method without it.",
        )
    if spec.intervals and not has_intervals(endpoint):
        yield problem(
            f"{place}.method",
            code="intervals-missing",
            message=f"the method {spec.name} needs an event seen at assessments",
            found=spec.name,
            mend=f"Choose a method for exact times, or an event of: "
            f"{', '.join(SEEN_AT_ASSESSMENTS)}.",
        )


def _check_switch(
    spec: MethodSpec, analysis: Analysis, *, endpoint: Endpoint, place: str
) -> Iterator[Finding]:
    """The event of crossing over is one that the endpoint names, and whose dates are entered."""
    if not spec.switch:
        return
    known = [each.event for each in endpoint.estimand.intercurrent if each.source]
    event = analysis.options.get("event", "")
    if event not in known:
        yield problem(
            f"{place}.options.event",
            code="event-not-intercurrent",
            message=f"the method {spec.name} needs an intercurrent event of {endpoint.id} with a "
            "source",
            found=event,
            mend=f"Write one of: {', '.join(known)}."
            if known
            else f"Add an intercurrent event with a source to the estimand of {endpoint.id}.",
        )


def _fitting(endpoint: Endpoint) -> list[str]:
    """The methods that an endpoint of this kind and grain may be analysed by."""
    return [
        name
        for name, spec in METHODS.items()
        if endpoint.kind in spec.kinds
        and endpoint.grain in spec.grains
        and (endpoint.competing or not spec.competing)
        and (has_intervals(endpoint) or not spec.intervals)
    ]


def has_intervals(endpoint: Endpoint) -> bool:
    """Whether an event of the endpoint is seen at assessments: it happened between two of them."""
    sources = [*endpoint.event, *(each for c in endpoint.convention for each in c.event)]
    return any(source.frame in SEEN_AT_ASSESSMENTS for source in sources)


def _check_use(spec: MethodSpec, analysis: Analysis, *, place: str) -> Iterator[Finding]:
    """What must be said and is not, and what is said though the method does nothing with it."""
    for key, use, said, example in (
        ("at_months", spec.times, bool(analysis.at_months), "at_months = [12]"),
        ("stratified", spec.strata, analysis.stratified, "stratified = true"),
        ("covariates", spec.covariates, bool(analysis.covariates), 'covariates = ["..."]'),
    ):
        name = {"at_months": "times", "stratified": "strata"}.get(key, key)
        if use is Use.MUST and not said:
            yield problem(
                f"{place}.{key}",
                code=f"{name}-missing",
                message=f"the method {spec.name} needs {key}",
                mend=f"Write {example}.",
            )
        if use is Use.NEVER and said:
            yield problem(
                f"{place}.{key}",
                code=f"{name}-not-used",
                message=f"the method {spec.name} does nothing with {key}",
                found=str(getattr(analysis, key)),
                mend="Remove this key, or choose a method that uses it.",
            )


def _check_strata(
    spec: MethodSpec, analysis: Analysis, *, protocol: Protocol, place: str
) -> Iterator[Finding]:
    if analysis.stratified and spec.strata in (Use.MAY, Use.MUST) and not protocol.stratum:
        yield problem(
            f"{place}.stratified",
            code="no-strata",
            message="the protocol has no [[stratum]] to stratify by",
            found="true",
            mend="Add a [[stratum]], or remove this key.",
        )


def _check_covariates(
    spec: MethodSpec, analysis: Analysis, *, protocol: Protocol, place: str
) -> Iterator[Finding]:
    if spec.covariates not in (Use.MAY, Use.MUST):
        return
    known = covariate_scope(protocol)
    for number, name in enumerate(analysis.covariates):
        if name not in known:
            yield problem(
                f"{place}.covariates[{number}]",
                code="unknown-covariate",
                message=f"'{name}' is no stratum, subgroup or baseline variable with levels or "
                "numbers",
                found=name,
                mend=f"Write one of: {', '.join(known)}.",
            )
        elif name in analysis.covariates[:number]:
            yield problem(
                f"{place}.covariates[{number}]",
                code="name-twice",
                message=f"the covariate '{name}' stands twice",
                found=name,
                mend="Name it once.",
            )


def _check_arms(
    spec: MethodSpec, analysis: Analysis, *, protocol: Protocol, place: str
) -> Iterator[Finding]:
    arms = len(set(analysis.arms) or {arm.code for arm in protocol.arm})
    if arms < spec.least_arms:
        yield problem(
            f"{place}.arms" if analysis.arms else f"{place}.method",
            code="arms-missing",
            message=f"the method {spec.name} needs {spec.least_arms} arms; there are {arms}",
            found=str(arms),
            mend="Name more arms, or choose another method.",
        )
    scores = analysis.options.get("scores")
    if isinstance(scores, list) and scores and len(scores) != arms:
        yield problem(
            f"{place}.options.scores",
            code="scores-do-not-fit",
            message=f"there are {len(scores)} scores for {arms} arms",
            found=str(scores),
            mend="Write one number an arm, the reference first.",
        )
