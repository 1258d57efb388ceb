"""Figures of single analyses beside the curves: what lies behind their numbers."""

from collections.abc import Iterator, Sequence

from equipoise.analysis.result import Result
from equipoise.protocol.endpoint_model import Analysis, Endpoint
from equipoise.report.facts import Facts
from equipoise.report.figures.arm_rows import list_comparisons
from equipoise.report.figures.course_of_ratio import CourseLook, course_of, render_course
from equipoise.report.figures.forest import ForestLook, ForestRow, render_forest
from equipoise.report.figures.restricted_mean import render_restricted_mean
from equipoise.report.figures.stacked_incidence import StackLook, render_stacked_incidence
from equipoise.report.figures.steps import Look
from equipoise.report.figures.tipping import TippingLook, render_tipping_point
from equipoise.report.page import Figure
from equipoise.report.tables.outcome import Planned
from equipoise.report.wording import MEASURES, capital, join_words, small, write_p

FEWEST_ROWS = 3
MEAN = (
    "Restricted mean: the area between the curves up to the vertical line is the difference; its "
    "tone is that of the arm whose curve is higher."
)
COURSE = (
    "Does the hazard ratio stay the same? Each point is an event (scaled Schoenfeld residual plus "
    "log hazard ratio); the line smooths them, the band is its pointwise 95% confidence band. "
    "Months stand on the Kaplan-Meier scale. Level: the ratio is constant."
)
STACKED = (
    "Cumulative incidence stacked, an arm a panel: full tone had the event, hatched had what "
    "competes first, white neither (Aalen-Johansen)."
)
STATES = (
    "States stacked, an arm a panel: full tone alive with the event, hatched dead, white free of "
    "the event (Aalen-Johansen)."
)
TIPPING = (
    "Those censored early completed by imputation, with a hazard that rises by the factor below: "
    "estimate with 95% confidence interval."
)
WITHOUT_A_SITE = "The comparison of all patients, and without each site in turn. Counts: events/n."
SIDE_BY_SIDE = "The primary and the sensitivity analyses side by side. Counts: events/n."


def origin_of(facts: Facts, *, endpoint: Endpoint) -> str:
    """From when the times of an endpoint are counted, in words."""
    return next((a.label for a in facts.protocol.anchor if a.id == endpoint.origin), "the start")


def name_figures(figures: Sequence[Figure]) -> str:
    """What the figures of single analyses show, in a few words."""
    return join_words([_KINDS[figure.id.split("-", 1)[0]] for figure in figures])


def build_method_figures(
    facts: Facts, *, endpoint: Endpoint, planned: Planned
) -> tuple[Figure, ...]:
    """The restricted mean, the course of the hazard ratio and the stacked incidence, if planned.

    The first analysis of each kind that is no sensitivity analysis is drawn.
    """
    found = []
    for method, draw in _DRAWN:
        own = [r for a, r in planned if a.method == method and a.role in _MAIN]
        found += [draw(facts, endpoint, own[0])] if own else []
    return tuple(figure for figure in found if figure.svg)


_KINDS = {
    "mean": "the restricted mean",
    "course": "the hazard ratio over time",
    "stacked": "the event and what competes with it",
    "states": "who is in which state",
}
_MAIN = frozenset({"primary", "secondary", "supportive"})


def _x_label(facts: Facts, endpoint: Endpoint, result: Result) -> str:
    return f"{capital(result.time_unit)} since {origin_of(facts, endpoint=endpoint)}"


def _draw_mean(facts: Facts, endpoint: Endpoint, result: Result) -> Figure:
    look = Look(
        figure_id=f"figure-mean-{endpoint.id}",
        title=f"{endpoint.label}: restricted mean by arm",
        x_label=_x_label(facts, endpoint, result),
        y_label=endpoint.label,
        labels=facts.labels,
        short=facts.short,
    )
    drawn = bool(result.curves) and bool(list_comparisons(result))
    svg = render_restricted_mean(result, look=look) if drawn else ""
    return Figure(id=f"mean-{endpoint.id}", caption=f"{endpoint.label}. {MEAN}", svg=svg)


def _draw_course(facts: Facts, endpoint: Endpoint, result: Result) -> Figure:
    low, high = _sides(facts)
    look = CourseLook(
        figure_id=f"figure-course-{endpoint.id}",
        title=f"{endpoint.label}: the hazard ratio over time",
        x_label=_x_label(facts, endpoint, result),
        favours_low=low,
        favours_high=high,
    )
    svg = render_course(result, look=look) if course_of(result) is not None else ""
    return Figure(id=f"course-{endpoint.id}", caption=f"{endpoint.label}. {COURSE}", svg=svg)


def _sides(facts: Facts) -> tuple[str, str]:
    """Whom a low and a high hazard ratio favour."""
    if len(facts.arms) != 2:
        return "", ""
    reference, other = facts.arms
    return f"favours {other.short}", f"favours {reference.short}"


