"""Findings as lines for people, and as one object for programs."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from rich.text import Text

from liveprofile.streams.backtest.check.findings import Findings, Seen
from liveprofile.streams.contract.refusals import Reason
from liveprofile.streams.logs import escape

INDENT = 4
_Key = TypeVar("_Key")
MOST_UNKNOWN = 20
"""Unknown fields that are listed at most, the most frequent first."""


def as_lines(found: Findings, name: str) -> Iterator[Text]:
    """The findings, in the order in which a reader acts on them."""
    yield Text(f"{name}: {_counted(found.records, 'record')}", "bold")
    yield Text("taken    ", "green").append(_by_input(found.taken) or "none", "")
    if found.passed_over:
        parts = ", ".join(f"{count:,} {escape(kind)}" for kind, count in found.passed_over.most_common())
        yield Text(f"passed over  {parts}: what the shop showed, and no act of a shopper")
    yield from _refused(found)
    yield from _near(found)
    yield from _remarks(found)
    yield from _unknown(found)
    yield from _absent(found)


def as_json(found: Findings, name: str) -> dict[str, Any]:
    """The findings for programs; no value of a record is in it."""
    return {
        "file": name,
        "records": found.records,
        "taken": dict(found.taken),
        "passed_over": dict(found.passed_over),
        "refused": [
            {"input": topic, "reason": reason, "meaning": Reason(reason).words, "first": seen.words} | _seen(seen)
            for (topic, reason), seen in _most_first(found.refused)
        ],
        "look_like": [
            {"input": topic, "field": miss.unknown, "looks_like": miss.known} | _seen(seen)
            for (topic, miss), seen in _most_first(found.near)
        ],
        "unknown": [
            {"input": topic, "field": field or None} | _seen(seen)
            for (topic, field), seen in _most_first(found.unknown)[:MOST_UNKNOWN]
        ],
        "absent": found.absent(),
        "times": {"ahead": _seen(found.ahead), "old": _seen(found.old), "none": _seen(found.timeless)},
        "amounts": {
            "other_currencies": {code: _seen(seen) for code, seen in sorted(found.foreign.items())},
            "orders_without": _seen(found.unpriced),
        },
        "placeholders": [
            {"field": str(field), "kind": str(kind), "count": count}
            for (field, kind), count in found.placeholders.counts.most_common()
        ],
    }


def _refused(found: Findings) -> Iterator[Text]:
    if not found.refused:
        return
    yield Text("refused  ", "red").append(f"{found.refusals:,}", "")
    for (topic, reason), seen in _most_first(found.refused):
        line = Text(" " * INDENT).append(f"{topic}  {reason}", "bold").append(f"  {_where(seen)}")
        yield line.append(f"  {escape(seen.words)}", "dim")


def _near(found: Findings) -> Iterator[Text]:
    if not found.near:
        return
    yield Text("not read, and like a field that is: rename it at the producer", "yellow")
    for (topic, miss), seen in _most_first(found.near):
        line = Text(" " * INDENT).append(f"{topic}  {escape(miss.unknown)} looks like {miss.known}", "bold")
        yield line.append(f"  {_where(seen)}")


def _remarks(found: Findings) -> Iterator[Text]:
    """What is taken otherwise than a sender may think."""
    days = found.oldest_ms // 86_400_000
    remarks = [
        (found.ahead, "after now: an event is moved back to its arrival"),
        (
            found.old,
            f"older than {days} days: a live producer's would be refused, "
            "unless the record has the Kafka header replayed, as `liveprofile replay` gives it",
        ),
        (found.timeless, "without ts: the arrival counts as its time"),
        *((seen, f"in {code}: the amounts are unknown in a shop that counts in {found.exchange.currency}")
          for code, seen in sorted(found.foreign.items())),
        (found.unpriced, "an order without an amount: it counts as an order, and nothing is added to the sum"),
    ]  # fmt: skip
    lines = [Text(f"{' ' * INDENT}{_where(seen)}  {words}") for seen, words in remarks if seen.count]
    lines += [
        Text(f"{' ' * INDENT}{'once' if count == 1 else f'{count:,} times'}  "
             f"{field} is a placeholder ({kind}): it counts as not sent")
        for (field, kind), count in found.placeholders.counts.most_common()
    ]  # fmt: skip
    if lines:
        yield Text("taken otherwise than it may seem", "yellow")
        yield from lines


def _unknown(found: Findings) -> Iterator[Text]:
    """Fields that nothing reads, the most frequent first."""
    ranked = _most_first(found.unknown)
    if not ranked:
        return
    names = [f"{topic} {escape(field) or 'names that are no identifiers'} ({seen.count:,})"
             for (topic, field), seen in ranked[:MOST_UNKNOWN]]  # fmt: skip
    more = f", and {len(ranked) - MOST_UNKNOWN:,} more" if len(ranked) > MOST_UNKNOWN else ""
    yield Text("not read  ", "dim").append(", ".join(names) + more)


def _absent(found: Findings) -> Iterator[Text]:
    for topic, names in found.absent().items():
        yield Text(f"in no record of {topic}  ", "dim").append(", ".join(names))


def _where(seen: Seen) -> str:
    """A count, and the first lines.

    >>> _where(Seen(2, [3, 9])), _where(Seen(7, [1, 2, 3, 4, 5])), _where(Seen(1, [4]))
    ('2 times, lines 3, 9', '7 times, first in lines 1, 2, 3, 4, 5', 'once, line 4')
    """
    lines = ", ".join(f"{number}" for number in seen.lines)
    if seen.count == 1:
        return f"once, line {lines}"
    return f"{seen.count:,} times, {'first in ' if seen.count > len(seen.lines) else ''}lines {lines}"


def _most_first(found: Mapping[_Key, Seen]) -> list[tuple[_Key, Seen]]:
    return sorted(found.items(), key=lambda one: -one[1].count)


def _by_input(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{topic} {count:,}" for topic, count in counts.items())


def _seen(seen: Seen) -> dict[str, Any]:
    return {"count": seen.count, "first_lines": seen.lines}


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
