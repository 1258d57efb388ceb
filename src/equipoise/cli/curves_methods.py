"""The named methods of a plan for a file of two arms: chosen, checked, and carried out."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from equipoise.analysis.methods import METHODS
from equipoise.analysis.plan import answer
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Question, Sample
from equipoise.cli.curves_print import print_lines, write_interval, write_number
from equipoise.protocol.check_methods import check_options
from equipoise.protocol.methods.families import METHODS as SPECS
from equipoise.protocol.methods.spec import MethodSpec, Second, Use

SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Methods with what a plan would write as their `options`."""

    options: Mapping[str, Mapping[str, object]]

    def check(self, sample: Sample) -> None:
        """Refuses a method that needs what the file does not give."""
        for name in self.options:
            for missing, words in _needs(SPECS[name], sample):
                if missing:
                    raise click.BadParameter(f"{name} needs {words}.", param_hint="--method")

    def run(self, sample: Sample, *, at: tuple[float, ...]) -> dict[str, Result]:
        """The answer of each method: stratified and adjusted where it can be."""
        return {name: self._answer(name, sample, at) for name in self.options}

    def _answer(self, name: str, sample: Sample, at: tuple[float, ...]) -> Result:
        spec = SPECS[name]
        timed = spec.times in (Use.MAY, Use.MUST)
        question = Question(
            name=name,
            endpoint="time",
            at=at if timed else (),
            headline=at[0] if timed and at else None,
            stratified=bool(sample.factors) and spec.strata in (Use.MAY, Use.MUST),
            seed=SEED,
            options=spec.options.model_validate(self.options[name]),
        )
        return answer(sample, question=question, method=METHODS[name])

    def print(self, results: Mapping[str, Result]) -> None:
        """Prints each method: its words, then its numbers, then its notes."""
        print_named(results)


def read_asked(methods: Sequence[str], *, options: Sequence[str]) -> Asked:
    """The methods and their options, or a refusal that says what is wrong with them."""
    for name in methods:
        if name not in SPECS:
            near = difflib.get_close_matches(name, list(SPECS), n=1)
            hint = f"did you mean '{near[0]}'?" if near else "see docs/reference/plan-methods.md."
            raise click.BadParameter(f"there is no method '{name}'; {hint}", param_hint="--method")
    said: dict[str, dict[str, object]] = {name: {} for name in methods}
    for text in options:
        name, key, value = _read_option(text)
        if name not in said:
            raise click.BadParameter(f"--method {name} is not asked for.", param_hint="--option")
        said[name][key] = value
    for name, own in said.items():
        for finding in check_options(SPECS[name], said=own, place=name):
            words = f"{finding.where}: {finding.message} {finding.mend}"
            raise click.BadParameter(words, param_hint="--option")
    return Asked(options=said)


def _read_option(text: str) -> tuple[str, str, object]:
    """`cox.ties=exact` as method, key and value; the value as TOML, else the word itself."""
    name, dot, rest = text.partition(".")
    key, sign, value = rest.partition("=")
    if not (dot and sign and name and key):
        words = f"'{text}'; write METHOD.OPTION=VALUE."
        raise click.BadParameter(words, param_hint="--option")
    try:
        return name, key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, key, value


def _needs(spec: MethodSpec, sample: Sample) -> tuple[tuple[bool, str], ...]:
    bare = sample.covariates is None
    return (
        (spec.least_arms > len(sample.arms), f"{spec.least_arms} arms"),
        (spec.competing and not (sample.cause == 2).any(), "competing events: see --competing"),
        (spec.intervals and sample.left is None, "the assessment before the event: see --since"),
        (
            spec.second is not Second.NONE and sample.second_time is None,
            "a second time: see --second",
        ),
        (spec.switch and sample.switch is None, "who crossed over: see --switch"),
        (
            spec.name == "rank_preserving" and sample.follow_up is None,
            "how long each could be followed: see --follow-up",
        ),
        (spec.covariates is Use.MUST and bare, "covariates: see --covariate"),
        (spec.strata is Use.MUST and not sample.factors, "strata: see --strata"),
        (spec.grains == ("lesion",) and sample.clusters is None, "patients: see --cluster"),
    )


def print_named(results: Mapping[str, Result]) -> None:
    """Prints each method that was asked for: its words, then its numbers, then its notes."""
    for name, result in results.items():
        click.echo(f"\n{SPECS[name].title}. {result.method}")
        timed = [part for part in result.parts if part.at is not None]
        print_lines(*(_named_line(part) for part in timed or [result]))
        for word in result.warnings:
            click.echo(f"Note: {word}.")


def _named_line(part: Result) -> tuple[str, str, float | None]:
    what = part.measure.replace("_", " ").capitalize()
    when = "" if part.at is None else f", {part.at:g}"
    told = (
        write_interval(part.estimate) if part.estimate is not None else write_number(part.statistic)
    )
    own = [arm.estimates.get(part.arm_measure) for arm in part.arms]
    arms = " against ".join(write_number(each.value) for each in reversed(own) if each is not None)
    return f"{what}{when}", f"{told}  ({arms})" if arms else told, part.p_value
