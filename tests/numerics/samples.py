"""Small groups of patients for properties: few days, so that many events and censorings tie."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from naive.cox import Person

DAYS = st.integers(0, 8)


def columns(people: list[Person]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times and events as the public functions want them."""
    time = np.array([p.time for p in people], dtype=np.float64)
    return time, np.array([p.event for p in people], dtype=np.int64)


def rows(causes: int = 1, least: int = 1) -> st.SearchStrategy[list[tuple[float, int]]]:
    """(time, cause) of one group, also all censored, also one person."""
    one = st.tuples(DAYS.map(float), st.integers(0, causes))
    return st.lists(one, min_size=least, max_size=25)


def people(
    groups: int = 3, covariates: int = 0, *, late: bool = False, least: int = 1
) -> st.SearchStrategy[list[Person]]:
    """Persons in groups and strata, of which any may be empty; some come late if `late`."""
    one = st.builds(
        Person,
        time=DAYS.map(float),
        entry=st.integers(-1, 8).map(float) if late else st.just(-1.0),
        event=st.integers(0, 1),
        group=st.integers(0, groups - 1),
        stratum=st.integers(0, 2),
        weight=st.sampled_from([0.5, 1.0, 2.0]),
        x=st.tuples(*[st.integers(-2, 2).map(float)] * covariates),
    )
    everybody = st.lists(one, min_size=least, max_size=25)
    if not late:
        return everybody
    return everybody.map(lambda rows: [p for p in rows if p.entry < p.time]).filter(bool)


def split(pairs: list[tuple[float, int]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return (
        np.array([time for time, _ in pairs], dtype=np.float64),
        np.array([cause for _, cause in pairs], dtype=np.int64),
    )


def marked(text: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times written as "5 7+ 9", + censored."""
    words = text.split()
    return (
        np.array([float(word.rstrip("+")) for word in words]),
        np.array([not word.endswith("+") for word in words], dtype=np.int64),
    )
