"""The later sections: sensitivity, subgroups, harms, assessments, plan, and the way home."""

import polars as pl

from equipoise.analysis.result import Result
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.report.depth import list_courses
from equipoise.report.facts import (
    Facts,
    analyses_of,
    convention_of,
    name_arms,
    primary_analysis,
)
from equipoise.report.figures.forest import ForestLook, ForestRow, render_forest
from equipoise.report.figures.panels import ArmLook
from equipoise.report.figures.spider import render_spider
from equipoise.report.figures.swimmer import render_swimmer
from equipoise.report.figures.waterfall import render_waterfall
from equipoise.report.follow_up import list_follow_ups
from equipoise.report.method_figures import build_sensitivity_figures
from equipoise.report.page import Block, Figure, Fold, Section, Text
from equipoise.report.shell import Table
from equipoise.report.tables.adverse_events import build_sbrt_related, build_worst_grades
from equipoise.report.tables.event_rates import build_event_rates, build_special_interest
from equipoise.report.tables.exposure import build_later, build_sbrt, build_systemic
from equipoise.report.tables.listing import (
    build_counted,
    build_left_out,
    build_occurrence_listing,
    build_subjects,
    build_times_listing,
)
from equipoise.report.tables.plan import (
    build_analyses,
    build_eligibility,
    build_estimands,
    build_findings,
    build_sources,
)
from equipoise.report.tables.response import build_best_response, build_progression_pattern
from equipoise.report.tables.scans import build_scans
from equipoise.report.tables.sensitivity import build_rules, build_sensitivity, name_analysis
from equipoise.report.wording import write_p

WAY_HOME = (
    "Every number of this report is a function of the rows below. A row names the entries that "
    "decided it (subject/form/key); an entry is a row of the form's file in the trial folder, or a "
    "line of the ledger. The command “equipoise derive” prints the same rows from the same data."
)
WAY_TO_PAGES = (
    "Each row leads to the page of its subject: time line, every assessment and why, what each "
    "convention says, and the entries with their values."
)
WATERFALL = (
    "Best change of the sum of target lesions against baseline, a bar a patient, up to the first "
    "progression or new anticancer therapy. Dashed: −30 % and +20 %. Below each bar: best overall "
    "response without confirmation. A bar that ends in a tip goes on beyond the scale. In "
    "brackets: patients drawn, of those randomised; the others have no targets, or no complete "
    "sum in time."
)
SPIDER = (
    "Change of the sum of target lesions against baseline over time, a line a patient through each "
    "complete sum, also after progression. A mark stands at the first progression; where no sum "
    "was complete that day, at the height of the last one. Dashed: −30 % and +20 %. Lines beyond "
    "the scale run along its end. In brackets: patients drawn, of those randomised."
)
SWIMMER = (
    "Follow-up from randomisation to death or the last contact, a lane a patient, the longest "
    "first. Full tone: from the first to the last day of the trial's systemic therapy, pauses "
    "included. Response: without confirmation, from the first to progression or death, else the "
    "last adequate assessment."
)
NO_CHANGE = "Nobody has a sum of target lesions both at baseline and after it."
NO_SUBGROUP = "No subgroup is pre-specified, or none can be compared."


def build_sensitivity_section(facts: Facts) -> Section:
    """The conventions of the primary endpoint side by side: results, then rules."""
    endpoint = facts.protocol.endpoint_named(primary_analysis(facts.protocol).endpoint)
    planned = analyses_of(facts, endpoint=endpoint.id)
    names = [name_analysis(facts, endpoint=endpoint, planned=pair) for pair in planned]
    drawn = build_sensitivity_figures(facts, planned=planned, names=names)
    blocks: list[Block] = [build_sensitivity(facts, endpoint=endpoint), *drawn]
    if endpoint.convention:
        blocks.append(Fold(summary="The rules of each convention", blocks=(build_rules(endpoint),)))
    return Section(id="sensitivity-analyses", title="Sensitivity analyses", blocks=tuple(blocks))


