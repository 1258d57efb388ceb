"""Files, functions and values keep the measures of the house."""

import pytest

from house.shape import (
    body_lines,
    drawers,
    heirs,
    long_bodies,
    long_files,
    loose_arguments,
    many_arguments,
    thawed_dataclasses,
)
from house.source import ROOT, Source, functions_of, python_files, source_of

KERNEL = "src/equipoise/numerics/cox.py"


def function_of_lines(count: int, *, before: str = "") -> str:
    return before + "def f() -> int:\n    '''Says what.'''\n" + "    x = 1\n" * count


def everything() -> list[Source]:
    return python_files(ROOT, "src", "tests", "benchmarks")


def test_a_file_of_401_lines_is_too_long() -> None:
    assert long_files(source_of("x = 1\n" * 400)) == []
    assert long_files(source_of("x = 1\n" * 401)) == [
        "src/equipoise/derive/recist.py:1 has 401 lines"
    ]


def test_the_tables_that_django_writes_may_be_long() -> None:
    place = "src/equipoise/store/migrations/0001_tables.py"
    assert long_files(source_of("x = 1\n" * 401, place=place)) == []
    assert long_files(source_of("x = 1\n" * 401, place=place.replace("0001", "0002"))) != []


def test_a_body_is_counted_without_its_docstring() -> None:
    (function,) = functions_of(source_of(function_of_lines(7)))
    assert body_lines(function) == 7


def test_a_function_with_only_a_docstring_has_no_body() -> None:
    (function,) = functions_of(source_of("def f() -> None:\n    '''Says what.'''\n"))
    assert body_lines(function) == 0


def test_a_body_of_41_lines_is_too_long() -> None:
    assert long_bodies(source_of(function_of_lines(40))) == []
    assert long_bodies(source_of(function_of_lines(41))) != []


def test_a_kernel_may_have_80_lines_and_no_more() -> None:
    njit = "@njit(cache=True)\n"
    assert long_bodies(source_of(function_of_lines(80, before=njit))) == []
    assert long_bodies(source_of(function_of_lines(81, before=njit))) != []


def test_a_seventh_argument_is_one_too_many() -> None:
    assert many_arguments(source_of("def f(a, *, b, c, d, e, g): ...")) == []
    assert many_arguments(source_of("def f(a, *, b, c, d, e, g, h): ...")) == [
        "src/equipoise/derive/recist.py:1 f takes 7 arguments"
    ]


def test_self_is_no_argument() -> None:
    text = "class A:\n    def f(self, a, *, b, c, d, e, g): ..."
    assert many_arguments(source_of(text)) == []


@pytest.mark.parametrize("decorator", ["@njit(cache=True)", "@numba.njit(cache=True)",
                                       "@click.command()", "@main.command('draft')"])  # fmt: skip
def test_kernels_and_commands_may_take_more_arguments(decorator: str) -> None:
    assert many_arguments(source_of(f"{decorator}\ndef f(a, b, c, d, e, g, h): ...")) == []


def test_a_slow_twin_takes_the_arguments_of_its_kernel() -> None:
    text = "def f(a, b, c, d, e, g, h): ..."
    assert many_arguments(source_of(text, place="tests/naive/cox.py")) == []
    assert many_arguments(source_of(text, place="tests/numerics/test_cox.py")) != []


@pytest.mark.parametrize("place", ["src/equipoise/derive/utils.py", "tests/common/test_a.py",
                                   "src/equipoise/helpers/a.py", "tests/base.py"])  # fmt: skip
def test_a_drawer_is_found_by_its_name(place: str) -> None:
    assert drawers([place]) == [f"{place}:1 is a drawer"]


def test_a_name_that_contains_a_drawer_name_is_no_drawer() -> None:
    assert drawers(["src/equipoise/derive/baseline.py", "tests/house/test_common_law.py"]) == []


def test_a_public_function_takes_only_its_first_argument_by_position() -> None:
    assert loose_arguments(source_of("def f(a, *, b): ...")) == []
    assert loose_arguments(source_of("def f(a, b): ...")) != []
    assert loose_arguments(source_of("def _f(a, b): ...")) == []


def test_the_protocol_may_follow_what_is_read_by_it() -> None:
    assert loose_arguments(source_of("def frames(entries, protocol, *, subject): ...")) == []
    assert loose_arguments(source_of("def frames(entries, protocol, subject): ...")) != []
    assert loose_arguments(source_of("def frames(protocol, entries): ...")) != []


