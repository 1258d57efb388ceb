"""Below store, web and cli: no clock, no chance, no network, no environment, no global state."""

import pytest

from house.purity import forbidden_libraries, impurities
from house.source import ROOT, python_files, source_of

IMPURE = [
    "import time",
    "import random",
    "import secrets",
    "import socket",
    "import requests",
    "import urllib.request",
    "import numpy.random",
    "from time import monotonic",
    "from random import choice",
    "from os import environ",
    "from os import getenv",
    "from numpy import random",
    "from uuid import uuid4",
    "from urllib import request",
    "today = datetime.now()",
    "today = datetime.datetime.now(tz=UTC)",
    "today = datetime.utcnow()",
    "today = date.today()",
    "today = datetime.date.today()",
    "seed = os.environ['SEED']",
    "seed = os.environ.get('SEED')",
    "seed = os.getenv('SEED')",
    "draws = np.random.normal(size=3)",
    "draws = numpy.random.default_rng(1).normal()",
    "draws = stats.norm.rvs(3)",
    "name = uuid.uuid4()",
    "here = Path.cwd()",
    "def f():\n    global state\n    state = 1",
]
PURE = [
    "from datetime import date, datetime, time",
    "from os import PathLike",
    "from urllib.parse import quote",
    "born = date(1961, 3, 1)",
    "start = datetime.fromisoformat(text)",
    "when = today",
    "survival_time = time.to_event",
    "random = draw_uniforms(seed, subject=1)",
    "from uuid import UUID, uuid5",
    "is_random = scheme.random",
]


@pytest.mark.parametrize("text", IMPURE)
def test_a_trace_of_clock_chance_network_or_environment_is_found(text: str) -> None:
    found = impurities(source_of(text))
    assert found
    assert found[0].startswith("src/equipoise/derive/recist.py:")


@pytest.mark.parametrize("text", PURE)
def test_words_that_only_look_like_a_clock_are_left_alone(text: str) -> None:
    assert impurities(source_of(text)) == []


@pytest.mark.parametrize("room", ["store", "web", "cli"])
def test_a_wet_room_may_read_the_clock(room: str) -> None:
    assert impurities(source_of("import time", place=f"src/equipoise/{room}/clock.py")) == []


def test_a_module_beside_the_rooms_is_pure_too() -> None:
    assert impurities(source_of("import time", place="src/equipoise/clock.py")) != []


def test_a_test_may_read_the_clock() -> None:
    assert impurities(source_of("import time", place="tests/story/test_demo.py")) == []


def test_one_line_names_the_place_and_the_trace() -> None:
    found = impurities(source_of("x = 1\ny = date.today()"))
    assert found == ["src/equipoise/derive/recist.py:2 reads date.today"]


@pytest.mark.parametrize("text", ["import scipy.stats", "from scipy import stats",
                                  "from scipy.stats import norm"])  # fmt: skip
def test_scipy_stats_is_kept_out_of_numerics(text: str) -> None:
    assert forbidden_libraries(source_of(text, place="src/equipoise/numerics/hazards/cox.py")) != []
    assert forbidden_libraries(source_of(text, place="src/equipoise/design/bounds.py")) == []


def test_scipy_special_may_be_used_in_numerics() -> None:
    text = "from scipy import special\nfrom scipy.optimize import brentq"
    assert forbidden_libraries(source_of(text, place="src/equipoise/numerics/hazards/cox.py")) == []


@pytest.mark.parametrize("text", ["import pandas as pd", "from pyarrow import parquet"])
def test_pandas_and_pyarrow_stay_in_interop(text: str) -> None:
    assert forbidden_libraries(source_of(text)) != []
    assert forbidden_libraries(source_of(text, place="src/equipoise/interop/xpt.py")) == []


def test_the_core_is_pure() -> None:
    sources = python_files(ROOT, "src")
    assert len(sources) > 10
    found = [line for source in sources for line in impurities(source)]
    assert found == [], "\n".join(found)


def test_no_room_uses_a_library_that_its_floor_forbids() -> None:
    sources = python_files(ROOT, "src")
    found = [line for source in sources for line in forbidden_libraries(source)]
    assert found == [], "\n".join(found)
