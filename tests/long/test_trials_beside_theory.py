"""Level, power and expectation of simulated trials are those of theory, on a grid of designs."""

import numpy as np
import pytest

from equipoise.simulate.replicates import simulate_replicates
from equipoise.simulate.trial_model import Look, Reading, Run
from long.theory_known import EXACT, SEED, TRIALS, has_known, key_of, read_known, simulate_grid
from long.theory_logrank import Size, model_of, pair_of
from long.theory_page import PAGE, print_page
from long.theory_rows import Row
from long.theory_times import power_of_maxcombo


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(simulate_grid(Run(seed=SEED, trials=TRIALS)))


def test_every_row_is_its_theory_or_off_by_what_is_known(rows: list[Row]) -> None:
    known = read_known()
    off = [
        f"{key_of(row)}: {row.seen:.5f}, theory {row.theory:.5f}"
        for row in rows
        if not row.within(known.get(key_of(row)))
    ]

    assert off == []


def test_what_is_exact_or_a_level_of_equal_arms_is_off_by_nothing(rows: list[Row]) -> None:
    assert len(rows) > 150
    assert {key_of(row) for row in rows if has_known(row)} == set(read_known())
    assert {row.family for row in rows if not has_known(row)} > EXACT


def test_the_score_is_nearer_than_formulas_where_hazards_are_not_proportional(
    rows: list[Row],
) -> None:
    away: dict[str, list[float]] = {"average hazard ratio": [], "score": []}
    for row in rows:
        words = row.name.rsplit(", ", 1)[-1]
        if row.family.startswith("Hazards") and words in away:
            away[words].append(abs(row.seen - row.theory))

    assert max(away["score"]) < 0.015
    assert max(away["average hazard ratio"]) > 0.05


def test_workers_and_chunks_change_no_bit() -> None:
    model, looks = model_of(Size(subjects=120), courses=(pair_of(0.7),) * 2), [Look(events=60)]
    reading = Reading(hazard_ratio=True, milestone=6.0, horizon=9.0)

    def told(run: Run) -> bytes:
        found = simulate_replicates(model, looks=looks, reading=reading, run=run)
        return np.ascontiguousarray(found.table).tobytes()

    whole = told(Run(seed=SEED, trials=50_000, workers=1))
    parts = [(0, 777), (777, 30_001), (30_778, 19_222)]
    assert all(told(Run(seed=SEED, trials=50_000, workers=many)) == whole for many in (2, 7))
    assert whole == b"".join(told(Run(seed=SEED, first=a, trials=n)) for a, n in parts)


def test_maxcombo_follows_the_better_test_and_the_page_tells_all(rows: list[Row]) -> None:
    combo = power_of_maxcombo(Run(seed=SEED, trials=TRIALS))
    for logrank, late, both in combo.values():
        assert max(logrank, late) - 0.08 < both
    assert combo["effect until month 6"][2] > combo["effect until month 6"][0]

    PAGE.write_text(print_page(rows, read_known(), combo=combo), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8").count("\n| ") > len(rows)
