"""The process and the database are killed in the middle of saves; nothing acknowledged is lost."""

from pathlib import Path

from equipoise.store.embedded import start_server
from store.crash import answer_of, check_round

ROUNDS = 10


def test_every_acknowledged_save_is_there_after_kill_9(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with start_server(data) as server:
        answer_of(server, "prepare")
    for number in range(ROUNDS):
        check_round(data, seconds=0.1 + 0.07 * number, with_server=number % 2 == 0)
