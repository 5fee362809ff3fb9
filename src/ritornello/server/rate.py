"""How many requests a client may make: Spotify counts over the last thirty seconds, and so does this."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ritornello.errors import TooMany

WINDOW = 30
"""Seconds."""


class Rate:
    """Counts the requests of each client; None for no limit."""

    def __init__(self, most: int | None) -> None:
        self._item = None if most is None else RateLimitItemPerSecond(most, WINDOW)
        self._limiter = None if most is None else MovingWindowRateLimiter(MemoryStorage())

    def count(self, client_id: str) -> None:
        """Count a request; raises :class:`TooMany` with the seconds to wait."""
        if self._item is None or self._limiter is None or self._limiter.hit(self._item, client_id):
            return
        until = self._limiter.get_window_stats(self._item, client_id).reset_time
        raise TooMany(max(1, math.ceil(until - time.time())))
