"""The bounded memory keeps what is used, and not more than twice its size."""

from liveprofile.streams.stages.ingest.lru import TwoGenerationCache


def test_it_never_holds_more_than_two_generations():
    recent: TwoGenerationCache[int] = TwoGenerationCache(10)
    for number in range(1000):
        recent.put(str(number), number)
        assert len(recent) <= 20


def test_a_large_one_drops_its_old_generation_too():
    recent: TwoGenerationCache[int] = TwoGenerationCache(1_000)
    for number in range(5_000):
        recent.put(str(number), number)
    assert len(recent) <= 2_000
    assert (recent.get("4000"), recent.get("3999"), recent.get("0")) == (4_000, None, None)


def test_what_is_used_stays_and_what_is_not_goes():
    recent: TwoGenerationCache[int] = TwoGenerationCache(10)
    recent.put("used", 1)
    recent.put("unused", 2)
    for number in range(100):
        recent.put(str(number), number)
        assert recent.get("used") == 1
    assert recent.get("unused") is None
