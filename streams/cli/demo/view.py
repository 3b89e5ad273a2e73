"""The demo on a terminal: four panels drawn from the board, as large as the screen allows."""

from datetime import UTC, datetime

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from liveprofile.streams.cli.demo.board import Board
from liveprofile.streams.language.panel import labels_of
from liveprofile.streams.logs import escape
from liveprofile.streams.render.change_messages import anomaly_sentence, change_sentences, split_message
from liveprofile.streams.render.drawing import sparkline
from liveprofile.streams.render.profile import profile_panel
from liveprofile.streams.render.records import ID_CHARS, PATH_STYLES, short_id

_FLOW_HEIGHT = 10
_WIDE = 130
"""Least number of columns to show the shopper beside the facts instead of below them."""
_TALL = 36
"""Least number of lines to show the shopper below."""
_SHOPPER_WIDTH = 62


def screen(board: Board, width: int, height: int) -> Layout:
    """The whole screen: facts on the left, and a shopper on the right, below, or left out, depending on the size."""
    wide = width >= _WIDE
    facts_width = width - _SHOPPER_WIDTH if wide else width
    below = not wide and height >= _TALL
    facts_height = height * 3 // 5 if below else height
    anomalies_height = max(4, min(10, facts_height // 5))
    changes_height = facts_height - _FLOW_HEIGHT - anomalies_height
    facts, layout = Layout(), Layout()
    facts.split_column(
        Layout(flow_panel(board), size=_FLOW_HEIGHT),
        Layout(changes_panel(board, facts_width, changes_height), size=changes_height),
        Layout(anomalies_panel(board, facts_width, anomalies_height), size=anomalies_height),
    )
    if wide:
        layout.split_row(facts, Layout(shopper_panel(board), size=_SHOPPER_WIDTH))
    elif below:
        layout.split_column(Layout(facts, size=facts_height), Layout(shopper_panel(board)))
    else:
        layout.update(facts)
    return layout


def flow_panel(board: Board) -> Panel:
    """Flow, latency and lag."""
    meter, table = board.meter, Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True, width=9)
    table.add_column(no_wrap=True, width=6, justify="right")
    table.add_column(no_wrap=True, width=2)
    table.add_column(no_wrap=True, ratio=1)
    history = sparkline(list(meter.events_in.history)[-40:])
    table.add_row(_label("events in"), _big(meter.events_in.per_s), Text("/s"), Text(history, "cyan"))
    facts = sparkline(list(meter.facts_out.history)[-40:])
    table.add_row(_label("facts out"), _big(meter.facts_out.per_s, 1), Text("/s"), Text(facts, "green"))
    p50, p99 = meter.recent.quantile(board.now_s, 0.5), meter.recent.quantile(board.now_s, 0.99)
    table.add_row(_label("latency"), _big(p50), Text("ms"), Text("from click to change, median of last 20 s", "dim"))
    table.add_row(_label("p99"), _big(p99), Text("ms"), Text("99% of changes arrive within this", "dim"))
    table.add_row(
        _label("waiting"),
        _big(meter.input_lag),
        Text(""),
        Text(f"input, {meter.activity_lag:,} activity until the next checkpoint", "dim"),
    )
    table.add_row(_label("worker"), _big(100 * meter.cores), Text("%"), Text("of a core, all its threads", "dim"))
    totals = Text(
        f"events {meter.events_in.total:,}  changes {meter.changes:,}  anomalies {meter.anomalies:,}  "
        f"refused {meter.dead_letters:,}",
        "dim",
    )
    minutes, seconds = divmod(int(board.elapsed_s), 60)
    title = f"[bold]Liveprofile[/]  {minutes:02d}:{seconds:02d}"
    return Panel(
        Group(table, Text(board.page, "cyan", no_wrap=True), totals),
        title=title,
        subtitle=f"[red]{board.notice}[/]" if board.notice else f"[dim]Kafka {board.bootstrap}  Ctrl-C ends it[/]",
        title_align="left",
        subtitle_align="right",
        border_style="cyan",
    )


def changes_panel(board: Board, width: int, height: int) -> Panel:
    """The latest changes with their reasons, newest first."""
    table = _FactTable(width, height)
    for time, record in board.changes:
        changes = record.get("changes") or []
        for place, (message, change) in enumerate(zip(change_sentences(record), changes, strict=False)):
            start = (time, short_id(record)) if place == 0 else ("", "")
            table.add(start, message, PATH_STYLES.get(str(change.get("path")), ""))
    return Panel(table.grid, title="[bold]What changed, and why[/]", title_align="left", border_style="green")


def anomalies_panel(board: Board, width: int, height: int) -> Panel:
    """The latest anomalies, newest first."""
    table = _FactTable(width, height)
    for time, record in board.anomalies:
        style = "green" if record.get("state") == "cleared" else "bold red"
        table.add((time, short_id(record)), anomaly_sentence(record), style)
    body: RenderableType = table.grid if board.anomalies else Text("none yet", "dim")
    return Panel(body, title="[bold]Anomalies[/]", title_align="left", border_style="red")


def shopper_panel(board: Board) -> RenderableType:
    """The present profile of the followed shopper."""
    if board.snapshot is None:
        words = f"waiting for the next snapshot of {board.shopper[:8]}" if board.shopper else "waiting for a shopper"
        return Panel(Text(words, "dim"), title="[bold]One shopper[/]", title_align="left", border_style="cyan")
    say = labels_of(board.language)
    return profile_panel(board.snapshot, datetime.now(UTC), list(board.published)[:3], recent=4, say=say)


class _FactTable:
    """A table of facts until the panel is full: time, shopper, what and why; a long reason gets its own line."""

    def __init__(self, width: int, height: int) -> None:
        self.grid = Table.grid(padding=(0, 2), expand=True)
        self.grid.add_column(no_wrap=True, style="dim", width=8)
        self.grid.add_column(no_wrap=True, style="bold", width=ID_CHARS)
        self.grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        self._room = width - 4 - 8 - ID_CHARS - 4
        self._left = max(1, height - 2)

    def add(self, start: tuple[str, str], message: str, style: str) -> None:
        """Add one fact, if there is a line left."""
        if self._left <= 0:
            return
        what, why = split_message(message)
        text, fits = Text(escape(what), style), cell_len(message) <= self._room
        if why:
            text.append((" " if fits else "\n") + escape(why), "dim")
        self.grid.add_row(*start, text)
        self._left -= 1 if fits or not why else 2


def _label(text: str) -> Text:
    return Text(text, "dim")


def _big(value: float | None, digits: int = 0) -> Text:
    return Text("-" if value is None else f"{value:,.{digits}f}", "bold")
