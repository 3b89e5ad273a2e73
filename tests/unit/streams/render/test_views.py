"""What people see: the profile, the demo's screen and its lines, drawn at several sizes and read back."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from liveprofile.streams.cli.demo.board import Board
from liveprofile.streams.cli.demo.lines import progress_line, summary, summary_table
from liveprofile.streams.cli.demo.view import flow_panel, screen
from liveprofile.streams.render.drawing import ago, moment, sparkline
from liveprofile.streams.render.profile import profile_panel

NOW = datetime(2026, 11, 21, 22, 2, tzinfo=UTC)
SHOPPER = "3f2a91c07b1d4e55aa00112233445566"
SNAPSHOT: dict[str, Any] = {
    "profile_id": SHOPPER,
    "version": 18,
    "first_seen": "2026-11-18T10:00:00.000Z",
    "last_seen": "2026-11-21T22:00:00.123Z",
    "events": {"total": 1412, "by_action": {"view": 201.3, "search": 40.2, "purchase": 3.0}},
    "interests": {
        "session": [{"topic": "home/kitchen/cookware", "share": 0.61, "mass": 4}],
        "short": [{"topic": "garden/a_very_long_name_of_a_topic", "share": 0.34, "mass": 1}],
        "long": [{"topic": "#0badf00d", "share": 0.3, "mass": 2}],
    },
    "said": {"session": ["home/kitchen/cookware"]},
    "brands": [{"brand": "Bosch", "share": 0.5}],
    "spend": {"band": "middle", "total": 1234.5, "orders": 7, "refunds": 1, "recent": 320.2, "currency": "EUR"},
    "hours": {"histogram": [0.0] * 12 + [1 / 12] * 12, "daypart": "evening"},
    "session": {"started": "2026-11-21T21:50:00Z", "events": 12, "actions": {"view": 9, "search": 3}},
    "recent": [
        {"ts": "2026-11-21T21:58:00Z", "action": "search", "topic": None, "source": "searches/1/22"},
        {"ts": "2026-11-21T22:00:00Z", "action": "view", "topic": "home/kitchen/cookware", "source": "clicks/3/1822"},
    ],
    "cluster": {"id": 7, "model": "kmeans@12", "name": "home/kitchen and garden"},
    "predictions": {
        "purchase.session": {
            "band": "high",
            "chance": 0.62,
            "confidence": 0.8,
            "because": [{"input": "session_cart", "words": "what was put into the cart raises it", "effect": 1.3}],
            "model": "scorecards@3",
        }
    },
    "anomalies": [{"kind": "velocity", "score": 5.2, "since": "2026-11-21T21:59:00Z"}],
    "slots": [
        {"slot": 2, "topic": "home/kitchen/coffee", "share": 0.58, "item": "00" * 8},
        {"slot": 4, "topic": None, "share": 0.42, "item": None},
    ],
    "intent": {"topic": "garden/hoses", "confidence": 0.71},
    "vectors": {"dim": 128},
    "traits": {
        "tenure_days": 40.0,
        "sessions": 12,
        "average_order": 45.5,
        "rfm": {
            "recency_days": 3.0, "orders": 2.5, "spend": 120.0,
            "recency_score": 5, "frequency_score": 3, "monetary_score": 2,
        },
        "price": {"z": -0.8, "confidence": 0.7, "band": "budget"},
        "discounts": {"share": 0.25, "band": "many"},
        "days": {"histogram": [0.1] * 5 + [0.25, 0.25], "mostly": None},
        "rhythm": {"visit_hours": 30.0, "order_hours": 168.0, "next_order": "2026-11-23T22:02:00Z"},
        "specificity": 0.5,
        "sentiment": {"mean": 0.75, "reviews": 2, "band": "positive"},
        "offers": {"accepted": 3.0, "refused": 1.0},
        "entry": "home/kitchen/kettles",
        "failed_payments": 2.0,
    },
    "declared": [{"name": "clothing_size", "value": "xl", "since": "2026-11-18T22:02:00Z", "how": "declared"}],
    "quality": {"completeness": 0.64, "freshness": 1.0, "consistency": None, "confidence": 0.9},
}  # fmt: skip
MESSAGE = "Interest in cookware entered session interests: 61% of the session interest, threshold 34%."
CHANGE: dict[str, Any] = {
    "profile_id": SHOPPER,
    "version": 18,
    "origin": "live",
    "changes": [
        {
            "path": "interests.session",
            "before": [],
            "after": ["home/kitchen/cookware"],
            "reason": {"code": "INTEREST_ENTERED", "threshold": 0.34, "observed": 0.61},
            "message": MESSAGE,
        }
    ],
}
ANOMALY = {
    "profile_id": SHOPPER,
    "kind": "velocity",
    "state": "raised",
    "severity": 71,
    "reading": "31 a minute",
    "message": "Anomaly velocity was raised, severity 71: 31 a minute.",
}


def drawn(what: Any, width: int = 110, height: int | None = None) -> str:
    console = Console(width=width, height=height or 60, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(what, height=height)
    return console.export_text()


def busy_board() -> Board:
    board = Board("127.0.0.1:9092", now_s=30.0, page="http://127.0.0.1:8321/")
    for second in range(20):
        board.meter.events_in.mark(second, 200 * second)
        board.meter.facts_out.mark(second, 3 * second)
    board.add_change("22:00:01", CHANGE)
    board.add_anomaly("22:00:02", ANOMALY)
    board.meter.latency(29.0, 12.3)
    board.add_snapshot(SNAPSHOT)
    return board


def test_the_flow_of_a_demo_has_the_address_of_its_page() -> None:
    assert "http://127.0.0.1:8321/" in drawn(flow_panel(busy_board()), 80)


def test_a_profile_tells_all_that_its_snapshot_holds() -> None:
    text = drawn(profile_panel(SNAPSHOT, NOW, [("22:00:01", CHANGE)]))
    for part in (
        SHOPPER, "version 18", "1,412 events", "3 days ago", "cluster 7", "garden", "kmeans@12", "buys now", "62%",
        "into the cart raises it", "cookware", "61%", "34%",
        "#0badf00d", "Bosch", "middle", "320.20 EUR", "7 orders", "1 refund", "mostly evening", "████████████",
        "12 events", "9 view, 3 search", "clicks/3/1822", "velocity", "Interest in cookware entered session",
        "532", "2.5 orders and 120.00 EUR lately", "45.50 EUR", "budget", "0.8 spreads below",
        "25% of list prices saved", "MTWTFSS", "50% exact",
        "12 sessions, every 30 hours; orders every 7 days, the next in 2 days",
        "+0.8 in 2 reviews", "3 accepted, 1 refused", "kettles", "2 failed lately", "completeness 64%, confidence 90%",
        "clothing size", "xl  declared 3 days ago",
    ):  # fmt: skip
        assert part in text, part


def test_interests_kept_apart_and_the_intent_are_told() -> None:
    text = drawn(profile_panel(SNAPSHOT, NOW))
    assert "Interests kept apart  coffee 58%   not named yet 42%" in text
    assert "This session is about  hoses  71% sure" in text


def test_the_last_actions_stand_newest_first() -> None:
    text = drawn(profile_panel(SNAPSHOT, NOW))
    assert text.index("clicks/3/1822") < text.index("searches/1/22")


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_profile_keeps_within_the_width(width: int) -> None:
    lines = drawn(profile_panel(SNAPSHOT, NOW, [("22:00:01", CHANGE)]), width).splitlines()
    assert max(map(len, lines)) <= width


def test_a_profile_that_is_new_or_lacks_parts_is_drawn_too() -> None:
    assert "nothing yet" in drawn(profile_panel({}, NOW))
    for key in SNAPSHOT:
        for value in (None, "gone"):
            snapshot = copy.deepcopy(SNAPSHOT)
            if value is None:
                snapshot[key] = None
            else:
                del snapshot[key]
            assert "Spend" in drawn(profile_panel(snapshot, NOW)), key


def test_a_topic_cannot_draw_on_the_terminal() -> None:
    snapshot = {**SNAPSHOT, "interests": {"session": [{"topic": "\x1b[2J[red]x", "share": 1.0}]}}
    text = drawn(profile_panel(snapshot, NOW))
    assert "\x1b[2J" not in text
    assert "[red]x" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (1.5, "just now"), (59, "59 seconds ago"), (60, "1 minute ago"), (7200, "2 hours ago"),
     (86400 * 3, "3 days ago"), (-300, "in 5 minutes")],
)  # fmt: skip
def test_ago_is_told_in_the_largest_unit(seconds: float, words: str) -> None:
    assert ago((NOW - timedelta(seconds=seconds)).isoformat(), NOW) == words


def test_times_may_be_text_or_milliseconds_or_nonsense() -> None:
    assert moment("2026-11-21T22:02:00Z") == NOW == moment(int(NOW.timestamp() * 1000))
    assert [moment(value) for value in (None, "soon", 0, 1e30, [])] == [None] * 5


def test_a_sparkline_shows_the_smallest_thing_that_is_there() -> None:
    assert sparkline([0.0, 0.0001, 1.0]) == " ▁█"
    assert sparkline([]) == ""


@pytest.mark.parametrize(("width", "height"), [(200, 60), (140, 40), (100, 45), (80, 24), (60, 15)])
def test_the_screen_fits_and_tells_flow_changes_and_reasons(width: int, height: int) -> None:
    lines = drawn(screen(busy_board(), width, height), width, height).splitlines()
    text = "\n".join(lines)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    for part in ("events in", "200", "12  ms", "changes 1"):
        assert part in text, part
    if height >= 24:
        for part in ("Interest in cookware entered", "61% of the session", "Anomaly velocity was raised", SHOPPER[:8]):
            assert part in text, part
    if width >= 130 or height >= 36:
        assert "version 18" in text


def test_the_screen_of_the_first_second_is_drawn_too() -> None:
    text = drawn(screen(Board("127.0.0.1:9092"), 140, 40), 140, 40)
    assert "waiting for a shopper" in text
    assert "none yet" in text


def test_a_shopper_is_followed_until_nothing_new_is_said() -> None:
    board = Board()
    others = [{**CHANGE, "profile_id": name} for name in ("a", "b")]
    board.add_change("", others[0])
    for _ in range(5):
        board.add_change("", others[1])
    assert board.shopper == "a"
    board.now_s = 60.0
    board.add_change("", others[1])
    assert (board.shopper, len(board.published), board.snapshot) == ("b", 6, None)


def test_only_raised_anomalies_are_counted() -> None:
    board = Board()
    for state in ("raised", "updated", "cleared"):
        board.add_anomaly("", {**ANOMALY, "state": state})
    assert (board.meter.anomalies, len(board.anomalies)) == (1, 3)


def test_a_line_of_progress_ends_in_words() -> None:
    first, second = progress_line(busy_board()).splitlines()
    assert first == (
        "  30 s  in 200/s  out 3.0/s  p50 12 ms  p99 12 ms  waiting 0+0  worker 0% of a core  changes 1  anomalies 1"
    )
    assert second.strip() == f"3f2a91c0 {MESSAGE}"


def test_the_summary_holds_what_was_counted() -> None:
    board = busy_board()
    board.meter.dead_letters = 4
    numbers = summary(board)
    assert (numbers["events_in"], numbers["dead_lettered"], numbers["changes"], numbers["anomalies"]) == (3800, 4, 1, 1)
    assert numbers["latency_p99_ms"] == pytest.approx(12.3, rel=0.02)
    text = drawn(summary_table(board))
    for part in ("events in", "3,800", "dead-lettered", "changes", "anomalies", "latency p50", "latency p99", "12 ms"):
        assert part in text


def test_the_summary_of_nothing_is_drawn_too() -> None:
    assert "latency p99" in drawn(summary_table(Board()))
