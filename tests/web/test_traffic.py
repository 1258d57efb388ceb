"""Requests of all workers are counted in one place."""

import multiprocessing

from equipoise.web.traffic import KINDS, UPTO_SECONDS, count_request, read_traffic


def _count_in_worker() -> None:
    for _ in range(10):
        count_request(503, seconds=0.2)


def test_requests_are_counted_by_answer_and_time() -> None:
    kinds, times, seconds = read_traffic()
    count_request(200, seconds=0.004)
    count_request(302, seconds=0.01)
    count_request(404, seconds=99.0)
    kinds_after, times_after, seconds_after = read_traffic()
    assert [b - a for a, b in zip(kinds, kinds_after, strict=True)] == [0, 1, 1, 1, 0]
    added = [b - a for a, b in zip(times, times_after, strict=True)]
    assert added == [2] * len(UPTO_SECONDS) + [3]
    assert round(seconds_after - seconds, 3) == 99.014


def test_a_worker_counts_where_the_others_read() -> None:
    before = read_traffic()[0][KINDS.index("5xx")]
    workers = [multiprocessing.get_context("fork").Process(target=_count_in_worker) for _ in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert read_traffic()[0][KINDS.index("5xx")] == before + 20
