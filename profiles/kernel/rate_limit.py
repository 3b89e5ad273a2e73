"""Publish rate limit: a minimum interval per path, and a token bucket per profile."""

from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row


@compiled
def refill_publish_budget(row: Row, event: Row, pause_ms: int, rules: Rules) -> None:
    """Refill the token bucket of published versions: per event and per second.

    In an hour of n events a profile has at most publish_burst + 1 + n publish_refill_per_event + 3600 /
    publish_refill_s versions, for any number of paths: a tenth of the events from 120 events on. Segment rules get
    one extra token.
    """
    allowed = max(pause_ms, 0) / (1000.0 * rules.publish_refill_s) + (
        rules.publish_refill_per_event if event.line == 0 else 0.0
    )
    row.publish_budget_used = max(row.publish_budget_used - allowed * _token_share(rules), 0.0)


@compiled
def count_version(row: Row, rules: Rules) -> None:
    """Count a published version: increment the version, and use one token."""
    row.version += 1
    row.publish_budget_used += _token_share(rules)


@compiled
def may_judge(row: Row, rules: Rules) -> bool:
    """Whether segment rules may publish a version of their own; they have one token more than other paths."""
    return bool(row.publish_budget_used <= 1.0 + _token_share(rules))


@compiled
def judges_again_ms(row: Row, rules: Rules) -> int:
    """When rules may be judged again without an activity, epoch milliseconds."""
    over = (row.publish_budget_used - 1.0) / _token_share(rules) - 1.0
    return int(row.seen_ms + max(over, 0.0) * rules.publish_refill_s * 1000.0) + 1


@compiled
def _token_share(rules: Rules) -> float:
    """One version's share of the bucket: the last one of `publish_burst` begins at 1."""
    return float(1.0 / max(rules.publish_burst - 1.0, 0.001))


@compiled
def is_due(row: Row, path: int, interval_s: float) -> bool:
    """Whether a path may be published now; if so it is marked as published.

    Changes suppressed by the rate limit are published together later, as one version.
    """
    return is_due_at(row, row.seen_ms, 1.0, path, interval_s)


@compiled
def is_due_at(row: Row, time_ms: int, most: float, path: int, interval_s: float) -> bool:
    """The same for a given moment, while no more than `most` of the budget is used."""
    last, now = row.published_s[path], epoch_s(time_ms)
    if row.publish_budget_used > most or (last != 0 and now < last + interval_s):
        return False
    row.published_s[path] = now
    return True
