"""Reading a record: blocks, encodings, refusals; outcomes taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.interop.registry_record import (
    RegistryRecordUnreadableError,
    decode_record_text,
    read_registry_record,
)
from equipoise.interop.registry_record_draft import write_draft
from equipoise.interop.registry_record_rules import check_registry_record
from equipoise.interop.registry_record_segments import read_outcome
from interop.registry.registry_samples import PLANTED, build_lines, codes_in, sample_lines

CLEAN = "\n".join(build_lines(title="Étude Alpha Versus Beta"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings_give_the_same_record(encoding: str) -> None:
    assert read_registry_record(CLEAN.encode(encoding)) == read_registry_record(CLEAN.encode())


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_european_encodings_give_the_same_record(encoding: str) -> None:
    assert read_registry_record(CLEAN.encode(encoding)) == read_registry_record(CLEAN.encode())


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n\n"])
def test_line_ends_and_blank_lines_between_blocks_do_not_matter(newline: str) -> None:
    data = CLEAN.replace("\n", newline).encode()
    assert read_registry_record(data) == read_registry_record(CLEAN.encode())


@pytest.mark.parametrize("data", [b"", b"  \n\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00\x00"])
def test_empty_file_is_refused_with_the_expected_blocks(data: bytes) -> None:
    with pytest.raises(RegistryRecordUnreadableError, match=r"empty.*seven lines"):
        read_registry_record(data)


def test_binary_file_is_refused() -> None:
    with pytest.raises(RegistryRecordUnreadableError, match="plain text"):
        read_registry_record(b"%PDF-1.7\x01\x02\x03" + bytes(range(256)))


def test_too_few_lines_are_refused_with_their_number() -> None:
    with pytest.raises(RegistryRecordUnreadableError, match="3 filled lines; seven"):
        read_registry_record(b"Title\nSummary\nCondition\n")


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(RegistryRecordUnreadableError, match="one trial"):
        decode_record_text(b"word " * 300_000)


def test_six_lines_ending_in_prose_are_a_record_without_secondary_outcomes() -> None:
    lines = build_lines()
    del lines[5]
    assert codes_in(lines) == ["outcomes-absent"]


def test_an_empty_line_keeps_the_place_of_the_secondary_outcomes() -> None:
    assert codes_in(build_lines(secondary="")) == ["outcomes-absent"]


def test_a_record_without_any_outcome_says_so_twice() -> None:
    assert codes_in(build_lines(primary="", secondary="")) == ["outcomes-absent"] * 2


def test_paragraphs_of_the_description_are_joined() -> None:
    lines = [*build_lines(), "A second paragraph.", "A third one."]
    record = read_registry_record("\n".join(lines).encode())
    assert record.description.endswith("A second paragraph.\nA third one.")


def test_blocks_may_be_paragraphs_of_several_lines() -> None:
    lines = build_lines(summary="A comparison\nof two drugs.")
    record = read_registry_record("\n\n".join(lines).encode())
    assert record.summary == "A comparison of two drugs."


def test_labels_of_blocks_are_no_part_of_the_text() -> None:
    lines = build_lines(title="Brief Title: Alpha Versus Beta", condition="Conditions: Colitis")
    record = read_registry_record("\n".join(lines).encode())
    assert (record.title, record.conditions) == ("Alpha Versus Beta", ("Colitis",))


def test_lists_are_separated_by_bars() -> None:
    lines = build_lines(
        condition="Colitis | Crohn Disease", interventions="DRUG: A|Walking|OTHER: B"
    )
    record = read_registry_record("\n".join(lines).encode())
    assert record.conditions == ("Colitis", "Crohn Disease")
    assert [(one.kind, one.name) for one in record.interventions] == [
        ("DRUG", "A"),
        ("", "Walking"),
        ("OTHER", "B"),
    ]


@pytest.mark.parametrize(
    ("text", "description", "time_frame"),
    [
        ("Pain, VAS, 12 weeks", "VAS", "12 weeks"),
        ("Pain, 12 weeks", "", "12 weeks"),
        ("Pain, VAS, 0 to 10, at rest, Baseline, 3 months, and 6 months",
         "VAS, 0 to 10, at rest", "Baseline, 3 months, and 6 months"),
        ("HbA1c, Percent, Baseline, week 12, week 26", "Percent", "Baseline, week 12, week 26"),
        ("OS, Time from randomisation to death, Up to 60 months",
         "Time from randomisation to death", "Up to 60 months"),
        ("PFS, By RECIST 1.1, From entry until relapse, whichever is first, up to 5 years",
         "By RECIST 1.1", "From entry until relapse, whichever is first, up to 5 years"),
        ("Stay, Days in hospital (ward, ICU), Through study completion, an average of 1 year",
         "Days in hospital (ward, ICU)", "Through study completion, an average of 1 year"),
        ("Cost, Per 1,000 patients, At one year", "Per 1,000 patients", "At one year"),
        ("Adverse events, Any grade, During treatment and up to 30 days after the last dose",
         "Any grade", "During treatment and up to 30 days after the last dose"),
        ("Response, Best response", "Best response", ""),
        ("Response", "", ""),
    ],
)  # fmt: skip
def test_outcome_is_taken_apart(text: str, description: str, time_frame: str) -> None:
    outcome = read_outcome(text)
    assert (outcome.description, outcome.time_frame) == (description, time_frame)
    assert outcome.text == text


def test_an_outcome_without_a_time_is_found() -> None:
    lines = build_lines(secondary="Quality of life, EQ-5D-5L index")
    assert codes_in(lines) == ["time-frame-absent"]


@given(st.binary(max_size=400))
def test_reader_answers_any_bytes_with_a_record_or_its_refusal(data: bytes) -> None:
    try:
        record = read_registry_record(data)
    except RegistryRecordUnreadableError:
        return
    assert isinstance(check_registry_record(record), tuple)


@given(st.lists(st.text(max_size=80), min_size=7, max_size=7))
def test_rules_never_fail_on_random_lines(lines: list[str]) -> None:
    try:
        findings = check_registry_record(
            read_registry_record("\n".join(lines).encode("utf-8", "replace"))
        )
    except RegistryRecordUnreadableError:
        return
    assert all(finding.code and finding.where and finding.message for finding in findings)


@given(st.sampled_from(sorted(PLANTED)), st.integers(0, 6), st.data())
def test_rules_never_fail_on_shuffled_words_of_real_records(
    name: str, line: int, data: st.DataObject
) -> None:
    lines = sample_lines(name)
    words = lines[line].split(" ")
    lines[line] = " ".join(data.draw(st.permutations(words)))
    assert isinstance(codes_in(lines), list)


@given(st.text(alphabet="abcdefgh ,|()12[]from until months years after", max_size=120))
def test_parts_of_an_outcome_lose_no_word(text: str) -> None:
    outcome = read_outcome(text)
    parts = ", ".join(
        part for part in (outcome.measure, outcome.description, outcome.time_frame) if part
    )
    assert parts.replace(",", " ").split() == text.replace(",", " ").split()


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_absurd_numbers_are_no_durations_and_no_sizes(digits: int) -> None:
    number = "9" * digits
    outcome = f"Late toxicity of grade {number}, Grade {number}, {number} to {number} years"
    description = f"{number} patients, {number}:1, aged {number} years."
    lines = build_lines(primary=outcome, secondary=outcome, description=description)
    record = read_registry_record("\n".join(lines).encode())
    findings = check_registry_record(record)
    assert "sample-size-absent" in [finding.code for finding in findings]
    assert "trial.toml" in write_draft(record, findings=findings)
