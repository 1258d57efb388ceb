"""The page of a plan: question, answer, and its sections."""

from equipoise.protocol.fingerprint import fingerprint
from equipoise.report.page import Block, DesignPage, Figure, KeyFigure, Section, Text
from equipoise.report.plan.figures import (
    render_bounds,
    render_course,
    render_power_by_ratio,
    render_power_by_subjects,
)
from equipoise.report.plan.outlook import LooksTold, Outlook, TruthTold
from equipoise.report.plan.references import list_references
from equipoise.report.plan.sensitivity import (
    build_error_grid,
    build_methods,
    build_power_grid,
    build_size_grid,
)
from equipoise.report.plan.tables import (
    build_assumptions,
    build_chances,
    build_course,
    build_looks,
    build_powers,
)
from equipoise.report.plan.words import (
    percent,
    rule_words,
    say_arms,
    say_course_wording,
    say_formula,
    say_looks_wording,
    say_others,
    say_planned,
    say_power_wording,
    say_sides,
    say_size_wording,
)
from equipoise.report.wording import capital, count_of, small, write_percent


def build_design_page(outlook: Outlook, *, code_version: str) -> DesignPage:
    """The page of a plan as a value; the same outlook and version give the same page."""
    identity = outlook.protocol.identity
    digest = fingerprint(outlook.written)
    return DesignPage(
        trial=identity.acronym or identity.id,
        title=identity.title,
        subtitle="Design: size, power and course of the trial",
        question=_question(outlook),
        answer=_answer(outlook),
        caveats=_caveats(outlook),
        key_figures=_key_figures(outlook),
        sections=(
            Section(id="assumed", title="Assumptions", blocks=(build_assumptions(outlook),)),
            _size(outlook),
            _power(outlook),
            _looks(outlook.looks),
            _course(outlook),
            _sensitivity(outlook),
            _wording(outlook),
            _references(outlook),
        ),
        stamp_line=f"protocol {identity.version} {digest[:12]} · Equipoise {code_version}",
        stamp_lines=(
            ("Protocol", f"version {identity.version}, fingerprint {digest}"),
            *((("Assumed instead", others),) if (others := say_others(outlook)) else ()),
            ("Program", f"Equipoise {code_version}"),
            ("Chance", "none: every number is a formula, an integral or a root"),
        ),
    )


def _question(outlook: Outlook) -> str:
    endpoint = next(e.label for e in outlook.protocol.endpoint if e.role == "primary")
    reference, experimental = (small(arm.label) for arm in outlook.arms)
    return (
        f"How many patients show an effect of {experimental} over {reference} on "
        f"{small(endpoint)} at {outlook.at}, and what do they show if it is smaller?"
    )


def _answer(outlook: Outlook) -> str:
    size = outlook.size
    plan, rates, sized = size.plan, size.rates, size.sized
    arms = say_arms((sized.enrolled_reference, sized.enrolled_experimental), noun="")
    first = (
        f"{sized.enrolled} patients, {arms}, if {percent(plan.reference)} in the reference arm and "
        f"{percent(plan.experimental)} in the experimental arm reach {outlook.at} without the "
        f"event, for a power of {percent(rates.power)} at a {say_sides(rates.sides)} level of "
        f"{percent(rates.alpha)}. {say_planned(outlook)}"
    )
    weak = _list_weak(outlook)
    return f"{first} If the truth is another, their power is {_say_range(weak)}." if weak else first


def _list_weak(outlook: Outlook) -> list[TruthTold]:
    """The truths with an effect under which the power is less than wanted, the lowest first."""
    wanted = outlook.size.rates.power
    weak = [each for each in outlook.truths[1:] if each.has_effect]
    weak = [each for each in weak if each.row.milestone_power < wanted]
    return sorted(weak, key=lambda each: each.row.milestone_power)


def _say_range(weak: list[TruthTold]) -> str:
    """The lowest and the highest power, each with its truth."""
    ends = [
        f"{write_percent(each.row.milestone_power, digits=0)} ({each.truth.label}: hazard ratio "
        f"{each.row.hazard_ratio:.2f})"
        for each in (weak[0], weak[-1])
    ]
    return f"between {ends[0]} and {ends[1]}" if len(weak) > 1 else ends[0]


def _caveats(outlook: Outlook) -> tuple[str, ...]:
    ratio = outlook.truths[0].truth.hazard_ratio
    said = [f"the assumption is a hazard ratio of {ratio:.2f}"]
    if others := say_others(outlook):
        said.insert(0, f"the protocol assumes otherwise: asked for on this page were {others}")
    if outlook.looks is not None:
        said.append("the looks shown were asked for on this page and are no part of the protocol")
    return (*said, "powers are approximations for large samples")


