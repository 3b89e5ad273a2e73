"""Orders in any sequence of versions, copies and refunds add up as a plain model of them does."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import TOPICS, activity
from support.folding import POLICY, USER

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import Action, digest64

ORDERS = st.sampled_from("abcd")
AMOUNTS = st.integers(0, 40).map(lambda amount: amount * 250)
"""Minor units; 0 is an unknown amount."""
TIMES = st.integers(0, 20).map(lambda step: step * 3_600.0)


@dataclass(frozen=True)
class Sent:
    """A record of an order, or of a refund."""

    order: str
    refund: bool
    at_s: float
    amounts: tuple[int, ...]


RECORDS = st.builds(
    Sent, ORDERS, st.sampled_from([False, False, True]), TIMES, st.lists(AMOUNTS, min_size=1, max_size=3).map(tuple)
)


@dataclass
class Model:
    """What the orders of a shopper come to, by the rules as documented."""

    said_s: dict[str, float] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)
    unseen: int = 0

    def take(self, sent: Sent) -> None:
        amount = sum(sent.amounts)
        if sent.refund:
            self._refund(sent.order, amount)
        elif sent.at_s >= self.said_s.get(sent.order, -1.0):
            self.said_s[sent.order] = sent.at_s
            self.total[sent.order] = amount or self.total.get(sent.order, 0)
            if self.total[sent.order]:
                self.refunded[sent.order] = min(self.refunded.get(sent.order, 0), self.total[sent.order])

    def _refund(self, order: str, amount: int) -> None:
        if order not in self.total:
            self.unseen += amount
        elif not self.total[order]:
            self.refunded[order] = self.refunded.get(order, 0) + amount
        else:
            self.refunded[order] = min(self.refunded.get(order, 0) + amount, self.total[order])


def lines(sent: Sent, place: int) -> list[bytes]:
    return [
        activity(
            Action.REFUND if sent.refund else Action.PURCHASE,
            at_s=sent.at_s,
            topic=TOPICS[at],
            offset=place,
            order=sent.order,
            line=at,
            lines=len(sent.amounts),
            source=("purchases", 0),
            item=digest64(TOPICS[at]),
            amount=amount,
            order_total=sum(sent.amounts),
        )
        for at, amount in enumerate(sent.amounts)
    ]


def folded(records: list[Sent], cuts: set[int]) -> Fold:
    """A fold of the records, restored from its checkpoint at each cut."""
    fold, offset = Fold(POLICY, capacity=4), 0
    topic: dict[bytes, bytes | None] = {}
    for place, sent in enumerate(records):
        if place in cuts:
            state, cursor = fold.checkpoint()
            topic |= dict(state) | {b"\x00cursor": cursor}
            fold = Fold(POLICY, capacity=4)
            fold.restore(list(topic.items()))
        values = lines(sent, place)
        fold.apply([USER] * len(values), values, range(offset, offset + len(values)))
        offset += len(values)
    return fold


@settings(max_examples=150, deadline=None)
@given(records=st.lists(RECORDS, min_size=1, max_size=12), cuts=st.sets(st.integers(1, 11), max_size=2))
def test_orders_add_up_as_the_model_says(records: list[Sent], cuts: set[int]) -> None:
    model = Model()
    for sent in records:
        model.take(sent)
    row = folded(records, cuts).table.row(USER)
    assert int(row["orders"]) == len(model.total)
    assert int(row["orders_priced"]) == sum(map(bool, model.total.values()))
    assert int(row["spent"]) == sum(model.total.values())
    assert int(row["refunded"]) == sum(model.refunded.values()) + model.unseen


@settings(max_examples=50, deadline=None)
@given(records=st.lists(RECORDS, min_size=1, max_size=8), data=st.data())
def test_copies_of_records_change_nothing(records: list[Sent], data: st.DataObject) -> None:
    """Copies of orders, that is: two equal refunds may be two."""
    copied: list[Sent] = []
    for sent in records:
        copied += [sent] * (1 if sent.refund else data.draw(st.integers(1, 3)))
    once, often = folded(records, set()).table.row(USER), folded(copied, set()).table.row(USER)
    names = ("orders", "spent", "refunded", "events", "topic_mass", "brand_mass", "mass", "spend_recent", "paid")
    assert {name: once[name].tolist() for name in names} == {name: often[name].tolist() for name in names}
