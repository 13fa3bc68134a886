"""A clock whose sleeps take no time and are noted."""

import time
from datetime import UTC, datetime, timedelta

DATE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class FastClock:
    """Real time, and the time that was slept through on top of it; the date stands still but for sleeps."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.sleeps)

    def now(self) -> datetime:
        return DATE + timedelta(seconds=sum(self.sleeps))

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
