"""Cross-checks of anchors, endpoints and populations."""

from collections.abc import Iterator

from equipoise.protocol.endpoint_model import (
    DERIVED_FRAMES,
    Convention,
    Endpoint,
    Source,
)
from equipoise.protocol.form_model import ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import check_known, check_text_rule, check_unique, problem
from equipoise.protocol.rules import check_rule
from equipoise.protocol.scope import frame_scope, subject_scope
from equipoise.vocab.finding import Finding

FILE = "trial.toml"
_DATES = (ItemType.DATE, ItemType.PARTIAL_DATE)


def check_anchors(protocol: Protocol) -> Iterator[Finding]:
    """Every problem of the anchors; the origin of the schedule is one of them."""
    names = [anchor.id for anchor in protocol.anchor]
    yield from check_unique(f"{FILE}: anchor", kind="anchor", names=names)
    yield from check_known(
        f"{FILE}: schedule.origin", kind="anchor", name=protocol.schedule.origin, known=names
    )
    for anchor in protocol.anchor:
        for number, source in enumerate(anchor.source):
            place = f"{FILE}: anchor[{anchor.id}].source[{number}]"
            yield from _check_source(protocol, source, place=place)


def check_endpoints(protocol: Protocol) -> Iterator[Finding]:
    """Every problem of the endpoints."""
    names = [endpoint.id for endpoint in protocol.endpoint]
    yield from check_unique(f"{FILE}: endpoint", kind="endpoint", names=names)
    if [endpoint.role for endpoint in protocol.endpoint].count("primary") != 1:
        yield problem(
            f"{FILE}: endpoint",
            code="primary-endpoint",
            message="expected exactly one primary endpoint",
            mend="Give one endpoint the role 'primary'.",
        )
    for endpoint in protocol.endpoint:
        yield from _check_endpoint(protocol, endpoint)


def check_populations(protocol: Protocol) -> Iterator[Finding]:
    """Every problem of the populations."""
    names = [population.id for population in protocol.population]
    yield from check_unique(f"{FILE}: population", kind="population", names=names)
    scope = subject_scope(protocol)
    for population in protocol.population:
        complaints = check_rule(population.rule, scope=scope)
        place = f"{FILE}: population[{population.id}].rule"
        yield from check_text_rule(place, rule=population.rule, complaints=complaints)


def _check_endpoint(protocol: Protocol, endpoint: Endpoint) -> Iterator[Finding]:
    place = f"{FILE}: endpoint[{endpoint.id}]"
    anchors = [anchor.id for anchor in protocol.anchor]
    for key, name in (("origin", endpoint.origin), ("reference_origin", endpoint.reference_origin)):
        if name:
            yield from check_known(f"{place}.{key}", kind="anchor", name=name, known=anchors)
    for key in ("event", "competing", "censor", "switch"):
        for number, source in enumerate(getattr(endpoint, key)):
            yield from _check_source(protocol, source, place=f"{place}.{key}[{number}]")
    yield from _check_intercurrent(protocol, endpoint, place=f"{place}.estimand.intercurrent")
    yield from _check_conventions(protocol, endpoint, place=place)
    windows = [window.id for window in endpoint.window]
    yield from check_unique(f"{place}.window", kind="window", names=windows)
    for window in endpoint.window:
        if window.from_day > window.to_day:
            yield problem(
                f"{place}.window[{window.id}]",
                code="window-backwards",
                message="the window ends before it starts",
                found=f"{window.from_day} to {window.to_day}",
                mend="Swap the days.",
            )
    if endpoint.kind == "occurrence" and not endpoint.window:
        yield problem(
            place,
            code="window-missing",
            message="an occurrence endpoint without a window",
            mend="Add at least one window.",
        )
    if endpoint.kind == "time_to_event" and not endpoint.censor:
        yield problem(
            place,
            code="censor-missing",
            message="a time-to-event endpoint without censor source",
            mend="Say with which date a subject without event is censored.",
        )


def _check_intercurrent(protocol: Protocol, endpoint: Endpoint, *, place: str) -> Iterator[Finding]:
    for event in endpoint.estimand.intercurrent:
        for number, source in enumerate(event.source):
            inner = f"{place}[{event.event}].source[{number}]"
            yield from _check_source(protocol, source, place=inner)


def _check_conventions(protocol: Protocol, endpoint: Endpoint, *, place: str) -> Iterator[Finding]:
    conventions: tuple[Convention, ...] = endpoint.convention
    yield from check_unique(
        f"{place}.convention", kind="convention", names=[c.id for c in conventions]
    )
    if conventions and [c.role for c in conventions].count("primary") != 1:
        yield problem(
            f"{place}.convention",
            code="primary-convention",
            message="expected exactly one primary convention",
            mend="Give one convention the role 'primary'.",
        )
    for place_in_order, convention in enumerate(conventions):
        inner = f"{place}.convention[{convention.id}]"
        if convention.based_on:
            earlier = [c.id for c in conventions[:place_in_order]]
            yield from check_known(
                f"{inner}.based_on", kind="convention", name=convention.based_on, known=earlier
            )
        for key in ("event", "censor", "switch"):
            for number, source in enumerate(getattr(convention, key)):
                yield from _check_source(protocol, source, place=f"{inner}.{key}[{number}]")
        if convention.new_therapy == "censor" and not (convention.switch or endpoint.switch):
            yield problem(
                f"{inner}.new_therapy",
                code="switch-missing",
                message="new therapy censors, but the endpoint names no switch source",
                mend="Add a switch source to the endpoint.",
            )


def _check_source(protocol: Protocol, source: Source, *, place: str) -> Iterator[Finding]:
    scope = frame_scope(protocol, frame=source.frame)
    if scope is None:
        known = [*DERIVED_FRAMES, *(form.form for form in protocol.form)]
        yield from check_known(
            f"{place}.frame", kind="form or frame", name=source.frame, known=known
        )
        return
    yield from check_known(f"{place}.date", kind="item", name=source.date, known=scope)
    if source.date in scope and scope[source.date].type not in _DATES:
        yield problem(
            f"{place}.date",
            code="not-a-date",
            message=f"'{source.date}' is no date",
            found=scope[source.date].type.value,
            mend="Name a date.",
        )
    if source.where:
        complaints = check_rule(source.where, scope=scope)
        yield from check_text_rule(f"{place}.where", rule=source.where, complaints=complaints)
