# One command for all checks; each can be run alone.
check: lint types layers test

lint:
    uv run ruff format --check .
    uv run ruff check .

types:
    uv run mypy

layers:
    uv run lint-imports

test *args:
    uv run pytest {{args}}

format:
    uv run ruff format .
    uv run ruff check --fix .
