"""Options and habits that all commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ritornello.errors import RitornelloError


class Commands(click.Group):
    """Shows what went wrong on purpose as one line, and commands in the order in which one meets them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except RitornelloError as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them in the order in which they are defined."""
        return list(self.commands)


def example(*lines: str) -> str:
    """The end of a command's help."""
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


A_FILE = click.Path(path_type=Path)
no_library_option = click.option("--library", metavar="PATH", expose_value=False, help="Accepted, but not needed here.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
