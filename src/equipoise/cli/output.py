"""How commands print findings and leave: one way for all of them."""

import json
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import click

from equipoise.vocab.finding import Finding, Severity

OK, FINDINGS, MISUSE = 0, 1, 2
_READ = 5_000  # lines of findings that a terminal is given


def print_json(value: Any) -> None:
    """Prints `value` as JSON, the only thing on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def finding_values(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Findings as plain values for JSON."""
    return [
        {
            "where": finding.where,
            "code": finding.code,
            "severity": finding.severity.value,
            "message": finding.message,
            "found": finding.found,
            "mend": finding.mend,
            "subject": finding.subject,
            "entry": finding.entry,
            "item": finding.item,
        }
        for finding in findings
    ]


def print_findings(findings: Iterable[Finding]) -> None:
    """Prints findings, a line each, to standard error; hard ones first, up to what one reads."""
    ordered = sorted(findings, key=lambda finding: finding.severity is not Severity.HARD)
    for finding in ordered[:_READ]:
        mark = "refused" if finding.severity is Severity.HARD else "asked"
        click.echo(f"{mark:8}{finding}", err=True)
    if len(ordered) > _READ:
        click.echo(f"... and {len(ordered) - _READ} more findings; --json has all.", err=True)


def leave(code: int) -> NoReturn:
    """Ends the command with an exit code: 0 ok, 1 findings, 2 misuse."""
    sys.exit(code)


def has_refusal(findings: Iterable[Finding]) -> bool:
    """Whether any finding refuses; the command then ends with exit code 1."""
    return any(finding.severity is Severity.HARD for finding in findings)