def _draw_stacked(facts: Facts, endpoint: Endpoint, result: Result) -> Figure:
    competing = join_words(list(dict.fromkeys(source.words for source in endpoint.competing)))
    look = StackLook(
        figure_id=f"figure-stacked-{endpoint.id}",
        title=f"{endpoint.label}: stacked cumulative incidence by arm",
        x_label=_x_label(facts, endpoint, result),
        layers=(endpoint.label, capital(competing or "competing event"), "Neither"),
        at=result.at,
        labels=facts.labels,
    )
    svg = render_stacked_incidence(result, look=look) if endpoint.competing else ""
    return Figure(id=f"stacked-{endpoint.id}", caption=f"{endpoint.label}. {STACKED}", svg=svg)


def _draw_states(facts: Facts, endpoint: Endpoint, result: Result) -> Figure:
    look = StackLook(
        figure_id=f"figure-states-{endpoint.id}",
        title=f"{endpoint.label}: who is in which state, by arm",
        x_label=_x_label(facts, endpoint, result),
        layers=("Alive with the event", "Dead", "Free of the event"),
        at=result.at,
        labels=facts.labels,
    )
    svg = render_stacked_incidence(result, look=look)
    return Figure(id=f"states-{endpoint.id}", caption=f"{endpoint.label}. {STATES}", svg=svg)


_DRAWN = (
    ("rmst", _draw_mean),
    ("cox", _draw_course),
    ("cumulative_incidence", _draw_stacked),
    ("illness_death", _draw_states),
)


def build_sensitivity_figures(
    facts: Facts, *, planned: Planned, names: Sequence[str]
) -> Iterator[Figure]:
    """Forests of the sensitivity analyses by measure, tipping points, and each site left out.

    `names` are those of the planned analyses in their rows.
    """
    pairs = list(zip(planned, names, strict=True))
    asked = [a.method for a, _ in planned if a.role == "sensitivity"]
    for method in dict.fromkeys(asked):
        same = [(pair, name) for pair, name in pairs if pair[0].method == method]
        if method == "tipping_point":
            for (analysis, result), _ in same:
                yield from _draw_tipping(facts, analysis, result)
        elif method == "leave_one_site_out":
            for (analysis, result), _ in same:
                yield from _draw_sites(facts, analysis, result)
        else:
            rows = [
                _row(name, result, level=int(a.role == "sensitivity")) for (a, result), name in same
            ]
            yield from _draw_rows(
                facts, name=f"side-by-side-{method}", rows=rows, like=same[0][0][1]
            )


def _row(label: str, result: Result, *, level: int) -> ForestRow:
    return ForestRow(
        label=label,
        level=level,
        counts=tuple(f"{arm.events}/{arm.n}" for arm in result.arms),
        events=sum(arm.events for arm in result.arms),
        estimate=result.estimate,
        p=write_p(result.p_value),
    )


def _draw_rows(
    facts: Facts, *, name: str, rows: Sequence[ForestRow], like: Result, of_sites: bool = False
) -> Iterator[Figure]:
    """The rows as a forest, if there are enough and the measure has a name."""
    told = [row for row in rows if row.estimate is not None and row.estimate.value is not None]
    if len(told) < FEWEST_ROWS or like.measure not in MEASURES:
        return
    low, high = _sides(facts)
    better_high = not like.measure.startswith("hazard")
    look = ForestLook(
        figure_id=f"figure-{name}",
        title=f"{MEASURES[like.measure]} by {'site left out' if of_sites else 'analysis'}",
        counts=tuple(facts.short.get(arm.arm, arm.arm) for arm in like.arms),
        favours_low=high if better_high else low,
        favours_high=low if better_high else high,
        p_heading="p",
        row_heading="Patients" if of_sites else "Analysis",
        measure=like.measure,
    )
    words = WITHOUT_A_SITE if of_sites else SIDE_BY_SIDE
    caption = f"{MEASURES[like.measure]}. {words}"
    yield Figure(id=name, caption=caption, svg=render_forest(rows, look=look))


def _draw_sites(facts: Facts, analysis: Analysis, result: Result) -> Iterator[Figure]:
    rows = [_row("All sites", result, level=0)]
    for part in result.parts:
        site = part.name.rsplit("/without ", 1)[-1]
        rows.append(_row(f"without site {site}", part, level=1))
    yield from _draw_rows(facts, name=f"sites-{analysis.id}", rows=rows, like=result, of_sites=True)


def _draw_tipping(facts: Facts, analysis: Analysis, result: Result) -> Iterator[Figure]:
    name = MEASURES.get(result.measure, result.measure)
    look = TippingLook(
        figure_id=f"figure-tipping-{analysis.id}",
        title=f"{name} by the hazard after a censoring",
        y_label=name,
    )
    svg = render_tipping_point(result, look=look)
    if svg:
        endpoint = facts.protocol.endpoint_named(analysis.endpoint)
        caption = f"{endpoint.label}: {small(name)}. {TIPPING}"
        yield Figure(id=f"tipping-{analysis.id}", caption=caption, svg=svg)
