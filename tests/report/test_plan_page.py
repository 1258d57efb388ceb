"""The page of a plan and its numbers; it stands alone and says the same each time."""

import re
from dataclasses import replace

import pytest

from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.truths import find_power
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.page import DesignPage, Figure, Text, blocks_of
from equipoise.report.plan.outlook import MOST, gather_outlook
from equipoise.report.plan.references import OF_RULES, list_references, read_citations
from equipoise.report.plan.sections import build_design_page
from equipoise.report.render_html import render_html
from equipoise.report.shell import Table
from report.page_reading import read_page
from report.plans import LOOKS, page_of, plain, with_looks
from report.svg_reading import named_of, outside_of, overlaps_of, texts_of

BY_LABEL = {each.truth.label: each for each in plain().truths}


def table_of(page: DesignPage, name: str) -> dict[str, tuple[str, ...]]:
    """The cells of a table by the name of their row."""
    (table,) = (b for b in blocks_of(page) if isinstance(b, Table) and b.id == name)
    return {row.cells[0]: row.cells[1:] for row in table.rows}


def figure_of(page: DesignPage, name: str) -> Figure:
    (figure,) = (b for b in blocks_of(page) if isinstance(b, Figure) and b.id == name)
    return figure


def words_of(page: DesignPage, section: str, *, tone: str) -> list[str]:
    (found,) = (each for each in page.sections if each.id == section)
    return [b.words for b in found.blocks if isinstance(b, Text) and b.tone == tone]


def test_the_answer_gives_the_size_and_what_it_is_worth_if_the_truth_is_another() -> None:
    answer = page_of().answer

    assert answer.startswith("88 patients, 44 in each arm, if 50% in the reference arm and 80%")
    assert "The protocol plans these 88." in answer
    assert "between 5% (Pessimistic, as NRG-LU002: hazard ratio 0.90)" in answer
    assert "and 40% (Optimistic, as SABR-COMET: hazard ratio 0.50)" in answer
    assert [key.value for key in page_of().key_figures] == ["88", "80%", "5%", "month 51"]


def test_assumptions_stand_with_their_sources() -> None:
    told = table_of(page_of(), "assumptions")

    assert told["Systemic therapy alone, at 12 months"][0] == "50%"
    assert told["Type I error"][0] == "5%, two-sided"
    assert told["Patients planned"] == ("88", "registry: NCT06467097")
    assert told["Primary analysis"][1].startswith("seed record")


def test_the_formula_gives_the_numbers_of_the_size() -> None:
    (formula,) = words_of(page_of(), "size", tone="formula")
    numbers = words_of(page_of(), "size", tone="plain")[1]

    assert formula.startswith("n = ( z(1 − α/2) √[ p̄(1 − p̄)(1 + 1/r) ]")
    assert "p̄ = 0.65 their mean, and the normal quantiles are 1.960 and 0.842" in numbers
    assert "n = 38.48, so 39 evaluable patients in each arm" in numbers
    assert "44 patients in each arm, 88 in all are to be randomised" in numbers


def test_other_tests_ask_for_other_sizes() -> None:
    told = table_of(page_of(), "methods")

    assert told["Chi-square test, pooled variance (that of the protocol)"][:2] == ("39 + 39", "88")
    assert told["Fisher's exact test"][:2] == ("44 + 44", "98")
    assert int(told["Kaplan-Meier at 12 months, log-log scale"][1]) == 89
    assert len(told) == 8


def test_the_warning_table_tells_every_alternative() -> None:
    told = table_of(page_of(), "powers")

    assert told["Base"][2:5] == ("0.65", "20.4%", "31.4%")
    assert told["No effect"][3:] == ("5.0%", "5.0%", "–", "–")
    assert told["Pessimistic, as NRG-LU002"][5:] == ("> 1056", "> 1056")
    (warning,) = words_of(page_of(), "power", tone="warning")
    assert warning.startswith("Under 4 alternatives of the protocol the planned patients")


def test_without_looks_it_is_said_and_nothing_is_invented() -> None:
    (words,) = words_of(page_of(), "looks", tone="plain")

    assert "no interim look" in words
    ids = {b.id for b in blocks_of(page_of()) if isinstance(b, Figure)}
    assert ids == {"power-subjects", "power-ratio", "course"}
    assert "no interim analysis of efficacy or futility" in words_of(
        page_of(), "wording", tone="quoted"
    )[-1]  # fmt: skip


