"""Breaches of the rules for what numba compiles."""

import ast
from collections.abc import Iterable

from house.source import Source, breach, dotted, functions_of, is_compiled


def careless_compiling(source: Source) -> list[str]:
    """njit with fastmath, or without cache=True."""
    return [
        breach(source, node, what)
        for function in functions_of(source)
        if is_compiled(function)
        for node in function.decorator_list
        for what in _carelessness(node)
    ]


def _carelessness(node: ast.expr) -> list[str]:
    words = {word.arg: word.value for word in node.keywords} if isinstance(node, ast.Call) else {}
    cache = words.get("cache")
    found = ["compiles with fastmath"] if "fastmath" in words else []
    if not (isinstance(cache, ast.Constant) and cache.value is True):
        found.append("compiles without cache=True")
    return found


def stray_kernels(source: Source) -> list[str]:
    """Kernels in another room than numerics: a kernel is numbers from flat arrays."""
    if source.room == "numerics" or not source.place.startswith("src/"):
        return []
    return [
        breach(source, node, f"{node.name} is compiled outside numerics")
        for node in functions_of(source)
        if is_compiled(node)
    ]


def has_kernel(source: Source) -> bool:
    """True for a file of numerics with a function called `_x_kernel`."""
    return source.room == "numerics" and any(
        is_compiled(node) and node.name.endswith("_kernel") for node in functions_of(source)
    )


def lonely_kernels(sources: Iterable[Source]) -> list[str]:
    """Kernel files without a slow twin in tests/naive that a test imports.

    The twin of `cox.py` is `tests/naive/cox.py`, which serves `cox_sums.py` as well; or any
    twin that `test_cox.py` imports.
    """
    everything = list(sources)
    twins = {s.stem for s in everything if s.place.startswith("tests/naive/")}
    by_test = {s.stem: _naive_imports(s) for s in everything if s.stem.startswith("test_")}
    used = {name for names in by_test.values() for name in names}
    return [
        f"{source.place}:1 has a kernel and no twin that a test compares it with"
        for source in everything
        if has_kernel(source)
        and not _twin_names(source.stem) & twins & used
        and not by_test.get(f"test_{source.stem}", set()) & twins
    ]


def _twin_names(stem: str) -> set[str]:
    words = stem.split("_")
    return {"_".join(words[:n]) for n in range(1, len(words) + 1)}


def _naive_imports(source: Source) -> set[str]:
    return {
        dotted_name.removeprefix("naive.").split(".")[0]
        for node in ast.walk(source.tree)
        for dotted_name in _modules(node)
        if dotted_name.startswith("naive.")
    }


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def scipy_in_kernels(source: Source) -> list[str]:
    """A scipy name inside a compiled function."""
    return [
        breach(source, node, f"{function.name} uses {dotted(node)}")
        for function in functions_of(source)
        if is_compiled(function)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and dotted(node).split(".")[0] in {"scipy", "special"}
    ]


def algebra_in_kernels(source: Source) -> list[str]:
    """A product of matrices inside a compiled function: `curves` starts numba without BLAS."""
    return [
        breach(source, node, f"{function.name} multiplies matrices: write the sum as a loop")
        for function in functions_of(source)
        if is_compiled(function)
        for node in ast.walk(function)
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult))
        or (isinstance(node, ast.Attribute) and node.attr in {"dot", "vdot", "linalg"})
    ]
