"""Counts of requests, shared by all workers of a site.

The memory is made before the workers are forked. Each process adds in a slot of its own, so no
lock can be left locked by a killed worker; two processes whose numbers share a slot may lose a
count, never a request.
"""

import os
from multiprocessing.sharedctypes import RawArray
from threading import Lock

KINDS = ("1xx", "2xx", "3xx", "4xx", "5xx")
UPTO_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WIDTH = len(KINDS) + len(UPTO_SECONDS) + 2  # ... and slower ones, and the sum of milliseconds
_SLOTS = 64
_COUNTS = RawArray("q", _WIDTH * _SLOTS)
_LOCK = Lock()  # between threads of one process


def count_request(status: int, *, seconds: float) -> None:
    """Counts a request that was answered."""
    start = os.getpid() % _SLOTS * _WIDTH
    kind = min(max(status // 100, 1), len(KINDS)) - 1
    slower = sum(seconds > upto for upto in UPTO_SECONDS)
    with _LOCK:
        _COUNTS[start + kind] += 1
        _COUNTS[start + len(KINDS) + slower] += 1
        _COUNTS[start + _WIDTH - 1] += round(seconds * 1000)


def read_traffic() -> tuple[list[int], list[int], float]:
    """Requests by kind of answer; by time, as a Prometheus histogram adds them up; all seconds."""
    sums = [sum(_COUNTS[i::_WIDTH]) for i in range(_WIDTH)]
    by_time = sums[len(KINDS) : -1]
    added = [sum(by_time[: i + 1]) for i in range(len(by_time))]
    return sums[: len(KINDS)], added, sums[-1] / 1000
