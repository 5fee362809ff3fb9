"""Waveform in, physical or musical quantities out; no database, no server."""

from __future__ import annotations
