"""Cross-checks of the groups of adverse events of special interest."""

from collections.abc import Iterator

from equipoise.protocol.check_endpoints import FILE
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import check_unique, problem
from equipoise.vocab.ctcae import read_ctcae
from equipoise.vocab.finding import Finding
from equipoise.vocab.term_suggestions import suggest_terms


def check_special_interest(protocol: Protocol) -> Iterator[Finding]:
    """Every problem of `[[aesi]]`: a name that stands twice, a term that CTCAE v5.0 lacks."""
    names = [group.id for group in protocol.aesi]
    yield from check_unique(f"{FILE}: aesi", kind="group of special interest", names=names)
    for group in protocol.aesi:
        place = f"{FILE}: aesi[{group.id}].term"
        yield from check_unique(place, kind="term", names=group.term)
        for term in group.term:
            if term not in read_ctcae():
                near = " or ".join(f"'{each.term}'" for each in suggest_terms(term))
                yield problem(
                    place,
                    code="unknown-term",
                    message=f"CTCAE v5.0 has no term '{term}'",
                    found=term,
                    mend=f"Did you mean {near}?" if near else "Write a term of CTCAE v5.0.",
                )
