"""Rehearsed trials through the whole protocol: processor time of 1,000, and where it goes.

    python benchmarks/rehearse_trials.py [TRIALS]

What one worker of `equipoise rehearse --trials` does with a chunk of TRIALS (100). No peer does
this whole way; `equipoise rehearse --trials 1000` has two cores and two minutes for it.
"""

import os

os.environ.update(dict.fromkeys(("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TypeVar

from equipoise.analysis.plan import run_analysis
from equipoise.analysis.trial import Trial, prepare_trials
from equipoise.design.expected_course import count_course
from equipoise.design.large_trials import LARGE_TRIALS, answer_large_trial
from equipoise.design.planned_answers import derive_by_cut, plan_by_cut
from equipoise.design.whole_protocol import operate
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import Rehearsal, rehearse

PROTOCOL = shipped_protocol()
SCENARIO, SEED = "S2", 1

Answer = TypeVar("Answer")


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Processor seconds of some work, and what came out."""
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def time_methods(by_cut: Mapping[str, dict[int, Trial]]) -> dict[str, float]:
    """Processor seconds of all analyses of the plan by method."""
    spent: dict[str, float] = defaultdict(float)
    for cut, analyses in plan_by_cut(PROTOCOL).items():
        for analysis in analyses:
            for trial in by_cut[cut].values():
                begun = time.process_time()
                run_analysis(trial, analysis=analysis, figures=False)
                spent[analysis.method] += time.process_time() - begun
    return spent


def main() -> None:
    """Prints the parts, the whole, and the large trials."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    operate(PROTOCOL, scenario=SCENARIO, seed=SEED, trials=range(2), truth={})  # compiles
    seconds: dict[str, float] = {}
    drawn: Rehearsal
    seconds["rehearse"], drawn = timed(
        lambda: rehearse(PROTOCOL, scenario=SCENARIO, seed=SEED, replicates=trials)
    )
    seconds["derive, at two cuts"], derived = timed(lambda: derive_by_cut(drawn.frames, PROTOCOL))
    seconds["count the course"], _ = timed(lambda: count_course(derived, PROTOCOL))
    seconds["prepare for analysis"], by_cut = timed(
        lambda: {
            cut: prepare_trials(own, protocol=PROTOCOL, allocations=drawn.allocations)
            for cut, own in derived.items()
        }
    )
    seconds |= {f"analyse: {name}": spent for name, spent in time_methods(by_cut).items()}
    whole, _ = timed(
        lambda: operate(PROTOCOL, scenario=SCENARIO, seed=SEED, trials=range(trials), truth={})
    )
    large, _ = timed(lambda: answer_large_trial(PROTOCOL, scenario=SCENARIO, seed=SEED, number=0))
    write = sys.stdout.write
    write(f"Processor seconds of 1,000 trials, from {trials} on one thread\n\n")
    for name, spent in sorted(seconds.items(), key=lambda part: -part[1]):
        write(f"{1000 * spent / trials:10.1f}  {name}\n")
    write(f"{1000 * whole / trials:10.1f}  the whole way\n")
    write(f"{LARGE_TRIALS * large:10.1f}  the truth beside them ({LARGE_TRIALS} large trials)\n")


if __name__ == "__main__":
    main()
