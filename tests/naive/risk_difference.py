"""The Miettinen-Nurminen interval by the closed cubic of the paper and a bisection on the score."""

import math

Z = 1.959963984540054


def restricted(x1: int, n1: int, x0: int, n0: int, delta: float) -> tuple[float, float]:
    """Most likely shares with difference delta. Source: Miettinen, Nurminen (1985), appendix I."""
    n, x = n1 + n0, x1 + x0
    l3, l2 = n, (n1 + 2 * n0) * delta - n - x
    l1, l0 = (n0 * delta - n - 2 * x0) * delta + x, x0 * delta * (1 - delta)
    q = l2**3 / (3 * l3) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
    p = math.copysign(math.sqrt(max(l2**2 / (3 * l3) ** 2 - l1 / (3 * l3), 0)), q)
    angle = (math.pi + math.acos(max(-1.0, min(1.0, q / p**3 if p else 0.0)))) / 3
    p0 = 2 * p * math.cos(angle) - l2 / (3 * l3)
    return p0 + delta, p0


def score(x1: int, n1: int, x0: int, n0: int, delta: float) -> float:
    p1, p0 = restricted(x1, n1, x0, n0, delta)
    n = n1 + n0
    variance = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * n / (n - 1)
    return (x1 / n1 - x0 / n0 - delta) / math.sqrt(max(variance, 1e-300))


def interval(x1: int, n1: int, x0: int, n0: int) -> tuple[float, float]:
    observed = x1 / n1 - x0 / n0
    out = []
    for towards in (-1.0, 1.0):
        inside, outside = observed, towards
        for _ in range(100):
            middle = (inside + outside) / 2
            if abs(score(x1, n1, x0, n0, middle)) < Z:
                inside = middle
            else:
                outside = middle
        out.append((inside + outside) / 2)
    return out[0], out[1]
