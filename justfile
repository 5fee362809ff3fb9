# One command for all checks; each can be run alone.
check: lint types layers test test-spotipy-2-24

lint:
    uv run ruff format --check .
    uv run ruff check .

types:
    uv run mypy

layers:
    uv run lint-imports

test *args:
    uv run pytest {{args}}

# The last spotipy from before Spotify's second round of removals; `test` runs the newest.
test-spotipy-2-24:
    uv run --with spotipy==2.24.0 pytest tests/server/test_spotipy.py

format:
    uv run ruff format .
    uv run ruff check --fix .

# Accuracy and speed beside peers; see docs/accuracy.md and docs/performance.md.
bench-accuracy *args:
    uv run --group bench --group peers python -m bench.accuracy {{args}}

bench-speed *args:
    uv run --group bench --group peers python -m bench.speed {{args}}
