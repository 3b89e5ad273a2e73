"""Renders a profile's snapshot as a panel of bars, lines and short sentences."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from liveprofile.profiles.facts.wording import topic_name
from liveprofile.streams.logs import escape
from liveprofile.streams.render.amounts import sum_words, unpriced_words
from liveprofile.streams.render.change_messages import change_sentences, split_message
from liveprofile.streams.render.drawing import BAR_WIDTH, ago, bar, count, counted, moment, money, sparkline
from liveprofile.streams.render.slots import interests_apart
from liveprofile.streams.render.traits import declared, timezone_of, traits

SCALES = {"session": "this session", "short": "this week", "long": "long term"}
SCALE_STYLES = {"session": "cyan", "short": "green", "long": "bright_green"}
_TASKS = {"purchase.session": "buys now", "purchase.week": "buys this week", "churn": "stays away"}
LABEL_WIDTH = 15
ITEM_WIDTH = LABEL_WIDTH + BAR_WIDTH + 6


def profile_panel(
    snapshot: Mapping[str, Any],
    now: datetime,
    published: Sequence[tuple[str, Mapping[str, Any]]] = (),
    *,
    recent: int = 6,
) -> RenderableType:
    """The whole profile; `published`: time and record of its last changes; `recent`: number of last actions to show."""
    blocks: list[RenderableType] = [
        _summary(snapshot, now),
        _interests(snapshot.get("interests") or {}, snapshot.get("said") or {}),
    ]
    if apart := interests_apart(snapshot):
        blocks.append(apart)
    if published:
        blocks.append(_last_published(published))
    blocks.append(Columns([_brands(snapshot), _spend(snapshot), _hours(snapshot)], padding=(0, 3)))
    if isinstance(snapshot.get("traits"), Mapping):
        blocks.append(traits(snapshot, now))
    if stated := snapshot.get("declared"):
        blocks.append(Group(Text("Declared", "dim"), declared(stated, now)))
    blocks.append(_now(snapshot, now))
    if predictions := snapshot.get("predictions"):
        blocks.append(_predictions(predictions))
    if recent and snapshot.get("recent"):
        blocks.append(_recent(snapshot["recent"], recent, now))
    if anomalies := snapshot.get("anomalies"):
        blocks.append(Group(*(_anomaly(anomaly, now) for anomaly in anomalies)))
    spaced: list[RenderableType] = [part for block in blocks for part in (block, "")][:-1]
    title = Text(escape(str(snapshot.get("profile_id", "?"))), "bold")
    title.append(f"  version {snapshot.get('version', '?')}", "not bold dim")
    return Panel(Group(*spaced), title=title, title_align="left", border_style="cyan", padding=(1, 2))


def _summary(snapshot: Mapping[str, Any], now: datetime) -> Text:
    """Events, cluster and counts in two lines."""
    events = snapshot.get("events") or {}
    cluster = snapshot.get("cluster")
    text = Text(f"{events.get('total', 0):,} events", "bold")
    text.append(f"  seen {ago(snapshot.get('last_seen'), now)}, first {ago(snapshot.get('first_seen'), now)}")
    if cluster:
        name = f" {escape(str(cluster['name']))}" if cluster.get("name") else ""
        text.append(f"  cluster {cluster.get('id')}{name}", "bright_blue").append(f" of {cluster.get('model')}", "dim")
    by_action = sorted((events.get("by_action") or {}).items(), key=lambda item: -item[1])
    counts = "  ".join(f"{escape(action)} {count(number)}" for action, number in by_action if number >= 0.05)
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


def _interests(interests: Mapping[str, Any], published: Mapping[str, Sequence[str]]) -> Columns:
    """The three scales side by side if there is room, a bar for each topic; published topics are bold."""
    return Columns(
        [
            Text(f"Interests, {words}".ljust(ITEM_WIDTH), "dim")
            .append("\n")
            .append_text(_bars(interests.get(scale) or [], "topic", SCALE_STYLES[scale], published.get(scale) or ()))
            for scale, words in SCALES.items()
        ],
        padding=(0, 3),
    )


def _bars(
    items: Sequence[Mapping[str, Any]], key: str, style: str, published: Sequence[str] = (), most: int = 5
) -> Text:
    """A line for each item: name, bar, share; published items are bold."""
    lines = []
    for item in items[:most]:
        name, share = escape(topic_name(item.get(key))), float(item.get("share") or 0.0)
        name = name if len(name) <= LABEL_WIDTH else name[: LABEL_WIDTH - 1] + "…"
        line = (
            Text(f"{name:<{LABEL_WIDTH}} ", "bold" if item.get(key) in published else "")
            .append(bar(share), style)
            .append(f" {share:>4.0%}", "bold")
        )
        lines.append(line)
    return Text("\n").join(lines) if lines else Text("nothing yet".ljust(ITEM_WIDTH), "dim")


def _brands(snapshot: Mapping[str, Any]) -> Text:
    return Text("Brands\n", "dim").append_text(_bars(snapshot.get("brands") or [], "brand", "magenta", most=3))


def _spend(snapshot: Mapping[str, Any]) -> Text:
    """Band, totals and refunds. Amounts are in major units."""
    spend = snapshot.get("spend") or {}
    currency = escape(str(spend.get("currency") or ""))
    text = Text("Spend\n", "dim").append(f"{escape(str(spend.get('band') or 'none'))}", "bold yellow")
    text.append(f"  {money(spend.get('recent'))} {currency} recently\n")
    text.append(escape(sum_words(spend)))
    if left_out := unpriced_words(spend):
        text.append(f"\n{left_out}", "yellow")
    return text.append(f"\n{counted(spend['refunds'], 'refund')}", "red") if spend.get("refunds") else text


def _hours(snapshot: Mapping[str, Any]) -> Text:
    hours = snapshot.get("hours") or {}
    shares = [float(share) for share in hours.get("histogram") or [0.0] * 24]
    text = Text(f"Active hours, {escape(timezone_of(snapshot))}", "dim")
    if hours.get("daypart"):
        text.append(f"  mostly {escape(str(hours['daypart']))}", "blue")
    return text.append(f"\n{sparkline(shares)}\n", "blue").append("0     6     12    18   23", "dim")


def _now(snapshot: Mapping[str, Any], now: datetime) -> Text:
    """The session in a line."""
    session = snapshot.get("session") or {}
    actions = ", ".join(f"{count(n)} {escape(action)}" for action, n in (session.get("actions") or {}).items() if n)
    text = Text("Session  ", "dim").append(f"started {ago(session.get('started'), now)}, ")
    return text.append(f"{count(session.get('events'))} events").append(f"  {actions}", "dim")


def _predictions(predictions: Mapping[str, Mapping[str, Any]]) -> Group:
    """A line for each prediction: a bar, its band, and the inputs of the largest effect."""
    table = Table.grid(padding=(0, 2))
    for task, one in predictions.items():
        probability = float(one.get("chance") or 0.0)
        because = ", ".join(escape(str(part.get("words"))) for part in (one.get("because") or ())[:2])
        table.add_row(
            Text(_TASKS.get(task, escape(task))),
            Text(bar(probability), "bright_magenta").append(f" {probability:>4.0%}", "bold"),
            Text(escape(str(one.get("band", ""))), "bright_magenta"),
            Text(because, "dim"),
        )
    return Group(Text("Predictions", "dim"), table)


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


def _last_published(published: Sequence[tuple[str, Mapping[str, Any]]]) -> Group:
    """The last published changes, a sentence per line, newest first."""
    table = Table.grid(padding=(0, 2))
    for time, record in published:
        for place, message in enumerate(change_sentences(record)):
            what, why = split_message(message)
            mark = f"v{record.get('version', '?')}" if place == 0 else ""
            text = Text(escape(what)).append(f" {escape(why)}", "dim")
            table.add_row(Text(time if place == 0 else "", "dim"), Text(mark, "dim"), text)
    return Group(Text("Last published", "dim"), table)


def _anomaly(anomaly: Mapping[str, Any], now: datetime) -> Text:
    """A line for an open anomaly."""
    text = Text("⚠ ", "bold red").append(escape(str(anomaly.get("kind"))), "bold red")
    severity = f"severity {anomaly['severity']}, " if anomaly.get("severity") else ""
    score = f"{float(anomaly.get('score') or 0):.1f}"
    return text.append(f"  {severity}score {score}, since {ago(anomaly.get('since'), now)}")
