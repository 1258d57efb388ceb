"""Properties: records written from parts, with every fault planted into every one of them."""

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from equipoise.interop.registry_record_origins import OriginKind, list_origins
from equipoise.interop.registry_record_outcome import Grading, read_grading
from equipoise.interop.registry_record_time import (
    WindowShape,
    list_durations,
    plain_words,
    read_window,
)
from interop.registry.registry_samples import codes_in
from interop.registry.registry_writer import (
    PLANTABLE,
    TRIALS,
    UNITS,
    Trial,
    plant,
    write_lines,
    write_number,
)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.condition)
def test_written_record_is_clean(trial: Trial) -> None:
    assert codes_in(write_lines(trial)) == []


@pytest.mark.parametrize("code", PLANTABLE)
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.condition)
def test_one_planted_fault_is_the_one_finding(trial: Trial, code: str) -> None:
    assert set(codes_in(write_lines(plant(trial, code)))) == {code}


@pytest.mark.parametrize("pair", list(itertools.combinations(PLANTABLE, 2)), ids=" and ".join)
def test_two_planted_faults_are_two_findings(pair: tuple[str, str]) -> None:
    for trial in TRIALS:
        found = codes_in(write_lines(plant(plant(trial, pair[0]), pair[1])))
        assert set(found) == set(pair)


@given(
    st.sampled_from(TRIALS),
    st.sampled_from(["plus", "combined with", "followed by", "together with", "Plus"]),
)
def test_the_word_that_joins_treatments_does_not_matter(trial: Trial, joined: str) -> None:
    lines = write_lines(trial)
    lines[0] = lines[0].replace(" plus ", f" {joined} ")
    assert codes_in(lines) == []


@given(
    st.sampled_from(TRIALS), st.sampled_from(["Versus", "vs.", "vs", "Compared With", "Against"])
)
def test_the_word_between_the_arms_does_not_matter(trial: Trial, between: str) -> None:
    faulty = plant(trial, "comparison-clocked-from-event-one-arm-never-has")
    lines = [line.replace("Versus", between) for line in write_lines(faulty)]
    assert codes_in(lines) == ["comparison-clocked-from-event-one-arm-never-has"]


@given(st.sampled_from(TRIALS))
def test_order_of_the_arms_in_the_title_does_not_matter(trial: Trial) -> None:
    faulty = plant(trial, "comparison-clocked-from-event-one-arm-never-has")
    lines = write_lines(faulty)
    rest = f" in {trial.condition}"
    first, second = lines[0].removesuffix(rest).split(" Versus ")
    lines[0] = f"{second} Versus {first}{rest}"
    assert codes_in(lines) == ["comparison-clocked-from-event-one-arm-never-has"]


@given(st.sampled_from(TRIALS), st.integers(20, 9999))
def test_any_planned_number_is_a_size(trial: Trial, number: int) -> None:
    lines = write_lines(trial)
    lines[6] = lines[6].replace("320 patients", f"{number} patients")
    assert codes_in(lines) == []


@given(st.sampled_from(TRIALS), st.integers(1, 5), st.integers(1, 5))
def test_any_ratio_is_a_ratio(trial: Trial, first: int, second: int) -> None:
    lines = write_lines(trial)
    lines[6] = lines[6].replace("1:1", f"{first}:{second}")
    assert codes_in(lines) == []


@given(st.integers(0, 999))
def test_number_in_words_reads_as_the_number(number: int) -> None:
    assert plain_words(write_number(number)) == str(number)


@given(st.integers(1, 99), st.sampled_from(sorted(UNITS)), st.booleans())
def test_duration_in_words_or_digits_reads_as_its_days(
    number: int, unit: str, in_words: bool
) -> None:
    said = write_number(number) if in_words else str(number)
    ending = "" if number == 1 else "s"
    assert list_durations(f"{said} {unit}{ending}") == (number * UNITS[unit],)


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(["{} to {} {}s", "{}-{} {}s", "between {} and {} {}s", "from {} until {} {}s"]),
    st.booleans(),
)
def test_range_reads_as_start_and_end(
    start: int, end: int, unit: str, phrase: str, in_words: bool
) -> None:
    assume(start < end)
    said = (write_number(start), write_number(end)) if in_words else (str(start), str(end))
    assume(not (in_words and "{}-{}" in phrase))
    window = read_window(phrase.format(*said, unit) + " after randomisation")
    assert window is not None
    assert window.shape is WindowShape.RANGE
    assert (window.start_days, window.end_days) == (start * UNITS[unit], end * UNITS[unit])


@given(
    st.integers(1, 60),
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(["up to {} {}s", "within {} {}s", "assessed up to {} {}s", "first {} {}s"]),
)
def test_limit_reads_as_a_window_from_zero(number: int, unit: str, phrase: str) -> None:
    window = read_window(phrase.format(number, unit))
    assert window is not None
    assert (window.start_days, window.end_days) == (0.0, number * UNITS[unit])
    assert window.shape is WindowShape.UP_TO


@given(
    st.integers(1, 4),
    st.sampled_from(["grade {}", "Grade {}", "grade-{}", "G{}", "CTCAE grade {}", "gr. {}"]),
    st.sampled_from(["", " or higher", " or worse", "+", "-5", " to 5", " and above"]),
)
def test_grade_is_open_only_without_a_word_on_higher_ones(
    grade: int, phrase: str, ending: str
) -> None:
    text = f"{phrase.format(grade)}{ending} toxicity"
    assert read_grading(text) is (Grading.SPAN if ending else Grading.EXACT)


@given(
    st.integers(1, 60),
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(["after", "from", "since", "following"]),
    st.sampled_from(
        [
            ("randomisation", OriginKind.RANDOMISATION),
            ("the date of randomization", OriginKind.RANDOMISATION),
            ("enrolment", OriginKind.ENROLMENT),
            ("the last dose", OriginKind.TREATMENT_END),
            ("the start of treatment", OriginKind.TREATMENT_START),
            ("study treatment", OriginKind.TREATMENT),
            ("completion of radiotherapy", OriginKind.NAMED_TREATMENT),
            ("surgery", OriginKind.NAMED_TREATMENT),
            ("completion of enrolment", OriginKind.TRIAL),
            ("hospital discharge", OriginKind.EVENT),
        ]
    ),
)
def test_clock_reads_the_same_with_any_number_and_any_preposition(
    number: int, unit: str, preposition: str, origin: tuple[str, OriginKind]
) -> None:
    words, kind = origin
    (read,) = list_origins(f"{number} {unit}s {preposition} {words}")
    assert read.kind is kind
