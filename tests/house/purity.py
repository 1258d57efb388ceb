"""Traces of clock, chance, network, environment and global state in a room that must be pure."""

import ast
import re
from collections.abc import Iterator

from house.source import WET, Source, breach, dotted

MODULES = frozenset(
    "time random secrets socket ssl requests httpx aiohttp getpass platform locale "
    "urllib.request http.client http.server ftplib smtplib subprocess numpy.random".split()
)
NAMES = {
    "os": {"environ", "getenv", "putenv", "urandom", "getlogin", "getcwd", "system"},
    "numpy": {"random"},
    "uuid": {"uuid1", "uuid4"},
    "urllib": {"request"},
    "http": {"client", "server"},
}
CALLS = re.compile(
    r"(^|\.)((datetime|date)\.(now|today|utcnow)|Timestamp\.(now|today)"
    r"|(np|numpy)\.random|os\.(environ|getenv|putenv|urandom|getlogin|getcwd|system)"
    r"|uuid\.uuid[14]|Path\.(cwd|home)|urllib\.request)(\.|$)"
)
METHODS = frozenset({"rvs", "default_rng", "RandomState"})


def impurities(source: Source) -> list[str]:
    """Every import, name or statement that a pure room may not hold; none for a wet room."""
    if source.room in WET or not source.place.startswith("src/"):
        return []
    return [
        breach(source, node, what)
        for node in ast.walk(source.tree)
        for what in (*_imports(node), *_calls(node), *_globals(node))
    ]


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"imports {a.name}" for a in node.names if a.name in MODULES)
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        module = node.module or ""
        if module in MODULES:
            yield f"imports from {module}"
        refused = NAMES.get(module, set())
        yield from (f"imports {module}.{a.name}" for a in node.names if a.name in refused)


def _calls(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Attribute):
        return
    name = dotted(node)
    match = CALLS.search(name)
    if match and name.endswith(match.group(2)):
        yield f"reads {name}"
    elif node.attr in METHODS:
        yield f"draws by {name or node.attr}"


def _globals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Global):
        yield f"changes the global {', '.join(node.names)}"


def forbidden_libraries(source: Source) -> list[str]:
    """scipy.stats in numerics, pandas or pyarrow outside interop: import-linter sees only roots."""
    refused = {"scipy.stats"} if source.room == "numerics" else set()
    if source.place.startswith("src/") and source.room != "interop":
        refused |= {"pandas", "pyarrow"}
    return [
        breach(source, node, f"imports {name}")
        for node in ast.walk(source.tree)
        for name in _imported(node)
        if any(name == word or name.startswith(f"{word}.") for word in refused)
    ]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []
