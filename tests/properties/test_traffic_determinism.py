"""The same arguments give the same shop, byte for byte; a run is a prefix of a longer run."""

from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.streams.simulator.catalogue import build_catalogue
from liveprofile.streams.simulator.simulator import Simulator


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    users=st.integers(1, 500),
    per_s=st.sampled_from([None, 0.001, 0.05]),
    broken=st.sampled_from([0.0, 0.01]),
)
def test_the_same_arguments_give_the_same_bytes(seed: int, users: int, per_s: float | None, broken: float) -> None:
    def course(count: int) -> list[bytes]:
        build_catalogue.cache_clear()
        shop = Simulator(seed, users, user_events_per_s=per_s, broken_share=broken, anomaly_every=200)
        return [event.value() for event in islice(shop.events(), count)]

    longer = course(1_000)
    assert course(600) == longer[:600]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_another_seed_gives_another_course(seed: int) -> None:
    one, other = ([event.body for event in islice(Simulator(chosen, 50).events(), 50)] for chosen in (seed, seed + 1))
    assert one != other


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), users=st.integers(1, 300), every=st.integers(1, 500))
def test_an_anomaly_never_has_more_events_than_its_label_says(seed: int, users: int, every: int) -> None:
    counts: dict[str, int] = {}
    for event in islice(Simulator(seed, users, user_events_per_s=0.02, anomaly_every=every).events(), 2_000):
        if event.label:
            counts[event.label.anomaly_id] = counts.get(event.label.anomaly_id, 0) + 1
            assert counts[event.label.anomaly_id] <= event.label.total
