"""Retries are recognised by the client's event id, its input and its action, hundreds of events later."""

from support.activities import activity
from support.folding import Shopper

from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import EVENT_IDS


def test_a_retried_event_is_dropped_among_the_last_ones() -> None:
    shopper = Shopper()
    shopper.does(activity(event_id="one"))
    shopper.does(*(activity(event_id=f"e{at}", offset=1 + at) for at in range(EVENT_IDS - 1)))
    assert EVENT_IDS >= 256
    assert shopper.does(activity(event_id="one", offset=900)).duplicates == 1
    shopper.does(activity(event_id="last", offset=901))
    assert shopper.does(activity(event_id="one", offset=902)).duplicates == 0


def test_events_without_an_id_take_no_place() -> None:
    shopper = Shopper()
    shopper.does(activity(event_id="one"), *(activity(offset=1 + at) for at in range(2 * EVENT_IDS)))
    assert shopper.does(activity(event_id="one", offset=900)).duplicates == 1


def test_lines_of_orders_take_one_place() -> None:
    shopper = Shopper()
    shopper.does(activity(event_id="one"))
    for order in range(20):
        shopper.does(
            *(
                activity(
                    Action.PURCHASE,
                    event_id=f"o{order}",
                    offset=order,
                    line=line,
                    lines=40,
                    total=9,
                    source=("purchases", 0),
                )
                for line in range(40)
            )
        )
    assert shopper.does(activity(event_id="one", offset=900)).duplicates == 1


def test_one_id_means_one_event_of_an_input_and_an_action() -> None:
    shopper = Shopper()
    result = shopper.does(
        activity(Action.VIEW, event_id="1001"),
        activity(Action.CART, event_id="1001", at_s=3, offset=1),
        activity(Action.SEARCH, event_id="1001", at_s=5, source=("searches", 0)),
        activity(Action.VIEW, event_id="1001", at_s=9, offset=2),
    )
    assert (result.applied, result.duplicates) == (3, 1)
