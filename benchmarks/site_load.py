"""The site under load: 50 people at 1,000 subjects x 40 forms, over loopback, as `equipoise serve`.

    python benchmarks/site_load.py [--subjects 1000] [--people 50] [--seconds 60] [--data FOLDER]

People type (a form in about 12 s with three live checks, 6 s of reading before the next), then ask
without any pause. The site and its people share the machine. A folder filled before is used again.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from site_users import Browser, Pace, Timed, log_in, work

FORMS = 40
WARM_SECONDS = 20.0
TYPING = Pace(typing=12.0, reading=6.0, checks=3)
WITHOUT_PAUSE = Pace(typing=0.0, reading=0.0, checks=3)
FINE = frozenset({200, 302, 422})  # 422: what was typed is refused in words


@contextmanager
def serve(data: Path) -> Iterator[int]:
    """A site on the folder, as a user starts it; its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    program = "from equipoise.cli.main import main; main()"
    words = ["serve", "--data", str(data), "--port", str(port)]
    known = {k: v for k, v in os.environ.items() if not k.startswith(("EQUIPOISE", "DATABASE"))}
    known["PYTHONPATH"] = str(Path(__file__).resolve().parents[1] / "src")
    with (data / "serve.log").open("w") as log:
        running = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", program, *words], env=known, stdout=log, stderr=log
        )
        try:
            _wait_for(port)
            yield port
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=60)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            with urlopen(f"http://localhost:{port}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the site does not answer")


async def load(site: dict[str, Any], *, port: int, paces: Sequence[Pace], seconds: float) -> None:
    """Everybody logged in, then each pace for so long, told by kind of request."""
    timed: list[Timed] = []
    people = [
        Browser(port=port, chance=random.Random(n), timed=timed)  # noqa: S311
        for n in range(len(site["users"]))
    ]
    coming = [
        log_in(browser, username=user["username"], password=site["password"])
        for browser, user in zip(people, site["users"], strict=True)
    ]
    await asyncio.gather(*coming)
    for pace in paces:
        timed.clear()
        begun = time.perf_counter() + WARM_SECONDS
        until = begun + seconds
        await asyncio.gather(
            *(
                work(browser, site["work"][user["site"]], pace=pace, until=until)
                for browser, user in zip(people, site["users"], strict=True)
            )
        )
        tell(pace, [each for each in timed if begun <= each.at < until], seconds=seconds)


def tell(pace: Pace, timed: Sequence[Timed], *, seconds: float) -> None:
    """The percentiles of each kind of request, requests a second, and errors."""
    wrong = Counter(f"{t.what} {t.status}" for t in timed if t.status not in FINE)
    refused = sum(each.status == 422 for each in timed)
    sys.stdout.write(
        f"typing {pace.typing:.0f} s, reading {pace.reading:.0f} s: "
        f"{len(timed) / seconds:.1f} requests a second, {refused} refused in words, "
        f"errors {sum(wrong.values())} {dict(wrong) or ''}\n"
    )
    for what in ("form page", "live check", "form save"):
        times = sorted(1000 * each.seconds for each in timed if each.what == what)
        if times:
            told = "".join(
                f"{name:>6}{times[min(len(times) - 1, int(share * len(times)))]:>8.0f} ms"
                for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))
            )
            sys.stdout.write(f"  {what:<12}{len(times):>7}{told}\n")
    sys.stdout.flush()


def main() -> None:
    """Fills a site where none is, serves it, and lets people work."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--subjects", type=int, default=1000)
    words.add_argument("--people", type=int, default=50)
    words.add_argument("--seconds", type=float, default=60.0)
    words.add_argument("--data", type=Path)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as made:
        data = asked.data or Path(made) / "trial"
        data.mkdir(exist_ok=True)
        if not (data / "load.json").exists():
            from site_fill import fill  # noqa: PLC0415 - sets Django up

            fill(data, subjects=asked.subjects, forms=FORMS, people=asked.people)
        site = json.loads((data / "load.json").read_text())
        with serve(data) as port:
            sys.stdout.write(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}\n")
            paces = (TYPING, WITHOUT_PAUSE)
            asyncio.run(load(site, port=port, paces=paces, seconds=asked.seconds))


if __name__ == "__main__":
    main()
