"""What each convention says of each time-to-event endpoint, and how they differ."""

from collections.abc import Iterator

from equipoise.protocol.endpoint_model import Convention, Endpoint
from equipoise.report.story.material import Material, Row
from equipoise.report.story.values import Verdict
from equipoise.report.wording import count_of

ENDED = {0: "censored", 1: "event", 2: "competing event"}
NOT_AT_RISK = "not at risk"
REFERENCE = "reference"  # the clock that stands in where an arm never has the origin (LC-4)


def tell_verdicts(material: Material, *, subject: str) -> tuple[Verdict, ...]:
    """The verdicts in the order of endpoints, lesions and conventions, the primary one first."""
    rows = material.rows("times", subject=subject)
    return tuple(
        verdict
        for endpoint in material.protocol.endpoint
        for verdict in _of_endpoint(
            material, endpoint=endpoint, rows=[r for r in rows if r["endpoint"] == endpoint.id]
        )
    )


def primary_of(verdicts: tuple[Verdict, ...], *, endpoint: str) -> tuple[Verdict, ...]:
    """The verdicts of an endpoint by its primary convention, one a lesion where it has lesions."""
    own = [verdict for verdict in verdicts if verdict.endpoint == endpoint]
    return tuple(verdict for verdict in own if verdict.role == "primary")


def others_of(verdicts: tuple[Verdict, ...], *, endpoint: str) -> tuple[Verdict, ...]:
    """The verdicts of an endpoint by every other convention."""
    own = [verdict for verdict in verdicts if verdict.endpoint == endpoint]
    return tuple(verdict for verdict in own if verdict.role != "primary")


def _of_endpoint(material: Material, *, endpoint: Endpoint, rows: list[Row]) -> Iterator[Verdict]:
    ranked = sorted(endpoint.convention, key=lambda convention: convention.role != "primary")
    known = {convention.id: convention for convention in ranked}
    order = {name: place for place, name in enumerate(known)}
    ordered = sorted(
        rows, key=lambda row: (row["lesion"], order.get(row["convention"], -1), row["convention"])
    )
    first: dict[str, Row] = {}
    for row in ordered:
        usual = first.setdefault(row["lesion"], row)
        yield _tell(
            material,
            endpoint=endpoint,
            convention=known.get(row["convention"]),
            row=row,
            usual=None if usual is row else usual,
        )


def _tell(
    material: Material,
    *,
    endpoint: Endpoint,
    convention: Convention | None,
    row: Row,
    usual: Row | None,
) -> Verdict:
    anchors = {anchor.id: anchor.label for anchor in material.protocol.anchor}
    named = row["convention"] or ""
    stands_in = named == REFERENCE and bool(endpoint.reference_origin)
    origin = endpoint.reference_origin if stands_in else endpoint.origin
    own = f"clock of the reference arm ({anchors.get(origin, origin)})" if stands_in else named
    return Verdict(
        endpoint=endpoint.id,
        endpoint_label=endpoint.label,
        convention=named,
        convention_label=convention.label if convention else own,
        role="primary" if usual is None else (convention.role if convention else "sensitivity"),
        lesion=row["lesion"] or "",
        origin=anchors.get(origin, origin),
        start_date=row["start_date"],
        end_date=row["end_date"],
        days=row["days"],
        ended=ENDED.get(row["cause"], NOT_AT_RISK),
        rule=row["rule"] or "",
        words=row["words"] or "",
        compared="" if usual is None else _compare(row, usual=usual),
        row=row["row"],
        entries=tuple(row["entries"] or ()),
    )


def _compare(row: Row, *, usual: Row) -> str:
    """How a time differs from that of the primary convention: `the same`, `84 days earlier`."""
    ended, before = ENDED.get(row["cause"], NOT_AT_RISK), ENDED.get(usual["cause"], NOT_AT_RISK)
    told = [] if ended == before else [f"{ended} instead of {before}"]
    if row["days"] is not None and usual["days"] is not None and row["days"] != usual["days"]:
        gap = row["days"] - usual["days"]
        told.append(f"{count_of(abs(gap), one='day')} {'later' if gap > 0 else 'earlier'}")
    return ", ".join(told) or "the same"
