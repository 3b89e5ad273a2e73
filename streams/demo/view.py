"""The demo on a terminal: four panels drawn from the board, as large as the screen allows."""

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams.demo.board import Board, Fact
from streams.logs import escape
from streams.profile_view import profile_panel, sparkline
from streams.watch import PATH_STYLES, short_id
from streams.words import anomaly_words, change_words

_FLOW_HEIGHT = 9
_WIDE = 130
"""Columns from which the shopper stands beside the facts instead of below them."""


def screen(board: Board, width: int, height: int) -> Layout:
    """The whole screen."""
    layout = Layout()
    facts = Layout(name="facts")
    anomalies_height = max(5, min(10, height // 5))
    facts.split_column(
        Layout(flow_panel(board), size=_FLOW_HEIGHT),
        Layout(changes_panel(board, height - _FLOW_HEIGHT - anomalies_height)),
        Layout(anomalies_panel(board, anomalies_height), size=anomalies_height),
    )
    if width >= _WIDE:
        layout.split_row(facts, Layout(shopper_panel(board), size=62))
    else:
        layout.split_column(facts, Layout(shopper_panel(board), size=max(12, height // 2)))
    return layout


def flow_panel(board: Board) -> Panel:
    """What flows and how fast."""
    meter, table = board.meter, Table.grid(padding=(0, 2), expand=False)
    for justify in ("left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)  # type: ignore[arg-type]
    history = sparkline(list(meter.events_in.history)[-40:])
    table.add_row(_label("events in"), _big(meter.events_in.per_s), Text("/s"), Text(history, "cyan"))
    facts = sparkline(list(meter.facts_out.history)[-40:])
    table.add_row(_label("facts out"), _big(meter.facts_out.per_s, 1), Text("/s"), Text(facts, "green"))
    p50, p99 = meter.recent.quantile(board.now_s, 0.5), meter.recent.quantile(board.now_s, 0.99)
    table.add_row(_label("latency"), _big(p50), Text("ms"), Text("half of the changes are here after this", "dim"))
    table.add_row(_label("p99"), _big(p99), Text("ms"), Text("from the click to its change, last 20 s", "dim"))
    table.add_row(
        _label("waiting"),
        _big(meter.input_lag),
        Text(""),
        Text(f"input, {meter.activity_lag:,} activity until the next checkpoint", "dim"),
    )
    totals = Text(
        f"{meter.events_in.total:,} events  {meter.changes:,} changes  {meter.anomalies:,} anomalies  "
        f"{meter.dead_letters:,} refused",
        "dim",
    )
    minutes, seconds = divmod(int(board.elapsed_s), 60)
    title = f"[bold]Liveprofile[/]  {minutes:02d}:{seconds:02d}"
    return Panel(
        Group(table, "", totals),
        title=title,
        subtitle=f"[dim]Kafka {board.bootstrap}  Ctrl-C ends it[/]",
        title_align="left",
        subtitle_align="right",
        border_style="cyan",
    )


def changes_panel(board: Board, height: int) -> Panel:
    """The latest changes with their reasons in words, newest first."""
    table = _facts_table()
    left = max(1, height - 2)
    for time, record in board.changes:
        for place, ((what, why), change) in enumerate(
            zip(change_words(record), record.get("changes") or [], strict=False)
        ):
            text = Text(escape(what), PATH_STYLES.get(str(change.get("path")), "")).append(f"  {escape(why)}", "dim")
            table.add_row(*(_start((time, record)) if place == 0 else ("", "")), text)
            left -= 1
        if left <= 0:
            break
    return Panel(table, title="[bold]What changed, and why[/]", title_align="left", border_style="green")


def anomalies_panel(board: Board, height: int) -> Panel:
    """The latest anomalies, newest first."""
    table = _facts_table()
    for fact in list(board.anomalies)[: max(1, height - 2)]:
        what, why = anomaly_words(fact[1])
        style = "green" if fact[1].get("state") == "cleared" else "bold red"
        table.add_row(*_start(fact), Text(escape(what), style).append(f"  {escape(why)}", "dim"))
    body: RenderableType = table if board.anomalies else Text("none yet", "dim")
    return Panel(body, title="[bold]Anomalies[/]", title_align="left", border_style="red")


def shopper_panel(board: Board) -> RenderableType:
    """One shopper's profile as it evolves."""
    if board.snapshot is None:
        words = f"waiting for the next snapshot of {board.shopper[:8]}" if board.shopper else "waiting for a shopper"
        return Panel(Text(words, "dim"), title="[bold]One shopper[/]", title_align="left", border_style="cyan")
    return profile_panel(board.snapshot, datetime.now(UTC), list(board.said)[:3], recent=4)


def _facts_table() -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, style="bold")
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    return table


def _start(fact: Fact) -> tuple[str, str]:
    return fact[0], short_id(fact[1])


def _label(text: str) -> Text:
    return Text(text, "dim")


def _big(value: float | None, digits: int = 0) -> Text:
    return Text("-" if value is None else f"{value:,.{digits}f}", "bold")
