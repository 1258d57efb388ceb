"""The report has every section that a reader asks for, each marked by what it may say."""

from dataclasses import replace

from equipoise.analysis.result import Estimate
from equipoise.report.build import SECTIONS, build, build_from
from equipoise.report.facts import (
    Facts,
    convention_of,
    earlier_cut,
    name_arms,
    planned_cut,
    population_of,
    primary_analysis,
)
from equipoise.report.further_sections import (
    NO_SUBGROUP,
    build_forest_section,
    list_forest_rows,
)
from equipoise.report.page import (
    Figure,
    Fold,
    Heading,
    Report,
    Section,
    Text,
    blocks_of,
    number_blocks,
    plain_blocks,
)
from equipoise.report.sections import (
    ENDED,
    EXPLORED,
    FURTHER,
    NO_OTHER,
    build_endpoint_blocks,
    build_exploratory_section,
    build_secondary_section,
)
from equipoise.report.shell import Table
from report.trial_values import SmallTrial


def section_of(report: Report, name: str) -> Section:
    """The section with that id."""
    return next(section for section in report.sections if section.id == name)


def texts_of(section: Section, *, tone: str) -> list[str]:
    """The paragraphs of a section in one tone."""
    return [b.words for b in section.blocks if isinstance(b, Text) and b.tone == tone]


def test_the_sections_stand_in_the_order_of_a_reader(report: Report) -> None:
    assert [section.id for section in report.sections] == [
        "participants",
        "at-baseline",
        "primary",
        "sensitivity-analyses",
        "subgroups",
        "secondary",
        "response",
        "harms-section",
        "treatment",
        "assessments",
        "exploratory",
        "planned",
        "registry",
        "home",
    ]
    assert len(SECTIONS) == len(report.sections)


def test_every_endpoint_but_the_primary_has_a_heading(report: Report, facts: Facts) -> None:
    for name in ("secondary", "exploratory"):
        headings = [b.id for b in section_of(report, name).blocks if isinstance(b, Heading)]
        own = [e.id for e in facts.protocol.endpoint if e.role == name]
        assert headings == [f"endpoint-{each}" for each in own]


def test_of_exploratory_endpoints_only_the_table_stands_open(report: Report) -> None:
    blocks = section_of(report, "exploratory").blocks
    assert blocks[0] == Text(words=EXPLORED)
    assert not [block for block in blocks if isinstance(block, Figure)]
    folds = [block for block in blocks if isinstance(block, Fold)]
    assert {fold.summary for fold in folds} == {FURTHER, ENDED}
    inner = {block.id for block in plain_blocks(blocks) if isinstance(block, Figure | Table)}
    assert {"curves-ttnt", "outcome-ttnt", "endings-ttnt"} <= inner


def test_a_protocol_without_other_endpoints_says_so(facts: Facts) -> None:
    alone = tuple(each for each in facts.protocol.endpoint if each.role == "primary")
    bare = replace(facts, protocol=facts.protocol.model_copy(update={"endpoint": alone}))
    for build_section in (build_secondary_section, build_exploratory_section):
        assert build_section(bare).blocks == (Text(words=NO_OTHER),)


def test_overall_survival_before_its_cut_is_marked_immature(report: Report) -> None:
    warnings = texts_of(section_of(report, "secondary"), tone="warning")
    assert any(words.startswith("Immature. Overall survival is planned for") for words in warnings)
    assert not any("Local failure of index lesions" in words for words in warnings)


def test_overall_survival_at_its_cut_is_not_marked(facts: Facts) -> None:
    later = build_from(replace(facts, stamp=replace(facts.stamp, cut="DC2")))
    assert texts_of(section_of(later, "secondary"), tone="warning") == []


def test_without_a_cut_nothing_is_called_immature(facts: Facts) -> None:
    whole = build_from(replace(facts, stamp=replace(facts.stamp, cut="", cutoff_date=None)))
    assert texts_of(section_of(whole, "secondary"), tone="warning") == []
    assert "All entries, no data cut" in whole.subtitle


def test_a_deviation_from_the_registry_can_be_seen_beside_the_endpoint(report: Report) -> None:
    notes = texts_of(section_of(report, "secondary"), tone="note")
    assert any(
        "Registered as secondary outcome 4: “Overall survival rate" in words
        and "first documented progression" in words
        for words in notes
    )


def test_each_endpoint_says_its_estimand_in_one_sentence(report: Report) -> None:
    said = texts_of(section_of(report, "primary"), tone="plain")
    assert said[0].startswith("Estimand: alive without progression by RECIST 1.1 at 365.25 days")


def test_the_primary_section_has_figure_table_and_the_endings(report: Report) -> None:
    blocks = section_of(report, "primary").blocks
    assert [type(block) for block in blocks if not isinstance(block, Text)] == [
        Figure,
        Table,
        Fold,
        Fold,
    ]
    behind = next(block for block in blocks if isinstance(block, Fold))
    assert (
        behind.summary == "Behind these numbers: the restricted mean and the hazard ratio over time"
    )
    assert [block.id for block in behind.blocks if isinstance(block, Figure)] == [
        "mean-pfs",
        "course-pfs",
    ]
    figure = next(block for block in blocks if isinstance(block, Figure))
    assert "Kaplan-Meier estimates by arm" in figure.caption
    assert "Dotted line: 12 months." in figure.caption
    assert "Shaded: pointwise 95% confidence bands." in figure.caption
    assert "Falling lines: medians." in figure.caption