def test_looks_that_were_asked_for_stand_on_every_scale() -> None:
    page = page_of(looks=True)
    told = table_of(page, "looks")

    assert told["1, efficacy"][2:5] == ("2.963", "0.0031", "0.199")
    assert told["1, futility"][:2] == ("", "")
    assert told["3, efficacy"][5:] == ("–", "–")
    chances = table_of(page, "chances")
    assert chances["3"][0] == "0.05000"
    assert float(chances["3"][1][:-1]) + float(chances["3"][2][:-1]) == pytest.approx(100)
    assert "no part of the protocol" in " ".join(page.caveats)
    assert not any("no part" in each for each in page_of().caveats)


def test_the_course_has_the_last_patient_and_the_analysis() -> None:
    told = table_of(page_of(), "course-table")

    assert told["51 (analysis)"][0] == "88.0"
    assert "39 (last patient)" in told
    for randomised, followed, left, events in told.values():
        parts = sum(float(part) for part in (followed, left, events))
        assert parts == pytest.approx(float(randomised), abs=0.21)


def test_a_star_marks_the_assumption_in_every_small_table() -> None:
    for name, starred in (
        ("sizes", "* 88"), ("powers-by-share", "* 80%"), ("sizes-by-leaving", "* 88"),
    ):  # fmt: skip
        cells = [cell for row in table_of(page_of(), name).values() for cell in row]
        assert [cell for cell in cells if cell.startswith("*")] == [starred]
    assert table_of(page_of(), "sizes")["40%"] == ("94", "70", "52", "38", "32")


def test_the_wording_is_ready_to_paste() -> None:
    size, smaller, duration, interim = words_of(page_of(looks=True), "wording", tone="quoted")

    assert "has a power of 80% with 39 evaluable patients in each arm, 78 in all" in size
    assert "88 patients, 44 in each arm, will be randomised" in size
    assert "20% if the hazard ratio is 0.65 (60.6% against 72.2%)" in smaller
    assert "The hazard ratio with its confidence interval and the difference" in smaller
    assert "88 patients in 39 months" in duration
    assert "2 interim analyses and a final analysis by the log-rank test are planned" in interim
    assert "14 events (50%), 21 events (75%) and 27 events" in interim
    assert "if the two-sided p value is at most 0.0031 (z 2.963, hazard ratio" in interim
    assert "is not binding" in interim


@pytest.mark.parametrize(
    ("name", "looks"),
    [("power-subjects", False), ("power-ratio", False), ("course", False), ("bounds", True)],
)
def test_figures_are_read_aloud_and_no_word_hides_another(name: str, looks: bool) -> None:
    svg = figure_of(page_of(looks=looks), name).svg

    title, description = named_of(svg)
    assert title
    assert len(re.findall(r"\d", description)) > 4
    assert overlaps_of(svg) == []
    assert outside_of(svg) == []


def test_every_line_of_power_is_named() -> None:
    words = " ".join(texts_of(figure_of(page_of(), "power-subjects").svg))

    for told in plain().truths:
        assert (told.truth.label in words) == told.has_effect
    assert "88 planned" in words


def test_references_are_those_of_the_methods_used() -> None:
    without, told = list_references(plain()), list_references(with_looks())

    assert set(without) < set(told)
    assert list(told) == sorted(told, key=lambda words: words.lower())
    added = " ".join(set(told) - set(without))
    assert "Lan KKG, DeMets DL." in added
    assert "Hwang IK" in added
    assert "Kim K, DeMets DL. Design" not in added
    assert {key for keys in OF_RULES.values() for key in keys} <= set(read_citations())


@pytest.mark.parametrize("looks", [False, True])
def test_the_page_stands_alone_and_is_well_formed(looks: bool) -> None:
    html = render_html(page_of(looks=looks))
    page = read_page(html)

    assert page.broken == []
    assert len(page.ids) == len(set(page.ids))
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "form"}
    places = [a[k] for _, a in page.tags for k in ("href", "src", "xlink:href") if k in a]
    assert {place[1:] for place in places} <= set(page.ids)
    assert re.findall(r"url\((?!#)", html) == []


def test_the_same_protocol_and_program_give_the_same_bytes() -> None:
    again = build_design_page(plain(), code_version="1.2.3")
    other = build_design_page(plain(), code_version="1.2.4")

    assert render_html(again) == render_html(page_of())
    assert render_html(other) != render_html(page_of())
    assert fingerprint(plain().protocol) in render_html(page_of())


