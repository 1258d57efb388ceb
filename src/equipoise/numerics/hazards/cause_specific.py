"""Cox models of every cause at once: the hazard of each among those free of all."""

import numpy as np
from numpy.typing import ArrayLike

from equipoise.numerics.checks import check_codes
from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, fit_events


def estimate_cause_specific_cox(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    sampling: Sampling | None = None,
    ties: Ties = Ties.EFRON,
) -> tuple[Cox, ...]:
    """One `estimate_cox` for each cause from 1 to the largest seen, the others censored.

    `cause` is 0 censored, else the cause. A covariate may act on each cause in its own way; its
    effect on the incidence of one needs all of them. A cause without an event has NaN and a
    message. Source: Prentice et al. (1978); Putter, Fiocco, Geskus (2007).
    """
    codes = check_codes(cause, name="cause", n=np.size(time))
    last = int(codes.max(initial=0))
    if last == 0:
        return ()
    return fit_events(
        time,
        events=[codes == code for code in range(1, last + 1)],
        covariates=covariates,
        stratum=stratum,
        sampling=sampling,
        ties=ties,
    )
