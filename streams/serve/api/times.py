"""Times in parameters."""

from datetime import UTC, datetime

from liveprofile.streams.serve.api.problems import ProblemError


def time_of(name: str, text: str | None) -> int | None:
    """A parameter that is a time, as epoch milliseconds. A ProblemError for another text."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ProblemError("bad-request", f"{name} is not an RFC 3339 time such as 2026-12-01T12:00:00Z.") from None