def test_a_scheme_is_called_as_its_type_says() -> None:
    place = "src/equipoise/randomise/schemes/blocks.py"
    text = "def allocate(state, subject, uniform): ..."
    assert loose_arguments(source_of(text, place=place)) == []
    assert loose_arguments(source_of(text, place="src/equipoise/randomise/balance.py")) != []


def test_a_method_counts_from_the_argument_after_self() -> None:
    assert loose_arguments(source_of("class A:\n    def f(self, a, *, b): ...")) == []
    assert loose_arguments(source_of("class A:\n    def f(self, a, b): ...")) != []
    assert loose_arguments(source_of("class A:\n    def __call__(self, a, b): ...")) == []


@pytest.mark.parametrize("place", ["src/equipoise/cli/demo.py", "src/equipoise/web/urls.py",
                                   "tests/derive/test_recist.py"])  # fmt: skip
def test_doors_and_tests_may_take_arguments_by_position(place: str) -> None:
    assert loose_arguments(source_of("def f(a, b): ...", place=place)) == []


def test_compiled_functions_and_validators_may_take_arguments_by_position() -> None:
    text = "@njit(cache=True)\ndef uniform_at(a, b): ..."
    assert loose_arguments(source_of(text, place=KERNEL)) == []
    text = "class A(BaseModel):\n    @field_validator('x')\n    def f(cls, a, b): ..."
    assert loose_arguments(source_of(text)) == []


@pytest.mark.parametrize(
    "decorator",
    [
        "@dataclass",
        "@dataclass()",
        "@dataclass(frozen=True)",
        "@dataclasses.dataclass(frozen=True, slots=True)",
        "@dataclass(frozen=True, slots=True, kw_only=False)",
    ],
)
def test_a_dataclass_that_may_change_is_found(decorator: str) -> None:
    assert thawed_dataclasses(source_of(f"{decorator}\nclass A:\n    x: int")) != []


def test_a_frozen_slotted_keyword_only_dataclass_is_right() -> None:
    text = "@dataclass(frozen=True, slots=True, kw_only=True)\nclass A:\n    x: int"
    assert thawed_dataclasses(source_of(text)) == []


def test_inheritance_of_our_own_is_found() -> None:
    text = "class Table: ...\nclass LongTable(Table): ..."
    assert heirs([source_of(text)]) == [
        "src/equipoise/derive/recist.py:2 LongTable inherits from Table"
    ]


@pytest.mark.parametrize("text", ["class Arm(Enum): ...", "class Scheme(Protocol[T]): ...",
                                  "class No(Exception): ...\nclass Closed(No): ..."])  # fmt: skip
def test_closed_sets_interfaces_and_refusals_may_inherit(text: str) -> None:
    assert heirs([source_of(text)]) == []


def test_a_parent_is_known_by_the_name_it_was_born_with() -> None:
    text = "from typing import Protocol as Shape\nclass Scheme(Shape): ..."
    assert heirs([source_of(text)]) == []
    text = "from equipoise.report.shell import Table as Protocol\nclass Long(Protocol): ..."
    assert heirs([source_of(text)]) != []


def test_pydantic_models_stay_in_protocol() -> None:
    text = "class Part(BaseModel): ...\nclass Arm(Part): ..."
    assert heirs([source_of(text, place="src/equipoise/protocol/model.py")]) == []
    assert heirs([source_of("class Arm(BaseModel): ...")]) != []


def test_a_door_may_inherit_what_its_library_asks_for() -> None:
    text = "class Subject(models.Model): ..."
    assert heirs([source_of(text, place="src/equipoise/store/models/subject.py")]) == []


def test_every_file_and_function_keeps_its_measure() -> None:
    found = [
        line
        for source in everything()
        for check in (long_files, long_bodies, many_arguments)
        for line in check(source)
    ]
    assert found == [], "\n".join(found)


def test_every_public_function_is_called_by_name() -> None:
    found = [line for source in everything() for line in loose_arguments(source)]
    assert found == [], "\n".join(found)


def test_every_value_is_frozen() -> None:
    found = [line for source in everything() for line in thawed_dataclasses(source)]
    assert found == [], "\n".join(found)


def test_nothing_inherits_but_what_the_rules_allow() -> None:
    found = heirs(everything())
    assert found == [], "\n".join(found)


def test_nothing_is_a_drawer() -> None:
    found = drawers(source.place for source in everything())
    assert found == [], "\n".join(found)
