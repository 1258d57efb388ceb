"""SBRT that does not follow the protocol becomes deviations, with the words of the adherence."""

import pytest

from derive.test_dose import irradiated
from equipoise.capture.deviations import Category, Weight
from equipoise.derive.dose_deviations import list_dose_deviations

# planned | day and dose of each fraction | about | weight | words
COURSES = """
L01 30/3 | L01 20 10 22 10 24 10 | | |
L01 30/3 | L01 20 10 22 10 34 10 | L01 | minor | 15 days from first to last fraction (limit 14)
L01 30/3 | L01 20 10 22 10       | L01 | major | 2 of 3 fractions; BED10 40.0 Gy is below 59
L01 30/3 | L01 29 10 31 10 33 10 | start | minor | first fraction on day 29 after randomisation
L01 30/3 | L01 28 10 31 10 33 10 | | |
"""


@pytest.mark.parametrize("line", COURSES.strip().splitlines())
def test_a_course_that_deviates_is_told_with_its_weight(line: str) -> None:
    planned, given, about, weight, words = (cell.strip() for cell in line.split("|"))
    data = irradiated(planned, given)

    told = list_dose_deviations(data.dose, adherence=data.adherence)

    assert len(told) == bool(about)
    for deviation in told:
        assert (deviation.subject, deviation.category) == ("01-001", Category.DOSE)
        assert (deviation.about, deviation.weight) == (about, Weight(weight))
        assert deviation.words == f"SBRT, {about}: {words}"
        assert set(deviation.entries) >= {"01-001/rt_fx/L01.1", "01-001/rt_fx/L01.2"}


def test_each_lesion_that_deviates_is_one_deviation_and_a_late_start_another() -> None:
    listed = "| lesion | ld_mm | site |\n| L01 | 20 | lung |\n| L02 | 15 | liver |"
    data = irradiated("L01 30/3,L02 30/3", "L01 60 10 62 10 64 10,L02 60 10 62 10", listed=listed)

    told = list_dose_deviations(data.dose, adherence=data.adherence)

    assert [(d.about, d.weight.value) for d in told] == [
        ("start", "major"),
        ("L01", "minor"),
        ("L02", "major"),
    ]


def test_nothing_irradiated_nothing_told() -> None:
    data = irradiated("L01 30/3", "L01 20 10 22 10 24 10")

    assert list_dose_deviations(data.dose.clear(), adherence=data.adherence.clear()) == ()