def build_forest_section(facts: Facts) -> Section:
    """The pre-specified subgroups as a forest with interaction tests."""
    rows = list_forest_rows(facts)
    if not rows:
        return Section(id="subgroups", title="Subgroups", blocks=(Text(words=NO_SUBGROUP),))
    reference, other = facts.arms[0], facts.arms[1]
    look = ForestLook(
        figure_id="forest",
        counts=(reference.short, other.short),
        favours_low=f"favours {other.short}",
        favours_high=f"favours {reference.short}",
    )
    endpoint = facts.protocol.endpoint_named(primary_analysis(facts.protocol).endpoint)
    caption = (
        f"{endpoint.label}: hazard ratio by pre-specified subgroup (unstratified Cox model). "
        "Counts are events/patients. p: test of interaction; no test is made within a subgroup, "
        "and none is corrected for their number."
    )
    figure = Figure(id="forest-plot", caption=caption, svg=render_forest(rows, look=look))
    notes = tuple(
        dict.fromkeys(
            f"{_subgroup_label(facts, result)}: {word}"
            for result in facts.results.subgroups
            for word in result.warnings
        )
    )
    blocks: tuple[Block, ...] = (figure,)
    if notes:
        words = name_arms(facts, words=f"Note: {'; '.join(notes)}.")
        blocks = (figure, Text(words=words, tone="note"))
    return Section(id="subgroups", title="Pre-specified subgroups", blocks=blocks)


def list_forest_rows(facts: Facts) -> list[ForestRow]:
    """All patients first, then each subgroup: a heading with the p of interaction, its levels."""
    overall = facts.results.overall
    rows = [] if overall is None else [_forest_row("All patients", overall, level=0)]
    subgroups = {each.id: each for each in facts.protocol.subgroup}
    for result in facts.results.subgroups:
        subgroup = subgroups.get(_subgroup_id(result))
        if subgroup is None:
            continue
        rows.append(ForestRow(label=subgroup.label, heading=True, p=write_p(result.p_value)))
        rows += [
            _forest_row(level.label, part, level=1)
            for level, part in zip(subgroup.level, result.parts, strict=True)
        ]
    return rows


def _subgroup_id(result: Result) -> str:
    return result.name.rsplit("/", 1)[-1]


def _subgroup_label(facts: Facts, result: Result) -> str:
    own = _subgroup_id(result)
    return next((each.label for each in facts.protocol.subgroup if each.id == own), own)


def _forest_row(label: str, result: Result, *, level: int) -> ForestRow:
    return ForestRow(
        label=label,
        level=level,
        counts=tuple(f"{arm.events}/{arm.n}" for arm in result.arms),
        events=sum(arm.events for arm in result.arms),
        estimate=result.estimate,
    )


def build_harms_section(facts: Facts) -> Section:
    """Adverse events by term: the common and severe ones, and all of them to unfold.

    Then those of special interest, those related to SBRT, and rates per patient-time.
    """
    main = build_worst_grades(facts, table_id="harms", every_term=False)
    every = build_worst_grades(facts, table_id="harms-all", every_term=True)
    fold = Fold(summary="Every term", blocks=(every,), appendix=True)
    rates = Fold(summary="Rates per patient-time", blocks=(build_event_rates(facts),))
    blocks = (main, fold, build_special_interest(facts), build_sbrt_related(facts), rates)
    return Section(id="harms-section", title="Harms", blocks=blocks)


def build_treatment_section(facts: Facts) -> Section:
    """Treatment as delivered, by arm."""
    blocks = (build_systemic(facts), build_sbrt(facts), build_later(facts))
    return Section(id="treatment", title="Treatment as delivered", blocks=blocks)


def build_scans_section(facts: Facts) -> Section:
    """Whether tumours were assessed at the same times in both arms."""
    words = (
        "Both arms have one imaging calendar, counted from randomisation. An imbalance of timing "
        "or missingness between the arms would bias progression-free survival."
    )
    return Section(
        id="assessments", title="Tumour assessments", blocks=(Text(words=words), build_scans(facts))
    )


