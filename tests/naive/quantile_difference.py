"""The differences of two medians that Su and Wei do not reject, from every pair of steps."""

import math
from collections.abc import Sequence

from naive.survival import Rows, kaplan_meier

Step = tuple[float, float, float]  # from, to, squared distance from the level on the log-log scale


def steps(rows: Rows, level: float) -> list[Step]:
    """The steps of a curve below 1; those at 0 are as far as the one before."""
    curve = [one for one in kaplan_meier(rows) if one[1] < 1]
    out: list[Step] = []
    for k, (begin, height, greenwood) in enumerate(curve):
        end = curve[k + 1][0] if k + 1 < len(curve) else math.inf
        if height > 0:
            gap = math.log(-math.log(height)) - math.log(-math.log(level))
            distance = gap**2 / (greenwood / math.log(height) ** 2)
        else:
            distance = out[-1][2] if out else math.inf
        out.append((begin, end, distance))
    return out


def limits(first: Sequence[Step], second: Sequence[Step], bound: float) -> tuple[float, float]:
    """The least and the largest difference of times in pairs of steps within the bound."""
    pairs = [(a, b) for a in first for b in second if a[2] + b[2] <= bound]
    if not pairs:
        return math.nan, math.nan
    low = min(b[0] - a[1] for a, b in pairs)
    high = max(b[1] - a[0] for a, b in pairs)
    return (low if low > -math.inf else math.nan), (high if high < math.inf else math.nan)
