"""Whether the second endpoint that a method names can be read beside that of the analysis."""

from collections.abc import Iterator

from equipoise.protocol.endpoint_model import Analysis, Convention, Endpoint, Source
from equipoise.protocol.methods.spec import MethodSpec, Second
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import check_known, problem
from equipoise.vocab.finding import Finding


def check_second(
    analysis: Analysis, *, protocol: Protocol, endpoint: Endpoint, place: str
) -> Iterator[Finding]:
    """A second endpoint of the same patients, kind and origin; for an end, one that ends all."""
    spec = analysis.spec
    fits = endpoint.kind in spec.kinds and endpoint.grain in spec.grains
    if spec.second is Second.NONE or not fits:
        return
    asked = str(analysis.options.get("second_endpoint", ""))
    if asked not in (fitting := _fitting(spec, analysis, protocol=protocol, endpoint=endpoint)):
        why = f"'{asked}' is none" if asked else "none is named"
        yield problem(
            f"{place}.options.second_endpoint",
            code="second-endpoint-does-not-fit",
            message=f"the method {spec.name} needs {_wanted(spec, endpoint)}; {why}",
            found=asked,
            mend=f"Write one of: {', '.join(fitting)}."
            if fitting
            else "Add such an [[endpoint]], or choose another method.",
        )
        return
    second = protocol.endpoint_named(asked)
    convention = str(analysis.options.get("second_convention", ""))
    where = f"{place}.options.second_convention"
    if second.convention or convention:
        known = [each.id for each in second.convention]
        yield from check_known(where, kind="convention", name=convention, known=known)
    if (asked, convention) == (endpoint.id, analysis.convention):
        yield problem(
            where,
            code="second-endpoint-same",
            message="an endpoint is compared with itself, read by the same convention",
            found=convention,
            mend="Name another convention, or another endpoint.",
        )


def _wanted(spec: MethodSpec, endpoint: Endpoint) -> str:
    same = f"a second time to event of each patient, counted from {endpoint.origin}"
    if spec.second is Second.END:
        return f"{same}, whose events end {endpoint.id} too, as death does"
    return same


def _fitting(
    spec: MethodSpec, analysis: Analysis, *, protocol: Protocol, endpoint: Endpoint
) -> list[str]:
    """The endpoints that may be named, the analysis' own where it has another convention."""
    return [
        each.id
        for each in protocol.endpoint
        if _counts_alike(each, endpoint)
        and (each.id != endpoint.id or (len(each.convention) > 1 and spec.second is not Second.END))
        and (spec.second is not Second.END or _ends(each, endpoint, named=analysis.convention))
    ]


def _counts_alike(one: Endpoint, other: Endpoint) -> bool:
    """Whether both are times of the same units, counted from the same day."""
    return not (one.reference_origin or other.reference_origin) and (
        (one.kind, one.grain, one.origin, one.landmark_days)
        == (other.kind, other.grain, other.origin, other.landmark_days)
    )


def _ends(end: Endpoint, endpoint: Endpoint, *, named: str) -> bool:
    """Whether each event of `end` is one of `endpoint`, or competes with them."""
    read = next((each for each in endpoint.convention if each.id == named), None)
    own = [_event(each) for each in (*_events(endpoint, read), *endpoint.competing)]
    return all(_event(each) in own for each in end.event)


def _events(endpoint: Endpoint, read: Convention | None) -> tuple[Source, ...]:
    return read.event if read is not None and read.event else endpoint.event


def _event(source: Source) -> tuple[str, str, str]:
    return source.frame, source.date, source.where
