"""Whatever the course of responses, the best one is what the slow reading says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from derive.response_courses import Seen, best_of
from derive.trial_tables import day
from equipoise.protocol.model import Response
from naive.best_response import Limits, best

CODES = ["CR", "CR", "PR", "PR", "PR", "SD", "SD", "NE", "NE", "PD", "NON-CR/NON-PD", "NED"]
DAYS = [20, 41, 42, 60, 84, 88, 111, 112, 139, 140, 168, 196, 252, 280, 336, 420]


@st.composite
def courses(draw: st.DrawFn) -> list[Seen]:
    """Assessments of one subject in the order of their days, sometimes two on one day."""
    days = sorted(draw(st.lists(st.sampled_from(DAYS), max_size=8)))
    return [(at, draw(st.sampled_from(CODES))) for at in days]


THERAPY = st.one_of(st.none(), st.sampled_from([10, 84, 100, 168, 300]))
LIMITS = st.builds(
    Limits,
    stable=st.sampled_from([42, 56]),
    confirm=st.sampled_from([28, 56]),
    not_evaluable=st.integers(0, 2),
    accept_stable=st.booleans(),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(courses(), THERAPY), min_size=1, max_size=12), LIMITS)
def test_the_best_response_is_that_of_the_slow_reading(
    subjects: list[tuple[list[Seen], int | None]], limits: Limits
) -> None:
    found = best_of(
        [course for course, _ in subjects],
        therapies=[therapy for _, therapy in subjects],
        settings=Response(
            stable_min_days=limits.stable,
            confirm_after_days=limits.confirm,
            max_not_evaluable=limits.not_evaluable,
            accept_stable=limits.accept_stable,
        ),
    )
    for name in ("none", "confirmed"):
        rows = (
            found.filter(confirmation=name).select("best_response", "date", "response_date").rows()
        )
        for (course, therapy), (code, at, first) in zip(subjects, rows, strict=True):
            slow = best(course, therapy=therapy, confirmed=name == "confirmed", limits=limits)
            days = [None if date is None else (date - day(0)).days for date in (at, first)]
            assert (code, *days) == slow, (course, therapy, name)


@settings(max_examples=30)
@given(courses(), st.sampled_from(CODES))
def test_a_later_assessment_never_makes_the_best_response_worse(
    course: list[Seen], code: str
) -> None:
    last = max((at for at, _ in course), default=0)
    more = [*course, (last + 84, code)]
    ranks = ["CR", "PR", "SD", "NON-CR/NON-PD", "NED", "PD", "NE"]
    before, after = (best_of([each])["best_response"].to_list() for each in (course, more))
    for was, now in zip(before, after, strict=True):
        assert ranks.index(now) <= ranks.index(was)
