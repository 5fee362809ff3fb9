"""``python -m ritornello`` is ``ritornello``."""

from __future__ import annotations

from ritornello.cli import main

if __name__ == "__main__":
    main(prog_name="ritornello")
