"""How a patient who stays is weighed at a time, from the leaving of his group, term by term."""

import math
from collections.abc import Sequence

Rows = Sequence[tuple[float, int, float]]  # time, left, covariate


def weight_before(rows: Rows, beta: float, covariate: float, at: float) -> float:
    """The chance to have stayed until just before `at` without the covariate, over that with it."""
    without, with_it = 0.0, 0.0
    for now in sorted({time for time, left, _ in rows if left and time < at}):
        leaving = sum(1 for time, left, _ in rows if left and time == now)
        staying = [x for time, _, x in rows if time >= now]
        without += leaving / len(staying)
        with_it += leaving / sum(math.exp(beta * x) for x in staying)
    return math.exp(-without) / math.exp(-with_it * math.exp(beta * covariate))
