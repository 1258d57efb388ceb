"""Sites that a protocol plans and that are not open yet: when they will, and at which rates."""

from datetime import date, timedelta

from equipoise.design.accrual_forecast import AccrualSoFar, GammaPrior, fit_site_rates
from equipoise.protocol.scenario_model import Accrual
from equipoise.simulate.cohort import DAYS_PER_MONTH


def plan_openings(plan: Accrual, *, known: int, first_date: date, today: date) -> tuple[date, ...]:
    """The days on which the planned sites beyond those `known` will open, in order.

    As the protocol has them, counted from the first randomisation; who is late opens one
    interval after the other from today on. None where all subjects come at once.
    """
    if plan.at_once:
        return ()
    return tuple(
        max(_after(first_date, place, plan), _after(today, place - known + 1, plan))
        for place in range(known, plan.sites)
    )


def _after(day: date, intervals: int, plan: Accrual) -> date:
    return day + timedelta(days=round(intervals * plan.activation_months * DAYS_PER_MONTH))


def think_of_rates(plan: Accrual) -> GammaPrior:
    """The rates of sites, a day, as a protocol plans them."""
    a_day = plan.rate_per_month / DAYS_PER_MONTH
    return GammaPrior(shape=plan.rate_shape, rate=plan.rate_shape / a_day)


def choose_prior(so_far: AccrualSoFar, *, thought: GammaPrior) -> GammaPrior | None:
    """What was thought of rates, where sites will open and those open tell too little of any.

    None: the sites speak for themselves.
    """
    needed = bool(so_far.opening_in) and fit_site_rates(so_far).rate == 0
    return thought if needed else None
