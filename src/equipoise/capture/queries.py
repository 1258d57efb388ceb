"""The life of a query, and which queries the program opens and closes by itself.

A query that the program opens has the identity of its finding - entry, item, code - and never
that of the value found: it is opened once, however often the data are checked.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from equipoise.capture.lifecycle import Confirmation
from equipoise.capture.roles import Verb
from equipoise.vocab.finding import Finding, Severity


class QueryState(StrEnum):
    """How far a query has come; the value is how the database writes it."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


class WrongQueryStateError(Exception):
    """A deed that the state of the query does not allow; the message says what to do."""


LIFE: Mapping[tuple[QueryState, Verb], QueryState] = {
    (QueryState.OPEN, Verb.ANSWER_QUERY): QueryState.ANSWERED,
    (QueryState.OPEN, Verb.CLOSE_QUERY): QueryState.CLOSED,
    (QueryState.ANSWERED, Verb.CLOSE_QUERY): QueryState.CLOSED,
    (QueryState.ANSWERED, Verb.REOPEN_QUERY): QueryState.REOPENED,
    (QueryState.CLOSED, Verb.REOPEN_QUERY): QueryState.REOPENED,
    (QueryState.REOPENED, Verb.ANSWER_QUERY): QueryState.ANSWERED,
    (QueryState.REOPENED, Verb.CLOSE_QUERY): QueryState.CLOSED,
}
_REFUSED = {
    (QueryState.ANSWERED, Verb.ANSWER_QUERY): "the query is answered: wait until it is closed",
    (QueryState.CLOSED, Verb.ANSWER_QUERY): "the query is closed: have it reopened first",
    (QueryState.CLOSED, Verb.CLOSE_QUERY): "the query is closed already",
    (QueryState.OPEN, Verb.REOPEN_QUERY): "the query is open already",
    (QueryState.REOPENED, Verb.REOPEN_QUERY): "the query is open already",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryKey:
    """What a query of the program is about: the same finding is the same query."""

    entry: str
    item: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticQuery:
    """A query that the program opened: its state, what it found last, and who closed it."""

    key: QueryKey
    state: QueryState
    found: str
    closed_by_program: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryDeed:
    """What the program does to a query: open, reopen or close it; the words to write."""

    verb: Verb
    key: QueryKey
    subject: str
    found: str
    text: str
    severity: Severity = Severity.SOFT


def move_query(state: QueryState, *, verb: Verb) -> QueryState:
    """The state after the deed; WrongQueryStateError when the state does not allow it."""
    if (state, verb) in LIFE:
        return LIFE[state, verb]
    if (state, verb) not in _REFUSED:
        raise ValueError(f"'{verb}' is no deed on a query that is there")
    raise WrongQueryStateError(_REFUSED[state, verb])


def key_of(finding: Finding) -> QueryKey:
    """The identity of the query that a finding raises."""
    return QueryKey(entry=finding.entry, item=finding.item, code=finding.code)


def reconcile(
    findings: Iterable[Finding],
    *,
    queries: Iterable[AutomaticQuery],
    complete: Collection[str],
    confirmed: Mapping[str, Collection[Confirmation]],
) -> tuple[QueryDeed, ...]:
    """What the program does, so that its queries are those of the findings as they are now.

    `findings` are all of them, about entries (edit checks, consistency); `complete` names the
    entries that are complete or further: a draft is still being written, and is not asked about.
    `confirmed` holds the confirmations by entry: who confirmed has answered before he was asked.
    A finding that is gone closes its query; one that comes back reopens it. What a person closed
    stays closed as long as the value is the same; another value, still wrong, reopens it, and an
    answered one too. An open query is then opened anew: the same query, with what is found now.
    """
    asked = _by_key(findings, confirmed)
    known = {query.key: query for query in queries}
    deeds = [_close(known[key]) for key in known if key not in asked and _is_live(known[key])]
    for key, finding in asked.items():
        verb = _verb_for(finding, known.get(key))
        if verb is not None and key.entry in complete:
            deeds.append(_tell(verb, finding))
    return tuple(deeds)


def _by_key(
    findings: Iterable[Finding], confirmed: Mapping[str, Collection[Confirmation]]
) -> dict[QueryKey, Finding]:
    """One finding an identity; where several share one, the first, with all that was found."""
    asked: dict[QueryKey, list[Finding]] = {}
    for finding in findings:
        if finding.entry and not _is_confirmed(finding, confirmed.get(finding.entry, ())):
            asked.setdefault(key_of(finding), []).append(finding)
    return {key: _joined(each) for key, each in asked.items()}


def _joined(findings: list[Finding]) -> Finding:
    found = sorted({finding.found for finding in findings if finding.found})
    return replace(findings[0], found="; ".join(found))


def _is_confirmed(finding: Finding, confirmations: Collection[Confirmation]) -> bool:
    said = (finding.code, finding.item, finding.found)
    soft = finding.severity is Severity.SOFT
    return soft and any(said == (c.code, c.item, c.found) for c in confirmations)


def _is_live(query: AutomaticQuery) -> bool:
    return query.state is not QueryState.CLOSED


def _verb_for(finding: Finding, query: AutomaticQuery | None) -> Verb | None:
    if query is None:
        return Verb.OPEN_QUERY
    other = query.found != finding.found
    match query.state:
        case QueryState.CLOSED:
            return Verb.REOPEN_QUERY if other or query.closed_by_program else None
        case QueryState.ANSWERED:
            return Verb.REOPEN_QUERY if other else None
        case _:
            return Verb.OPEN_QUERY if other else None


def _tell(verb: Verb, finding: Finding) -> QueryDeed:
    return QueryDeed(
        verb=verb,
        key=key_of(finding),
        subject=finding.subject,
        found=finding.found,
        text=f"{finding.message} {finding.mend}".strip(),
        severity=finding.severity,
    )


def _close(query: AutomaticQuery) -> QueryDeed:
    return QueryDeed(
        verb=Verb.CLOSE_QUERY,
        key=query.key,
        subject=query.key.entry.partition("/")[0],
        found=query.found,
        text="The finding is gone.",
    )
