"""An order counts once within its shopper, whatever it is sent as: retries, copies, edits, refunds."""

import numpy as np
import pytest
from support.activities import BRANDS, TOPICS, activity, erasure, tick
from support.folding import USER, Shopper

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action, digest64
from liveprofile.profiles.state.ledger import ORDER_LINES, ORDERS

DAY_S = 86_400.0
Lines = list[tuple[str, float]]
"""Topic and amount of each line; the topic names the item, too."""


class Buyer(Shopper):
    """A shopper whose orders are sent line by line, each record at the next place of its input."""

    def __init__(self) -> None:
        super().__init__()
        self._sent = 0

    def orders(
        self,
        order: str | None,
        lines: Lines,
        *,
        at_s: float = 0.0,
        action: Action = Action.PURCHASE,
        event_id: str | None = None,
        total: float | None = None,
        session: str | None = None,
    ):
        """Fold one record of an order; its total is the sum of the lines unless given."""
        self._sent += 1
        whole = sum(amount for _, amount in lines) if total is None else total
        return self.does(
            *(
                activity(
                    action,
                    at_s=at_s,
                    topic=topic,
                    brand=BRANDS[0],
                    offset=self._sent,
                    event_id=event_id,
                    order=order,
                    total=whole,
                    line=at,
                    lines=len(lines),
                    session=session,
                    source=("purchases", 0),
                    item=digest64(topic),
                    amount=round(amount * 100),
                )
                for at, (topic, amount) in enumerate(lines)
            )
        )

    def refunds(self, order: str | None, amount: float, *, at_s: float = 60.0, event_id: str | None = None):
        """Fold a refund of one line."""
        return self.orders(order, [(TOPICS[0], amount)], at_s=at_s, action=Action.REFUND, event_id=event_id)

    @property
    def money(self) -> tuple[int, float, float]:
        """Orders, spent and refunded, major units."""
        row = self.row
        return int(row["orders"]), int(row["spent"]) / 100, int(row["refunded"]) / 100


VASE: Lines = [(TOPICS[0], 100.0)]
TWO: Lines = [(TOPICS[0], 60.0), (TOPICS[1], 40.0)]


def interests(row: np.void) -> dict[str, object]:
    """Everything that a line of an order adds to."""
    names = ("mass", "topic_mass", "brand_mass", "by_action", "slot_mass", "paid", "saved", "price_mass", "events")
    return {name: np.asarray(row[name]).tolist() for name in (*names, "rate_burst", "session_events", "spend_recent")}


def test_an_order_from_the_browser_and_the_server_counts_once_and_changes_nothing_more() -> None:
    once, thrice = Buyer(), Buyer()
    once.orders("O-77", TWO, event_id="browser-1")
    thrice.orders("O-77", TWO, event_id="browser-1")
    again = thrice.orders("O-77", TWO, event_id="server-9", at_s=5)
    without = thrice.orders("O-77", TWO, at_s=9)
    assert (again.applied, again.duplicates, without.duplicates) == (0, 2, 2)
    assert thrice.money == (1, 100.0, 0.0)
    assert interests(thrice.row) == interests(once.row)
    assert (again.pairs, again.changes, again.examples) == ([], [], [])


def test_orders_of_two_ids_are_two_orders_and_so_are_orders_without_one() -> None:
    buyer = Buyer()
    buyer.orders("a", VASE)
    buyer.orders("b", VASE, at_s=1)
    buyer.orders(None, VASE, at_s=2)
    buyer.orders(None, VASE, at_s=2)
    assert buyer.money == (4, 400.0, 0.0)


def test_the_last_orders_are_recognised_however_long_ago_they_were() -> None:
    buyer = Buyer()
    for number in range(ORDERS):
        buyer.orders(f"o{number}", VASE, at_s=number * 3 * DAY_S)
    assert ORDERS * 3 > 90
    for number in range(ORDERS):
        buyer.orders(f"o{number}", VASE, at_s=(ORDERS * 3 + number) * DAY_S)
    assert buyer.money == (ORDERS, ORDERS * 100.0, 0.0)


def test_a_later_version_replaces_the_amount_and_an_earlier_one_changes_nothing() -> None:
    buyer = Buyer()
    buyer.orders("a", VASE, at_s=100)
    buyer.orders("a", [(TOPICS[0], 80.0)], at_s=200)
    assert buyer.money == (1, 80.0, 0.0)
    late = buyer.orders("a", [(TOPICS[0], 500.0)], at_s=150)
    assert (buyer.money, late.duplicates) == ((1, 80.0, 0.0), 1)
    buyer.orders("a", [(TOPICS[0], 90.0)], at_s=200)
    assert buyer.money == (1, 90.0, 0.0), "of the same time, the one that arrived later is in force"


