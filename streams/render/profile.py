"""Renders a profile's snapshot as a panel of bars, lines and short sentences."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from liveprofile.streams.language import formats
from liveprofile.streams.language.change_templates import reason
from liveprofile.streams.language.panel import ENGLISH_LABELS, Labels
from liveprofile.streams.language.words_of import ENGLISH
from liveprofile.streams.logs import escape
from liveprofile.streams.render.amounts import orders_priced, sum_words, unpriced_words
from liveprofile.streams.render.change_messages import change_sentences, split_message
from liveprofile.streams.render.drawing import BAR_WIDTH, ago, bar, count, counted, moment, money, sparkline
from liveprofile.streams.render.slots import interests_apart
from liveprofile.streams.render.traits import declared, timezone_of, traits

SCALES = {
    "session": "Interests, this session",
    "short": "Interests, this week",
    "long": "Interests, long term",
}
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
    say: Labels = ENGLISH_LABELS,
) -> RenderableType:
    """The whole profile; `published`: time and record of its last changes; `recent`: number of last actions to show."""
    blocks: list[RenderableType] = [
        _summary(snapshot, now, say),
        _interests(snapshot.get("interests") or {}, snapshot.get("said") or {}, say),
    ]
    if apart := interests_apart(snapshot, say):
        blocks.append(apart)
    if published:
        blocks.append(_last_published(published, say))
    blocks.append(Columns([_brands(snapshot, say), _spend(snapshot, say), _hours(snapshot, say)], padding=(0, 3)))
    if isinstance(snapshot.get("traits"), Mapping):
        blocks.append(traits(snapshot, now, say))
    if stated := snapshot.get("declared"):
        blocks.append(Group(Text(say("Declared"), "dim"), declared(stated, now, say)))
    blocks.append(_now(snapshot, now, say))
    if predictions := snapshot.get("predictions"):
        blocks.append(_predictions(predictions, say))
    if recent and snapshot.get("recent"):
        blocks.append(_recent(snapshot["recent"], recent, now, say))
    if anomalies := snapshot.get("anomalies"):
        blocks.append(Group(*(_anomaly(anomaly, now, say) for anomaly in anomalies)))
    spaced: list[RenderableType] = [part for block in blocks for part in (block, "")][:-1]
    title = Text(escape(str(snapshot.get("profile_id", "?"))), "bold")
    title.append("  " + say("version {number}", number=snapshot.get("version", "?")), "not bold dim")
    return Panel(Group(*spaced), title=title, title_align="left", border_style="cyan", padding=(1, 2))


def _summary(snapshot: Mapping[str, Any], now: datetime, say: Labels) -> Text:
    """Events, cluster and counts in two lines."""
    events = snapshot.get("events") or {}
    cluster = snapshot.get("cluster")
    text = Text(say("{count} events", count=f"{events.get('total', 0):,}"), "bold")
    last, first = (say.ago(snapshot.get(name), now, ago) for name in ("last_seen", "first_seen"))
    text.append("  " + say("seen {last}, first {first}", last=last, first=first))
    if cluster:
        name = f" {escape(str(cluster['name']))}" if cluster.get("name") else ""
        text.append("  " + say("cluster {id}", id=cluster.get("id")) + name, "bright_blue")
        text.append(" " + say("of {model}", model=escape(str(cluster.get("model")))), "dim")
    by_action = sorted((events.get("by_action") or {}).items(), key=lambda item: -item[1])
    counts = "  ".join(f"{escape(say(action))} {count(number)}" for action, number in by_action if number >= 0.05)
    text.append(f"\n{counts}" if counts else "", "dim")
    return _standing(snapshot, text, say)


def _standing(snapshot: Mapping[str, Any], text: Text, say: Labels) -> Text:
    """Lifecycle and segments, on a line of their own."""
    state = (snapshot.get("lifecycle") or {}).get("state")
    names = [str(one.get("name")) for one in snapshot.get("segments") or []]
    if not state and not names:
        return text
    text.append(f"\n{escape(say.value(state or '').replace('-', ' '))}", "bold green")
    return text.append(
        f"{'  ' if state else ''}{escape(' · '.join(name.replace('-', ' ') for name in names))}", "green"
    )


def _interests(interests: Mapping[str, Any], published: Mapping[str, Sequence[str]], say: Labels) -> Columns:
    """The three scales side by side if there is room, a bar for each topic; published topics are bold."""
    return Columns(
        [
            Text(set_cell_size(say(words), ITEM_WIDTH), "dim")
            .append("\n")
            .append_text(
                _bars(interests.get(scale) or [], "topic", SCALE_STYLES[scale], published.get(scale) or (), say=say)
            )
            for scale, words in SCALES.items()
        ],
        padding=(0, 3),
    )


def _bars(
    items: Sequence[Mapping[str, Any]],
    key: str,
    style: str,
    published: Sequence[str] = (),
    most: int = 5,
    *,
    say: Labels,
) -> Text:
    """A line for each item: name, bar, share; published items are bold."""
    lines = []
    for item in items[:most]:
        name, share = escape(say.topic(item.get(key))), float(item.get("share") or 0.0)
        name = name if cell_len(name) <= LABEL_WIDTH else set_cell_size(name, LABEL_WIDTH - 1).rstrip() + "…"
        line = (
            Text(set_cell_size(name, LABEL_WIDTH + 1), "bold" if item.get(key) in published else "")
            .append(bar(share), style)
            .append(f" {share:>4.0%}", "bold")
        )
        lines.append(line)
    return Text("\n").join(lines) if lines else Text(set_cell_size(say("nothing yet"), ITEM_WIDTH), "dim")


def _brands(snapshot: Mapping[str, Any], say: Labels) -> Text:
    bars = _bars(snapshot.get("brands") or [], "brand", "magenta", most=3, say=say)
    return Text(say("Brands") + "\n", "dim").append_text(bars)


def _spend(snapshot: Mapping[str, Any], say: Labels) -> Text:
    """Band, totals and refunds. Amounts are in major units."""
    spend = snapshot.get("spend") or {}
    currency = escape(str(spend.get("currency") or ""))
    text = Text(say("Spend") + "\n", "dim").append(escape(say.value(spend.get("band") or "none")), "bold yellow")
    recent = f"{money(spend.get('recent'))} {currency}"
    text.append("  " + say("{amount} recently", amount=recent) + "\n")
    text.append(escape(_sum(spend, say)))
    if left_out := unpriced_words(spend):
        text.append(f"\n{left_out}", "yellow")
    return text.append(f"\n{counted(spend['refunds'], 'refund')}", "red") if spend.get("refunds") else text


def _sum(spend: Mapping[str, Any], say: Labels) -> str:
    """The sum of the orders with known amounts."""
    if say.language == ENGLISH or not orders_priced(spend):
        return sum_words(spend)
    amount = formats.amount(float(spend.get("total") or 0), say.language, str(spend.get("currency") or ""))
    return say("{amount} in {count} orders", amount=amount, count=orders_priced(spend))


def _hours(snapshot: Mapping[str, Any], say: Labels) -> Text:
    hours = snapshot.get("hours") or {}
    shares = [float(share) for share in hours.get("histogram") or [0.0] * 24]
    text = Text(say("Active hours, {zone}", zone=escape(timezone_of(snapshot))), "dim")
    if hours.get("daypart"):
        text.append("  " + say("mostly {part}", part=escape(say.value(hours["daypart"]))), "blue")
    return text.append(f"\n{sparkline(shares)}\n", "blue").append("0     6     12    18   23", "dim")


def _now(snapshot: Mapping[str, Any], now: datetime, say: Labels) -> Text:
    """The session in a line."""
    session = snapshot.get("session") or {}
    actions = ", ".join(
        f"{count(n)} {escape(say(action))}" for action, n in (session.get("actions") or {}).items() if n
    )
    text = Text(say("Session") + "  ", "dim")
    text.append(say("started {when}", when=say.ago(session.get("started"), now, ago)) + ", ")
    return text.append(say("{count} events", count=count(session.get("events")))).append(f"  {actions}", "dim")


def _predictions(predictions: Mapping[str, Mapping[str, Any]], say: Labels) -> Group:
    """A line for each prediction: a bar, its band, and the inputs of the largest effect."""
    table = Table.grid(padding=(0, 2))
    for task, one in predictions.items():
        probability = float(one.get("chance") or 0.0)
        because = ", ".join(escape(_reason(part, say)) for part in (one.get("because") or ())[:2])
        table.add_row(
            Text(say(_TASKS[task]) if task in _TASKS else escape(task)),
            Text(bar(probability), "bright_magenta").append(f" {probability:>4.0%}", "bold"),
            Text(escape(say.value(one.get("band", ""))), "bright_magenta"),
            Text(because, "dim"),
        )
    return Group(Text(say("Predictions"), "dim"), table)


def _reason(part: Mapping[str, Any], say: Labels) -> str:
    """What an input does to a probability."""
    effect, own = part.get("effect"), str(part.get("words"))
    if say.language == ENGLISH or not isinstance(effect, int | float):
        return own
    return reason(str(part.get("input")), effect, say.language) or own


def _recent(recent: Sequence[Mapping[str, Any]], most: int, now: datetime, say: Labels) -> Group:
    """The last actions, newest first."""
    table = Table.grid(padding=(0, 2))
    newest = sorted(recent, key=lambda act: moment(act.get("ts")) or datetime.min.replace(tzinfo=UTC), reverse=True)
    for act in newest[:most]:
        topic = escape(say.topic(act["topic"])) if act.get("topic") else ""
        table.add_row(
            Text(say.ago(act.get("ts"), now, ago), "dim", justify="right"),
            Text(escape(say(str(act.get("action", "?")))), "cyan"),
            Text(topic),
            Text(escape(str(act.get("source") or "")), "dim"),
        )
    return Group(Text(say("Last actions"), "dim"), table)


def _last_published(published: Sequence[tuple[str, Mapping[str, Any]]], say: Labels) -> Group:
    """The last published changes, a sentence per line, newest first."""
    table = Table.grid(padding=(0, 2))
    for time, record in published:
        for place, message in enumerate(change_sentences(record)):
            what, why = split_message(message)
            mark = f"v{record.get('version', '?')}" if place == 0 else ""
            text = Text(escape(what)).append(f" {escape(why)}", "dim")
            table.add_row(Text(time if place == 0 else "", "dim"), Text(mark, "dim"), text)
    return Group(Text(say("Last published"), "dim"), table)


def _anomaly(anomaly: Mapping[str, Any], now: datetime, say: Labels) -> Text:
    """A line for an open anomaly."""
    text = Text("⚠ ", "bold red").append(escape(say.kind(anomaly.get("kind"))), "bold red")
    severity = say("severity {severity}", severity=anomaly["severity"]) + ", " if anomaly.get("severity") else ""
    score, since = f"{float(anomaly.get('score') or 0):.1f}", say.ago(anomaly.get("since"), now, ago)
    return text.append(f"  {severity}" + say("score {score}, since {since}", score=score, since=since))