def test_bands_of_whole_curves_are_named_and_medians_that_nobody_reached_are_not(
    facts: Facts,
) -> None:
    whole = facts.results.results["pfs_milestone"]
    arms = tuple(
        replace(arm, estimates={**arm.estimates, "median": Estimate(value=None)})
        for arm in whole.arms
    )
    curves = tuple(replace(curve, band="Hall-Wellner") for curve in whole.curves)
    told = replace(whole, arms=arms, curves=curves)
    planned = [(primary_analysis(facts.protocol), told)]
    endpoint = facts.protocol.endpoint_named("pfs")
    blocks = build_endpoint_blocks(facts, endpoint=endpoint, planned=planned)
    figure = next(block for block in blocks if isinstance(block, Figure))
    assert "Shaded: Hall-Wellner 95% confidence bands." in figure.caption
    assert "medians" not in figure.caption


def test_the_figure_of_lesions_has_no_band_and_names_the_competing_event(report: Report) -> None:
    blocks = section_of(report, "secondary").blocks
    figure = next(b for b in blocks if isinstance(b, Figure) and b.id == "curves-lc")
    assert "Shaded" not in figure.caption
    assert "Competing: death without local failure." in figure.caption


def test_the_forest_has_all_patients_then_each_subgroup_with_its_levels(facts: Facts) -> None:
    rows = list_forest_rows(facts)
    assert rows[0].label == "All patients"
    headings = [row.label for row in rows if row.heading]
    assert headings == [subgroup.label for subgroup in facts.protocol.subgroup]
    levels = sum(len(subgroup.level) for subgroup in facts.protocol.subgroup)
    assert len(rows) == 1 + len(headings) + levels


def test_a_trial_without_subgroups_says_so(facts: Facts) -> None:
    bare = replace(facts.results, subgroups=(), overall=None)
    section = build_forest_section(replace(facts, results=bare))
    assert section.blocks == (Text(words=NO_SUBGROUP),)


def test_a_subgroup_that_the_protocol_does_not_name_is_left_out(facts: Facts) -> None:
    strange = replace(facts.results.subgroups[0], name="pfs/unheard")
    bare = replace(facts.results, subgroups=(strange,), overall=None)
    assert list_forest_rows(replace(facts, results=bare)) == []


def test_arms_are_named_after_their_codes_in_notes(facts: Facts) -> None:
    said = name_arms(facts, words="no event in arm A; arm Bx; at 12 months: arm B")
    assert said == ("no event in arm A (Systemic); arm Bx; at 12 months: arm B (Systemic + SBRT)")


def test_tables_and_figures_are_numbered_in_order_and_folded_ones_apart(report: Report) -> None:
    numbers = number_blocks(report)
    assert numbers["figure:flow"] == "1"
    assert numbers["table:baseline"] == "1"
    assert numbers["table:endings-pfs"] == "S1"
    plain = [int(n) for key, n in numbers.items() if key.startswith("table:") and n[0] != "S"]
    assert plain == list(range(1, len(plain) + 1))


def test_no_two_blocks_have_the_same_id(report: Report) -> None:
    ids = [b.id for b in blocks_of(report) if isinstance(b, Table | Figure | Heading)]
    ids += [section.id for section in report.sections]
    assert len(ids) == len(set(ids))


def test_a_rehearsed_trial_says_on_top_that_no_patient_is_behind_it(facts: Facts) -> None:
    stamp = replace(facts.stamp, scenario="S2", scenario_seed=20)
    notice = build_from(replace(facts, stamp=stamp)).notice
    assert notice.startswith("Rehearsed trial: every entry was drawn by the program")
    assert "scenario S2 (" in notice
    assert "seed 20" in notice
    odd = build_from(replace(facts, stamp=replace(stamp, scenario="x", scenario_seed=None)))
    assert "from scenario x." in odd.notice


def test_a_real_trial_has_no_such_notice(report: Report) -> None:
    assert report.notice == ""


def test_the_report_is_built_from_datasets_and_results(trial: SmallTrial, facts: Facts) -> None:
    built = build(
        facts.results,
        datasets=trial.frames,
        protocol=trial.protocol,
        allocations=trial.allocations.drop("replicate"),
        stamp=trial.stamp,
        screened=51,
    )
    assert "Assessed for eligibility" in section_of(built, "participants").blocks[0].svg  # type: ignore[union-attr]
    assert built.trial == "SABLOR"


def test_an_endpoint_is_due_at_the_first_cut_that_names_it(facts: Facts) -> None:
    at_second = replace(facts, stamp=replace(facts.stamp, cut="DC2"))
    assert planned_cut(facts, endpoint="pfs") is None
    later = planned_cut(facts, endpoint="os")
    assert later is not None
    assert later.id == "DC2"
    assert planned_cut(at_second, endpoint="os") is None
    first = earlier_cut(at_second, endpoint="pfs")
    assert first is not None
    assert first.id == "DC1"
    assert earlier_cut(facts, endpoint="pfs") is None
    assert planned_cut(facts, endpoint="unplanned") is None


def test_the_plan_is_read_from_the_protocol(facts: Facts) -> None:
    assert primary_analysis(facts.protocol).id == "pfs_milestone"
    assert population_of(facts.protocol, name="nobody") is None
    endpoint = facts.protocol.endpoint_named("pfs")
    assert convention_of(endpoint, asked="") == "ema"
    assert convention_of(endpoint, asked="fda") == "fda"
