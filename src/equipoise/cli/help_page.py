"""The page of the manual that shows every command with its help, written from the commands.

`python -m equipoise.cli.help_page > docs/reference/cli.md` (or `make docs`) writes it.
"""

from collections.abc import Iterator

import click

WIDTH = 88
HEAD = """# Command line

Written by `make docs` from the commands themselves; do not edit.
Exit codes: 0 all is well, 1 there are findings, 2 the command was misused.
"""


def render_help_page(command: click.Command, *, program: str) -> str:
    """A Markdown page with the help of a command and of everything below it, in sorted order."""
    parts = [f"## {path}\n\n```\n{text}\n```\n" for path, text in _helps(command, program=program)]
    return "\n".join([HEAD, *parts])


def _helps(command: click.Command, *, program: str) -> Iterator[tuple[str, str]]:
    """The full name of each command and its help, as a terminal of fixed width shows it."""
    context = click.Context(
        command, info_name=program, terminal_width=WIDTH, max_content_width=WIDTH, color=False
    )
    yield program, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _helps(below, program=f"{program} {name}")


def main() -> None:
    """Print the page for the program itself."""
    from equipoise.cli.main import main as program

    click.echo(render_help_page(program, program="equipoise"), nl=False)


if __name__ == "__main__":
    main()