def test_an_edit_leaves_the_recent_spend_as_if_the_order_had_always_been_so() -> None:
    edited, straight = Buyer(), Buyer()
    edited.orders("a", VASE)
    straight.orders("a", [(TOPICS[0], 250.0)])
    for one in (edited, straight):
        one.does(activity(at_s=30 * DAY_S, offset=9))
    edited.orders("a", [(TOPICS[0], 250.0)], at_s=30 * DAY_S + 60)
    assert edited.row["spend_recent"] == pytest.approx(straight.row["spend_recent"], rel=1e-5)
    assert edited.row["last_order_ms"] == straight.row["last_order_ms"], "the order keeps its place in time"
    assert edited.row["seen_ms"] == straight.row["seen_ms"], "an edit is no activity of the shopper"


def test_an_edit_that_moves_the_spend_band_says_so() -> None:
    buyer = Buyer()
    buyer.orders("a", VASE)
    buyer.does(activity(at_s=3600, offset=1))
    buyer.orders("a", [(TOPICS[0], 2_000.0)], at_s=7200)
    assert buyer.on("spend.band")[-1].after == "top"


def test_lines_of_an_edit_are_compared_with_those_before() -> None:
    edited, straight = Buyer(), Buyer()
    edited.orders("a", [(TOPICS[0], 60.0), (TOPICS[1], 40.0)])
    edited.orders("a", [(TOPICS[0], 60.0), (TOPICS[2], 10.0)], at_s=600)
    straight.orders("a", [(TOPICS[0], 60.0), (TOPICS[2], 10.0)])
    weights = [
        dict(zip(row["topic"].tolist(), row["topic_mass"][2].tolist(), strict=True))
        for row in (edited.row, straight.row)
    ]
    gone = {topic: weight for topic, weight in weights[0].items() if topic not in weights[1]}
    assert set(gone.values()) == {0.0}
    assert {topic: weights[0][topic] for topic in weights[1]} == pytest.approx(weights[1])
    assert edited.money == (1, 70.0, 0.0)
    assert edited.row["paid"] == pytest.approx(straight.row["paid"])
    assert edited.row["brand_mass"].tolist() == pytest.approx(straight.row["brand_mass"].tolist())
    assert edited.row["by_action"][Action.PURCHASE] == 1.0


def test_a_line_that_comes_back_counts_again_and_twins_in_an_order_are_two_lines() -> None:
    buyer = Buyer()
    buyer.orders("a", [(TOPICS[0], 10.0), (TOPICS[0], 20.0)])
    twice = float(buyer.row["topic_mass"][2].max())
    buyer.orders("a", [(TOPICS[0], 10.0)], at_s=1)
    once = float(buyer.row["topic_mass"][2].max())
    buyer.orders("a", [(TOPICS[0], 10.0), (TOPICS[0], 20.0)], at_s=2)
    assert twice == pytest.approx(2 * once)
    assert float(buyer.row["topic_mass"][2].max()) == pytest.approx(twice)


def test_of_an_order_longer_than_the_ledger_only_the_totals_are_corrected() -> None:
    buyer = Buyer()
    long = [(f"topic/{at}", 1.0) for at in range(ORDER_LINES + 5)]
    buyer.orders("a", long)
    before = interests(buyer.row)
    buyer.orders("a", [*long[:-1], ("another", 8.0)], at_s=5)
    after = interests(buyer.row)
    assert after.pop("spend_recent") > before.pop("spend_recent")
    assert after == before
    assert buyer.money == (1, len(long) + 7.0, 0.0)


def test_an_amount_that_comes_later_is_learnt_then_and_one_that_is_left_out_stays() -> None:
    buyer = Buyer()
    buyer.orders("a", [(TOPICS[0], 0.0)])
    assert (buyer.money, int(buyer.row["orders_priced"])) == ((1, 0.0, 0.0), 0)
    buyer.orders("a", VASE, at_s=5)
    assert (buyer.money, int(buyer.row["orders_priced"])) == ((1, 100.0, 0.0), 1)
    assert buyer.row["order_location"] == pytest.approx(np.log2(10_000), abs=0.2)
    buyer.orders("a", [(TOPICS[0], 0.0)], at_s=9)
    assert buyer.money == (1, 100.0, 0.0)


def test_amounts_that_are_not_known_are_not_0() -> None:
    buyer = Buyer()
    for number, amount in enumerate((100.0, 0.0, 0.0)):
        buyer.orders(f"o{number}", [(TOPICS[0], amount)], at_s=number)
    shown = buyer.snapshot
    assert (shown.spend.orders, shown.spend.orders_priced, shown.traits.average_order) == (3, 1, 100.0)
    unknown = Buyer()
    unknown.orders("a", [(TOPICS[0], 0.0)])
    rfm = unknown.snapshot.traits.rfm
    assert rfm is not None and (rfm.spend, rfm.monetary_score) == (None, None)
    assert unknown.snapshot.traits.average_order is None


