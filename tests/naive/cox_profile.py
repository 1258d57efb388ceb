"""The profile likelihood of one coefficient, found by bisection alone."""

from collections.abc import Sequence

from naive.cox import Person, log_likelihood


def profile_end(
    people: Sequence[Person], *, top: float, fall: float, side: int, efron: bool
) -> float:
    """Where the likelihood of one covariate has fallen by `fall` from its `top`; 40 if nowhere."""
    target = log_likelihood(people, [top], efron) - fall
    near, far = top, top + side * 40.0
    if log_likelihood(people, [far], efron) > target:
        return far
    while abs(far - near) > 1e-10:
        middle = (near + far) / 2
        if log_likelihood(people, [middle], efron) > target:
            near = middle
        else:
            far = middle
    return (near + far) / 2
