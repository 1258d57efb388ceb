"""Small trials of every kind for property tests of the replicates."""

from hypothesis import strategies as st

from equipoise.simulate.trial_model import (
    NO_EVENT,
    Endpoint,
    Hazard,
    IllnessDeath,
    Law,
    Look,
    TrialModel,
    Weibull,
    accrue_by_rates,
    accrue_by_sites,
    accrue_evenly,
    accrue_with_ramp,
    hazard_of_median,
)

LAWS: tuple[Law, ...] = (
    hazard_of_median(10.0),
    Hazard(rates=(0.2, 0.0, 0.03), cuts=(2.0, 5.0)),
    Hazard(rates=(0.05, 0.15), cuts=(4.0,), cured=0.3),
    Weibull(shape=0.8, scale=14.0),
    Weibull(shape=1.7, scale=9.0, cured=0.2),
)
ACCRUALS = (
    accrue_evenly(12.0),
    accrue_with_ramp(6.0, until=12.0),
    accrue_by_rates((1.0, 0.0, 4.0), cuts=(3.0, 5.0), until=12.0),
    accrue_by_sites((0.0, 2.0, 7.0), rates=(0.5, 1.0, 0.7), until=12.0),
)
SCANS = ((), (2.0, 4.0, 6.0, 9.0, 12.0, 18.0, 24.0))
LOOKS = (Look(events=4), Look(latest=8.0), Look(events=12, latest=20.0), Look(events=18))


def courses(kinds: st.SearchStrategy[Law]) -> st.SearchStrategy[IllnessDeath]:
    return st.builds(IllnessDeath, progression=kinds, death_before=kinds, death_after=kinds)


@st.composite
def models(draw: st.DrawFn) -> TrialModel:
    """Up to 26 subjects in up to three strata."""
    ill = draw(st.booleans())
    law = st.sampled_from(LAWS)
    shares = draw(st.sampled_from([(1.0,), (0.4, 0.6), (0.2, 0.3, 0.5)]))
    one = courses(law) if ill else law
    return TrialModel(
        sizes=draw(st.sampled_from([(13, 13), (8, 16), (20, 1)])),
        accrual=draw(st.sampled_from(ACCRUALS)),
        courses=tuple((draw(one), draw(one)) for _ in shares),
        shares=shares,
        leaving=draw(st.sampled_from([(NO_EVENT, NO_EVENT), (LAWS[0], LAWS[1])])),
        frailty=draw(st.sampled_from([(0.0, 0.0, 0.0), (0.9, 0.3, 0.5)])) if ill else (0, 0, 0),
        scans=draw(st.sampled_from(SCANS)),
    )


def looks_of(model: TrialModel) -> list[Look]:
    """All of LOOKS; deaths too, where there are."""
    deaths = [Look(events=6, endpoint=Endpoint.DEATH)]
    return [*LOOKS, *(deaths if isinstance(model.courses[0][0], IllnessDeath) else [])]
