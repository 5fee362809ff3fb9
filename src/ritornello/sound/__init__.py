"""Waveform in, physical or musical quantities out; no database, no server, no learned weights."""

from __future__ import annotations
