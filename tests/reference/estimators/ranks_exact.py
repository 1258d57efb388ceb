"""MaxCombo in 40 digits, written to `ranks_exact.json`: `python ranks_exact.py` with mpmath.

Statistics from whole numbers of those at risk and events, correlations of FH(0,0), (0,1) and (1,0)
in the plane that they span (the sum of the others is the first), p by adaptive quadrature over the
angle of the chance that a normal point lies beyond the nearest line.
"""

import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from reference.estimators.tables import HERE, read_table

WEIGHTS = [[0, 0], [0, 1], [1, 0]]
DATA: dict[str, dict[str, Any]] = {
    "sim_trial": {"time": "pfs", "event": "pfs_ev", "group": "arm"},
    "tied": {"time": "time", "event": "event", "group": "arm", "against_first": True},
}
mp: Any = import_module("mpmath")  # nothing else of ours needs it
mp.mp.dps = 40


def covariances(name: str) -> tuple[list[Any], list[list[Any]]]:
    """Statistics (not yet divided) and covariance of the three weightings."""
    table, columns = read_table(name), DATA[name]
    rows = [
        (float(t), int(e), int(g > 0))
        for t, e, g in zip(*(table[columns[c]] for c in ("time", "event", "group")), strict=True)
    ]
    survival = mp.mpf(1)
    u, cov = [mp.mpf(0)] * 3, [[mp.mpf(0)] * 3 for _ in range(3)]
    for now in sorted({t for t, e, _ in rows if e}):
        n = [sum(t >= now and g == k for t, _, g in rows) for k in (0, 1)]
        d = [sum(t == now and e == 1 and g == k for t, e, g in rows) for k in (0, 1)]
        total, failed = mp.mpf(sum(n)), mp.mpf(sum(d))
        spread = failed * (total - failed) / max(total - 1, 1) * n[0] * n[1] / total**2
        w = [survival**rho * (1 - survival) ** gamma for rho, gamma in WEIGHTS]
        for a in range(3):
            u[a] += w[a] * (d[1] - failed * n[1] / total)
            for b in range(3):
                cov[a][b] += w[a] * w[b] * spread
        survival *= (total - failed) / total
    return u, cov


def beyond(angles: Sequence[Any], largest: Any) -> Any:
    """The chance of lying beyond `largest` along one of the directions in the plane."""
    turn = 2 * mp.pi

    def density(angle: Any) -> Any:
        return mp.e ** (-(largest**2) / (2 * mp.cos(angle) ** 2)) / turn

    around = sorted(mp.fmod(angle + 2 * turn, turn) for angle in angles)
    total = mp.mpf(0)
    for i, angle in enumerate(around):
        following = around[i + 1] if i + 1 < len(around) else around[0] + turn
        previous = around[i - 1] if i else around[-1] - turn
        start = max((previous - angle) / 2, -mp.pi / 2)
        end = min((following - angle) / 2, mp.pi / 2)
        total += mp.quad(density, mp.linspace(start, end, 9))
    return total


def main() -> None:
    """Both sides of both data sets."""
    cases = []
    for name, columns in DATA.items():
        u, cov = covariances(name)
        z = [u[a] / mp.sqrt(cov[a][a]) for a in range(3)]
        late, early = (mp.acos(cov[0][a] / mp.sqrt(cov[0][0] * cov[a][a])) for a in (1, 2))
        angles = [mp.mpf(0), late, -early]
        for side, both in (("FEWER_EVENTS", False), ("TWO_SIDED", True)):
            largest = max(abs(x) for x in z) if both else max(-x for x in z)
            rows = [*angles, *(angle + mp.pi for angle in angles)] if both else angles
            cases.append({
                "data": name,
                "arguments": {**columns, "weights": WEIGHTS, "side": side},
                "z": [float(x) for x in z],
                "p": float(beyond(rows, largest)),
            })  # fmt: skip
    (HERE / "ranks_exact.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