def build_response_section(facts: Facts) -> Section:
    """How tumours responded, how deep and for how long, and where they first progressed."""
    look = _arm_look(facts)
    blocks = (
        build_best_response(facts),
        *build_depth_figures(facts, look=look),
        *_swimmer_figures(facts, look=look),
        build_progression_pattern(facts),
    )
    return Section(id="response", title="Tumour response and first progression", blocks=blocks)


def build_depth_figures(facts: Facts, *, look: ArmLook) -> tuple[Block, ...]:
    """Waterfall and spider figure; a sentence where nobody has a change to draw."""
    courses = list_courses(facts)
    drawn = (
        Figure(id="depth", caption=WATERFALL, svg=render_waterfall(courses, look=look)),
        Figure(id="changes", caption=SPIDER, svg=render_spider(courses, look=look)),
    )
    return tuple(figure for figure in drawn if figure.svg) or (Text(words=NO_CHANGE),)


def _swimmer_figures(facts: Facts, *, look: ArmLook) -> tuple[Block, ...]:
    svg = render_swimmer(list_follow_ups(facts), look=look)
    return (Figure(id="swimmers", caption=SWIMMER, svg=svg),) if svg else ()


def _arm_look(facts: Facts) -> ArmLook:
    randomised = facts.subjects.filter(pl.col("randomised_date").is_not_null())
    arms = randomised["allocated_arm"].to_list()
    counts = {code: arms.count(code) for code in facts.codes}
    return ArmLook(names=dict(facts.labels), sizes=counts)


def build_plan_section(facts: Facts) -> Section:
    """Estimands, planned analyses, eligibility, and where each setting comes from."""
    folds = (
        Fold(summary="Eligibility", blocks=(build_eligibility(facts),)),
        Fold(summary="Sources of the settings", blocks=(build_sources(facts.protocol),)),
    )
    blocks = (build_estimands(facts.protocol), build_analyses(facts.protocol), *folds)
    return Section(id="planned", title="What was planned", blocks=blocks)


def build_registry_section(facts: Facts) -> Section:
    """The findings in the registry record with their resolution."""
    registry = facts.protocol.registry
    words = (
        f"The registry record ({registry.id or 'no number yet'}) is kept word for word in the "
        "protocol. Where it is open or contradicts itself, the protocol resolves it as follows."
    )
    return Section(
        id="registry",
        title="The registry record",
        blocks=(Text(words=words), build_findings(facts.protocol)),
    )


def _list_rows(facts: Facts, endpoint: Endpoint) -> tuple[Table, ...]:
    if endpoint.kind == "occurrence":
        return (build_occurrence_listing(facts, endpoint=endpoint),)
    conventions = [each.id for each in endpoint.convention] or [""]
    return tuple(
        build_times_listing(facts, endpoint=endpoint, convention=convention)
        for convention in conventions
    )


def _left_out(facts: Facts) -> Block:
    """The entries that count for nothing, to unfold; a sentence where every entry was used."""
    table = build_left_out(facts)
    if not table.rows:
        return Text(words="Derivation left out no entry.")
    summary = f"{table.title} ({facts.left_out.height})"
    return Fold(summary=summary, blocks=(table,), appendix=True)


def build_home_section(facts: Facts) -> Section:
    """How each number is found again: rows of each analysis, and each row with its entries."""
    blocks: list[Block] = [Text(words=WAY_HOME), build_counted(facts), _left_out(facts)]
    if facts.pages:
        blocks.append(Text(words=WAY_TO_PAGES))
        primary = primary_analysis(facts.protocol)
        endpoint = facts.protocol.endpoint_named(primary.endpoint)
        convention = convention_of(endpoint, asked=primary.convention)
        table = build_subjects(facts, endpoint=endpoint, convention=convention)
        blocks.append(Fold(summary="Every subject with its page", blocks=(table,), appendix=True))
    for endpoint in facts.protocol.endpoint:
        blocks += [
            Fold(summary=f"Rows: {listing.title}", blocks=(listing,), appendix=True)
            for listing in _list_rows(facts, endpoint)
        ]
    return Section(id="home", title="How each number is found again", blocks=tuple(blocks))
