# `uv run` tells its own path, so that uv need not be on the PATH.
uv := env("UV", "uv")

# All checks and tests
check: lint types layers test test-spotipy-2-24

# Style
lint:
    {{uv}} run ruff format --check .
    {{uv}} run ruff check .

# Types
types:
    {{uv}} run mypy

# Imports point down only
layers:
    {{uv}} run lint-imports

# Tests
test *args:
    {{uv}} run pytest {{args}}

# The last spotipy from before Spotify's second round of removals; `test` runs the newest
test-spotipy-2-24:
    {{uv}} run --with spotipy==2.24.0 pytest tests/server/test_spotipy.py

# Format and mend what can be mended
format:
    {{uv}} run ruff format .
    {{uv}} run ruff check --fix .

# Accuracy beside peers; see docs/accuracy.md
bench-accuracy *args:
    {{uv}} run --group bench --group peers python -m bench.accuracy {{args}}

# Speed beside peers; see docs/performance.md
bench-speed *args:
    {{uv}} run --group bench --group peers python -m bench.speed {{args}}

# Section boundaries beside baselines; see docs/sections.md
bench-sections *args:
    {{uv}} run --group bench python -m bench.sections {{args}}

# What confidences are worth, from the answers of bench-accuracy --json
bench-reliability *args:
    {{uv}} run --group bench python -m bench.reliability {{args}}

# Time and memory of importing a long history; see docs/histories.md
bench-histories *args:
    {{uv}} run python -m bench.histories {{args}}

# How often the models of a study find what is not there; see docs/study/methods.md
bench-study *args:
    {{uv}} run python -m bench.study {{args}}

# Load on the server beside a constant answer
bench-api *args:
    {{uv}} run --group bench python -m bench.api {{args}}

# Pages of a large library; see docs/pages.md
bench-pages *args:
    {{uv}} run --group bench python -m bench.pages {{args}}

# Recommendations beside five peers, on HetRec 2011 Last.fm-2k; see docs/recommendations.md
bench-recommend *args:
    {{uv}} run --group bench python -m bench.recommend {{args}}