def test_refunds_add_up_to_the_order_and_no_further() -> None:
    buyer = Buyer()
    buyer.orders("a", VASE)
    buyer.refunds("a", 30.0)
    assert buyer.money == (1, 100.0, 30.0)
    buyer.refunds("a", 90.0, at_s=90)
    assert buyer.money == (1, 100.0, 100.0)
    assert buyer.row["spend_recent"] == pytest.approx(0.0, abs=0.01)
    again = buyer.refunds("a", 100.0, at_s=120, event_id="another")
    assert (buyer.money, again.duplicates, int(buyer.row["refunds"])) == ((1, 100.0, 100.0), 1, 2)


def test_a_refund_long_after_takes_back_what_is_left_of_its_order() -> None:
    buyer, other = Buyer(), Buyer()
    for one in (buyer, other):
        one.orders("b", [(TOPICS[1], 55.0)])
    buyer.orders("a", VASE)
    buyer.refunds("a", 100.0, at_s=60 * DAY_S)
    other.does(activity(at_s=60 * DAY_S, offset=5))
    assert buyer.row["spend_recent"] == pytest.approx(other.row["spend_recent"], rel=1e-5)


def test_a_refund_of_an_order_that_nobody_has_seen_counts_as_it_is() -> None:
    buyer = Buyer()
    buyer.refunds("unseen", 30.0)
    buyer.refunds(None, 5.0)
    assert buyer.money == (0, 0.0, 35.0)


def test_an_edit_below_what_was_refunded_takes_the_refund_down_with_it() -> None:
    buyer = Buyer()
    buyer.orders("a", VASE)
    buyer.refunds("a", 70.0)
    buyer.orders("a", [(TOPICS[0], 40.0)], at_s=600)
    assert buyer.money == (1, 40.0, 40.0)


def test_an_order_and_its_refund_may_have_one_event_id() -> None:
    buyer = Buyer()
    buyer.orders("a", VASE, event_id="A-77")
    buyer.refunds("a", 100.0, event_id="A-77")
    assert buyer.money == (1, 100.0, 100.0)


def test_the_ledger_outlives_a_checkpoint_and_an_eviction() -> None:
    buyer = Buyer()
    buyer.orders("a", TWO)
    buyer.refunds("a", 30.0)
    records, cursor = buyer.fold.checkpoint()
    again = Buyer()
    again.fold.restore([*records, (b"\x00cursor", cursor)])
    again._offset, again._sent = 50, 50
    again.orders("a", [(TOPICS[0], 60.0), (TOPICS[1], 50.0)], at_s=600)
    again.refunds("a", 500.0, at_s=700)
    assert again.money == (1, 110.0, 110.0)


def test_only_shoppers_with_an_order_have_a_ledger() -> None:
    fold = Fold(Policy())
    keys = [b"%032x" % at for at in range(50)]
    fold.apply(keys, [activity(offset=at) for at in range(50)], range(50))
    fold.apply([USER], [activity(Action.PURCHASE, order="a", total=5, source=("purchases", 0))], [50])
    assert np.count_nonzero(fold.table.ledgers.place_of) == 1


def test_orders_of_the_shop_are_counted_once_also_when_a_crash_repeats_them() -> None:
    """The profile was written and the cursor was not: the order comes again, and the profile skips it."""
    whole, torn = Buyer(), Buyer()
    for one in (whole, torn):
        one.orders("a", VASE)
        one.orders("a", VASE, at_s=5)
        one.orders("b", [(TOPICS[0], 0.0)], at_s=6)
        one.orders("b", [(TOPICS[0], 70.0)], at_s=7)
    records, _ = torn.fold.checkpoint()
    again = Buyer()
    again.fold.restore(records)
    again.orders("a", VASE)
    again.orders("a", VASE, at_s=5)
    again.orders("b", [(TOPICS[0], 0.0)], at_s=6)
    again.orders("b", [(TOPICS[0], 70.0)], at_s=7)
    counts = [one.fold.cursor.population.counts for one in (whole, again)]
    assert counts[0].sum() == 2
    assert counts[0].tolist() == counts[1].tolist()
    assert again.row.tobytes() == whole.row.tobytes()


def test_an_erasure_leaves_nothing_of_the_orders() -> None:
    buyer = Buyer()
    buyer.orders("a", TWO)
    buyer.does(erasure(600), tick(700))
    records, _ = buyer.fold.checkpoint()
    (stub,) = [value for key, value in records if key == USER]
    assert stub is not None and len(stub) < 250