def _key_figures(outlook: Outlook) -> tuple[KeyFigure, ...]:
    size, row, weak = outlook.size, outlook.truths[0].row, _list_weak(outlook)
    keys = [
        KeyFigure(
            name="Patients planned", value=str(size.planned),
            detail=f"{size.sized.evaluable} evaluable and {percent(size.plan.dropout)} who leave",
        ),
        KeyFigure(
            name="Power as assumed", value=write_percent(row.milestone_power, digits=0),
            detail=f"{percent(size.plan.reference)} against {percent(size.plan.experimental)}",
        ),
    ]  # fmt: skip
    if weak:
        value = write_percent(weak[0].row.milestone_power, digits=0)
        name = "Lowest power with an effect"
        keys.append(KeyFigure(name=name, value=value, detail=weak[0].truth.label))
    keys.append(
        KeyFigure(
            name="Primary analysis", value=f"month {size.study_months:.0f}",
            detail=f"last patient in month {size.accrual_months:.0f}, {row.events:.0f} events",
        )
    )  # fmt: skip
    return tuple(keys)


def _size(outlook: Outlook) -> Section:
    words, formula, numbers = say_formula(outlook)
    blocks: tuple[Block, ...] = (
        Text(words=words),
        Text(words=formula, tone="formula"),
        Text(words=f"{numbers} {say_planned(outlook)}"),
        build_methods(outlook),
    )
    return Section(id="size", title="Size", blocks=blocks)


def _power(outlook: Outlook) -> Section:
    blocks: list[Block] = []
    weak = _list_weak(outlook)
    if weak:
        words = (
            f"Under {count_of(len(weak), one='alternative')} of the protocol the planned patients "
            f"have less power than is wanted: {_say_range(weak)}. Where hazards are proportional "
            f"the log-rank test shows more than the comparison at {outlook.at}."
        )
        blocks.append(Text(words=words, tone="warning"))
    blocks += [
        build_powers(outlook),
        Figure(
            id="power-subjects",
            caption=f"Power of the comparison at {outlook.at} by the number of patients, a line a "
            "truth.",
            svg=render_power_by_subjects(outlook),
        ),
        Figure(
            id="power-ratio",
            caption=f"Power of the {outlook.size.planned} planned patients by the true hazard "
            "ratio, with the reference arm that is assumed. Circles: the truths of the table, by "
            f"the comparison at {outlook.at}, each with a reference arm of its own.",
            svg=render_power_by_ratio(outlook),
        ),
    ]
    return Section(id="power", title="Power if the truth is another", blocks=tuple(blocks))


def _looks(told: LooksTold | None) -> Section:
    if told is None:
        words = (
            "The protocol plans one analysis of the primary endpoint and no interim look at "
            "efficacy or futility: there are no bounds, and the whole error is spent at the end."
        )
        return Section(id="looks", title="Interim looks", blocks=(Text(words=words),))
    looks = told.looks
    plan = looks.design.plan
    words = (
        "Shown because they were asked for; the protocol plans none. Looks are counted in events, "
        f"and tested by the log-rank test. {count_of(plan.looks, one='look')}, efficacy by "
        f"{rule_words(plan.efficacy)}"
        + (f", futility by {rule_words(plan.futility)}" if plan.futility else ", no futility")
        + f". {looks.events:g} events at the last look, {looks.fixed_events:.1f} without looks. "
        f"{looks.expected_events(0.0):.1f} are expected without an effect and "
        f"{looks.expected_events(looks.design.drift):.1f} with it."
    )
    blocks: list[Block] = [Text(words=words)]
    blocks += [Text(words=f"{capital(each.message)}.", tone="warning") for each in told.findings]
    blocks += [
        Figure(
            id="bounds",
            caption="Bounds of the test statistic at each look, with the hazard ratio that stands "
            "on them. Beyond a bound, in the shaded areas, the trial may stop.",
            svg=render_bounds(told),
        ),
        build_looks(told),
        build_chances(told),
    ]
    return Section(id="looks", title="Interim looks", blocks=tuple(blocks))


def _course(outlook: Outlook) -> Section:
    words = (
        f"The last patient is expected in month {outlook.size.accrual_months:.1f}, the primary "
        f"analysis in month {outlook.size.study_months:.1f}. Events are those of both arms."
    )
    figure = Figure(
        id="course",
        caption="Patients randomised and events expected by month: as assumed, and under the "
        "truths of the table with the fewest and the most events.",
        svg=render_course(outlook),
    )
    blocks = (Text(words=words), figure, build_course(outlook))
    return Section(id="course-section", title="Expected course", blocks=blocks)


def _sensitivity(outlook: Outlook) -> Section:
    words = (
        "How the size, and the power of the patients planned, move with what is assumed. A star "
        "marks the assumption."
    )
    blocks = (
        Text(words=words),
        build_size_grid(outlook),
        build_power_grid(outlook),
        build_error_grid(outlook),
    )
    return Section(id="sensitivity", title="Sensitivity", blocks=blocks)


def _wording(outlook: Outlook) -> Section:
    said = (
        say_size_wording(outlook),
        say_power_wording(outlook),
        say_course_wording(outlook),
        say_looks_wording(outlook),
    )
    told = "To be copied into the protocol, and read again there."
    if outlook.others:
        told = "For a protocol with the assumptions that were asked for; this one has others."
    note = Text(words=told, tone="note")
    blocks = (note, *(Text(words=words, tone="quoted") for words in said if words))
    return Section(id="wording", title="Wording for the protocol", blocks=blocks)


def _references(outlook: Outlook) -> Section:
    blocks = tuple(Text(words=words, tone="reference") for words in list_references(outlook))
    return Section(id="references", title="References", blocks=blocks)
