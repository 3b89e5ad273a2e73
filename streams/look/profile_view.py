"""One profile as a person reads it: its snapshot drawn as a panel of bars, lines and short sentences."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams.logs import escape
from streams.look.words import change_words, topic_name

SCALES = {"session": "this session", "short": "this week", "long": "long term"}
SCALE_STYLES = {"session": "cyan", "short": "green", "long": "bright_green"}
BAR_WIDTH = 8
LABEL_WIDTH = 15
ITEM_WIDTH = LABEL_WIDTH + BAR_WIDTH + 6
_BLOCKS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = " ▁▂▃▄▅▆▇█"
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def profile_panel(
    snapshot: Mapping[str, Any], now: datetime, said: Sequence[tuple[str, Mapping[str, Any]]] = (), *, recent: int = 6
) -> RenderableType:
    """The whole profile; `said` are time and record of its last changes, `recent` the number of last actions shown."""
    blocks: list[RenderableType] = [
        _summary(snapshot, now),
        _interests(snapshot.get("interests") or {}, snapshot.get("said") or {}),
    ]
    if said:
        blocks.append(_said(said))
    blocks.append(Columns([_brands(snapshot), _spend(snapshot), _hours(snapshot)], padding=(0, 3)))
    blocks.append(_now(snapshot, now))
    if recent and snapshot.get("recent"):
        blocks.append(_recent(snapshot["recent"], recent, now))
    if anomalies := snapshot.get("anomalies"):
        blocks.append(Group(*(_anomaly(anomaly, now) for anomaly in anomalies)))
    spaced: list[RenderableType] = [part for block in blocks for part in (block, "")][:-1]
    title = Text(escape(str(snapshot.get("profile_id", "?"))), "bold")
    title.append(f"  version {snapshot.get('version', '?')}", "not bold dim")
    return Panel(Group(*spaced), title=title, title_align="left", border_style="cyan", padding=(1, 2))


def bar(share: float, width: int = BAR_WIDTH) -> str:
    """A share of 1 as a bar in eighths of a character.

    >>> bar(0.5, 4), bar(0.03125, 4), bar(2.0, 4)
    ('██  ', '▏   ', '████')
    """
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (_BLOCKS[rest] if rest else "")).ljust(width)


def sparkline(shares: Sequence[float]) -> str:
    """Shares as a line of columns, the largest one full.

    >>> sparkline([0.0, 0.1, 0.2])
    ' ▄█'
    """
    top = max(shares, default=0.0)
    return "".join(_HEIGHTS[0 if top <= 0 or s <= 0 else max(1, round(s / top * 8))] for s in shares)


def moment(value: Any) -> datetime | None:
    """A time of the snapshot: RFC 3339, or epoch milliseconds."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(UTC)
        return datetime.fromtimestamp(value / 1000, UTC) if value else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def ago(value: Any, now: datetime) -> str:
    """How long ago, in its largest unit.

    >>> ago("2026-01-01T10:00:00Z", datetime(2026, 1, 1, 12, 30, tzinfo=UTC))
    '2 hours ago'
    """
    then = moment(value)
    if then is None:
        return "never"
    seconds = (now - then).total_seconds()
    if -2 < seconds < 2:
        return "just now"
    size, unit = next(((size, unit) for size, unit in _UNITS if abs(seconds) >= size), (1, "second"))
    count = int(abs(seconds) // size)
    words = f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{words} ago" if seconds > 0 else f"in {words}"


def _summary(snapshot: Mapping[str, Any], now: datetime) -> Text:
    """Who this is, in two lines."""
    events = snapshot.get("events") or {}
    cluster = snapshot.get("cluster")
    text = Text(f"{events.get('total', 0):,} events", "bold")
    text.append(f"  seen {ago(snapshot.get('last_seen'), now)}, first {ago(snapshot.get('first_seen'), now)}")
    if cluster:
        text.append(f"  cluster {cluster.get('id')}", "bright_blue").append(f" of {cluster.get('model')}", "dim")
    by_action = sorted((events.get("by_action") or {}).items(), key=lambda item: -item[1])
    counts = "  ".join(f"{escape(action)} {_count(count)}" for action, count in by_action if count >= 0.05)
    text.append(f"\n{counts}" if counts else "", "dim")
    return _standing(snapshot, text)


def _standing(snapshot: Mapping[str, Any], text: Text) -> Text:
    """Lifecycle and segments, on a line of their own."""
    state = (snapshot.get("lifecycle") or {}).get("state")
    names = [str(one.get("name")) for one in snapshot.get("segments") or []]
    if not state and not names:
        return text
    text.append(f"\n{escape(str(state or '').replace('-', ' '))}", "bold green")
    return text.append(
        f"{'  ' if state else ''}{escape(' · '.join(name.replace('-', ' ') for name in names))}", "green"
    )


def _interests(interests: Mapping[str, Any], said: Mapping[str, Sequence[str]]) -> Columns:
    """The three scales side by side where there is room, a bar for each topic; what was said of a scale is bold."""
    return Columns(
        [
            Text(f"Interests, {words}".ljust(ITEM_WIDTH), "dim")
            .append("\n")
            .append_text(_bars(interests.get(scale) or [], "topic", SCALE_STYLES[scale], said.get(scale) or ()))
            for scale, words in SCALES.items()
        ],
        padding=(0, 3),
    )


def _bars(items: Sequence[Mapping[str, Any]], key: str, style: str, said: Sequence[str] = (), most: int = 5) -> Text:
    """A line for each item: name, bar, share; what was said is bold."""
    lines = []
    for item in items[:most]:
        name, share = escape(topic_name(item.get(key))), float(item.get("share") or 0.0)
        name = name if len(name) <= LABEL_WIDTH else name[: LABEL_WIDTH - 1] + "…"
        line = (
            Text(f"{name:<{LABEL_WIDTH}} ", "bold" if item.get(key) in said else "")
            .append(bar(share), style)
            .append(f" {share:>4.0%}", "bold")
        )
        lines.append(line)
    return Text("\n").join(lines) if lines else Text("nothing yet".ljust(ITEM_WIDTH), "dim")


def _brands(snapshot: Mapping[str, Any]) -> Text:
    return Text("Brands\n", "dim").append_text(_bars(snapshot.get("brands") or [], "brand", "magenta", most=3))


def _spend(snapshot: Mapping[str, Any]) -> Text:
    """The band, totals and what came back. Amounts are in major units."""
    spend = snapshot.get("spend") or {}
    currency = escape(str(spend.get("currency") or ""))
    text = Text("Spend\n", "dim").append(f"{escape(str(spend.get('band') or 'none'))}", "bold yellow")
    text.append(f"  {_money(spend.get('recent'))} {currency} recently\n")
    text.append(f"{_money(spend.get('total'))} {currency} in {_counted(spend.get('orders'), 'order')}")
    return text.append(f"\n{_counted(spend['refunds'], 'refund')}", "red") if spend.get("refunds") else text


def _hours(snapshot: Mapping[str, Any]) -> Text:
    hours = snapshot.get("hours") or {}
    shares = [float(share) for share in hours.get("histogram") or [0.0] * 24]
    text = Text("Active hours, UTC", "dim")
    if hours.get("daypart"):
        text.append(f"  mostly {escape(str(hours['daypart']))}", "blue")
    return text.append(f"\n{sparkline(shares)}\n", "blue").append("0     6     12    18   23", "dim")


def _now(snapshot: Mapping[str, Any], now: datetime) -> Text:
    """The session in a line."""
    session = snapshot.get("session") or {}
    actions = ", ".join(f"{_count(n)} {escape(action)}" for action, n in (session.get("actions") or {}).items() if n)
    text = Text("Session  ", "dim").append(f"started {ago(session.get('started'), now)}, ")
    return text.append(f"{_count(session.get('events'))} events").append(f"  {actions}", "dim")


def _recent(recent: Sequence[Mapping[str, Any]], most: int, now: datetime) -> Group:
    """The last actions, newest first."""
    table = Table.grid(padding=(0, 2))
    newest = sorted(recent, key=lambda act: moment(act.get("ts")) or datetime.min.replace(tzinfo=UTC), reverse=True)
    for act in newest[:most]:
        topic = escape(topic_name(act["topic"])) if act.get("topic") else ""
        table.add_row(
            Text(ago(act.get("ts"), now), "dim", justify="right"),
            Text(escape(str(act.get("action", "?"))), "cyan"),
            Text(topic),
            Text(escape(str(act.get("source") or "")), "dim"),
        )
    return Group(Text("Last actions", "dim"), table)


def _said(said: Sequence[tuple[str, Mapping[str, Any]]]) -> Group:
    """What was last said, a sentence a line, newest first."""
    table = Table.grid(padding=(0, 2))
    for time, record in said:
        for place, (what, why) in enumerate(change_words(record)):
            mark = f"v{record.get('version', '?')}" if place == 0 else ""
            text = Text(escape(what)).append(f"  {escape(why)}", "dim")
            table.add_row(Text(time if place == 0 else "", "dim"), Text(mark, "dim"), text)
    return Group(Text("Last said", "dim"), table)


def _anomaly(anomaly: Mapping[str, Any], now: datetime) -> Text:
    """A line for an open anomaly."""
    text = Text("⚠ ", "bold red").append(escape(str(anomaly.get("kind"))), "bold red")
    return text.append(f"  score {float(anomaly.get('score') or 0):.1f}, since {ago(anomaly.get('since'), now)}")


def _count(value: Any) -> str:
    """A count as it is, a decayed one with a decimal where it matters."""
    number = float(value or 0)
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"


def _counted(value: Any, thing: str) -> str:
    """A count and what is counted."""
    return f"{_count(value)} {thing}{'' if value == 1 else 's'}"


def _money(value: Any) -> str:
    return f"{float(value or 0):,.2f}"
