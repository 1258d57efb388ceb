"""Which subject is meant by an id, or by the end of one."""

import pytest

from equipoise.report.story.find import SubjectNotFoundError, find_subject

SUBJECTS = ("01-001", "01-012", "02-001", "02-112")


@pytest.mark.parametrize(
    ("asked", "found"),
    [("01-012", "01-012"), ("012", "01-012"), ("112", "02-112"), ("2-001", "02-001")],
)
def test_the_whole_id_or_an_end_that_only_one_has_is_enough(asked: str, found: str) -> None:
    assert find_subject(SUBJECTS, asked=asked) == found


def test_an_end_that_several_have_names_them() -> None:
    with pytest.raises(SubjectNotFoundError, match="01-001, 02-001") as refusal:
        find_subject(SUBJECTS, asked="001")
    assert refusal.value.candidates == ("01-001", "02-001")


def test_a_subject_that_is_not_there_names_those_that_are_near_or_all() -> None:
    with pytest.raises(SubjectNotFoundError, match=r"'01-0'. There are 01-001, 01-012\.$"):
        find_subject(SUBJECTS, asked="01-0")
    for asked in ("", "999"):
        with pytest.raises(SubjectNotFoundError, match="02-112"):
            find_subject(SUBJECTS, asked=asked)


def test_of_many_subjects_ten_are_named() -> None:
    many = tuple(f"01-{number:03}" for number in range(100, 200))
    with pytest.raises(SubjectNotFoundError, match="01-109 and 90 more"):
        find_subject(many, asked="x")


def test_a_trial_without_subjects_says_so() -> None:
    with pytest.raises(SubjectNotFoundError, match="none yet"):
        find_subject((), asked="001")