def test_words_of_a_protocol_are_text() -> None:
    identity = plain().protocol.identity.model_copy(update={"title": "<script>alert(1)</script>"})
    protocol = plain().protocol.model_copy(update={"identity": identity})
    html = render_html(build_design_page(replace(plain(), protocol=protocol), code_version="1"))

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_the_assumption_comes_first_and_every_alternative_follows() -> None:
    labels = [each.truth.label for each in plain().truths]

    assert labels[0] == "Assumption of the design"
    assert labels[1:] == [one.label for one in shipped_protocol().design.alternative]


def test_needed_patients_are_the_least_that_have_the_power() -> None:
    size = plain().size
    for label in ("Assumption of the design", "Optimistic, as SABR-COMET"):
        told = BY_LABEL[label]
        assert told.needed_milestone is not None
        powers = [
            find_power(
                told.truth, protocol=plain().protocol, rates=size.rates, ratio=1, subjects=count
            ).milestone_power
            for count in (told.needed_milestone - 1, told.needed_milestone)
        ]
        assert powers[0] < 0.8 <= powers[1]


def test_a_small_effect_needs_more_than_are_looked_for() -> None:
    told = BY_LABEL["Pessimistic, as NRG-LU002"]

    assert (told.needed_milestone, told.needed_logrank) == (None, None)
    assert told.by_subjects[-1] < 0.2
    assert MOST > 6


def test_without_an_effect_nothing_is_looked_for() -> None:
    told = BY_LABEL["No effect"]

    assert not told.has_effect
    assert told.subjects == ()
    assert told.needed_milestone is None


def test_power_rises_with_patients_and_falls_with_the_ratio() -> None:
    for told in plain().truths:
        assert list(told.by_subjects) == sorted(told.by_subjects)
    powers = [row.milestone_power for row in plain().by_ratio]
    assert powers == sorted(powers, reverse=True)
    planned = BY_LABEL["Base"].subjects.index(88)
    assert BY_LABEL["Base"].by_subjects[planned] == BY_LABEL["Base"].row.milestone_power


def test_the_course_ends_with_the_analysis() -> None:
    size = plain().size
    for told in plain().truths:
        assert told.course.at[-1] == size.study_months
        assert told.course.all_subjects[-1] == pytest.approx(88)
        assert told.course.all_events[-1] == pytest.approx(told.row.events)


def test_looks_take_the_errors_of_the_protocol() -> None:
    told = with_looks().looks
    assert told is not None

    assert plain().looks is None
    assert told.looks.design.plan.rates == plain().size.rates
    assert told.looks.effect.hazard_ratio == pytest.approx(0.322, abs=5e-4)
    assert told.months[0] < told.months[-1] < plain().size.study_months
    assert told.findings == ()


def test_a_plan_that_cannot_be_says_why() -> None:
    with pytest.raises(ImpossiblePlanError, match="looks-not-growing"):
        gather_outlook(shipped_protocol(), looks=replace(LOOKS, information=(0.5, 0.4, 1.0)))
    bare = shipped_protocol()
    flat = bare.design.model_copy(update={"experimental_rate": bare.design.reference_rate})
    with pytest.raises(ImpossiblePlanError, match="no-effect"):
        gather_outlook(bare.model_copy(update={"design": flat}))


def test_a_page_without_other_assumptions_names_none() -> None:
    page = page_of()

    assert "Assumed instead" not in dict(page.stamp_lines)
    assert not any("asked for on this page were" in words for words in page.caveats)


def test_other_assumptions_keep_the_stamp_of_the_protocol_and_move_its_numbers() -> None:
    protocol = shipped_protocol()
    outlook = gather_outlook(protocol, said={"power": 0.9, "ratio": 2.0})
    page = build_design_page(outlook, code_version="1.2.3")

    assert outlook.size.rates.power == 0.9
    assert fingerprint(protocol) in dict(page.stamp_lines)["Protocol"]
    told = dict(page.stamp_lines)["Assumed instead"]
    assert "90% power (the protocol: 80%)" in told
    assert "2 to 1 experimental to reference patients (the protocol: 1 to 1)" in told
    assert "the protocol assumes otherwise" in page.caveats[0]
    assert table_of(page, "assumptions")["Power wanted"][1].startswith("asked for here")
    assert words_of(page, "wording", tone="note") == [
        "For a protocol with the assumptions that were asked for; this one has others."
    ]
