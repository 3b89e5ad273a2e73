"""Amounts in other currencies are converted by a dated file of rates, or stay unknown."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from support.ingest_fakes import DictCache, HalfNamedTopics, HashEmbedder, MemoryOutbox, records

from liveprofile.profiles.records.activity import decode_heads
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.sections import Ingest
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.exchange import DAY_MS, Exchange, Rates
from liveprofile.streams.stages.ingest.exchange_file import LARGEST, ExchangeFile, RatesError, read_rates
from liveprofile.streams.stages.ingest.item_updates import ItemUpdates
from liveprofile.streams.stages.ingest.money import MINOR_LIMIT
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.stage import IngestStage
from liveprofile.streams.stages.ingest.validate import validate
from liveprofile.streams.stages.wiring import Wiring

HEAD = "date,currency,rate\n"
DAY = 20_000
"""2024-10-04."""


def exchange(rate: str = "1.2", most_days: float = 31.0) -> Exchange:
    return Exchange("EUR", {"GBP": Rates([DAY], [Fraction(rate)])}, most_days)


def order(**fields: object) -> bytes:
    import orjson

    return orjson.dumps({"user_id": "u1", "ts": DAY * DAY_MS + 1, "currency": "GBP", **fields})


def of(value: bytes):
    event = validate("purchases", value)
    assert not hasattr(event, "reason"), event
    return event


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_an_order_is_converted_at_its_own_day() -> None:
    event = of(order(items=[{"price": 10.0, "quantity": 2, "list_price": 12}], total=22))
    found = exchange().converted(event, DAY * DAY_MS)
    assert (found.currency, found.order_total) == ("EUR", 2640)
    assert (found.lines[0].amount, found.lines[0].price, found.lines[0].saved) == (2400, 1200, 480)


@pytest.mark.parametrize("time_ms", [DAY * DAY_MS - 1, (DAY + 32) * DAY_MS])
def test_before_the_first_rate_and_long_after_the_last_an_amount_is_unknown(time_ms: int) -> None:
    event = of(order(total=5))
    rates = exchange()
    assert rates.converted(event, time_ms) is event
    assert rates.counts == {("GBP", False): 1}


def test_an_unknown_currency_stays_unknown_and_the_shops_own_is_left_alone() -> None:
    rates = exchange()
    dollars, euros, unsaid = (of(order(total=5, currency=code)) for code in ("USD", "eur", None))
    assert [rates.converted(event, DAY * DAY_MS) is event for event in (dollars, euros, unsaid)] == [True] * 3
    assert rates.counts == {("USD", False): 1}


def test_an_event_without_an_amount_is_not_counted() -> None:
    rates = exchange()
    rates.converted(of(order(items=[{"title": "Vase"}])), DAY * DAY_MS)
    assert not rates.counts


def test_an_event_that_is_no_order_has_no_total_afterwards_either() -> None:
    click = validate("clicks", b'{"user_id": "u1", "title": "Vase", "price": 10, "currency": "GBP"}')
    found = exchange().converted(click, DAY * DAY_MS)
    assert (found.currency, found.lines[0].price, found.order_total) == ("EUR", 1200, 0)


def test_an_amount_that_is_too_large_in_the_shops_currency_is_unknown() -> None:
    event = of(order(total=1_000_000_000))
    assert exchange("1000000").converted(event, DAY * DAY_MS) is event
    assert event.order_total * 1_000_000 > MINOR_LIMIT


@given(
    st.lists(st.decimals(min_value=0, max_value=10_000, places=2), min_size=1, max_size=6),
    st.decimals(min_value="0.0001", max_value=500, places=4),
)
def test_a_total_that_is_the_sum_of_its_lines_stays_that(prices: list[object], rate: object) -> None:
    event = of(order(items=[{"title": "t", "price": float(str(price))} for price in prices]))
    found = exchange(str(rate)).converted(event, DAY * DAY_MS)
    assert found.order_total == sum(line.amount for line in found.lines)


def test_a_file_of_rates_is_read_whatever_the_order_of_its_days(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", HEAD + "2024-10-05,gbp,1.3\n2024-10-04, GBP ,1.2\n\n2024-10-04,JPY,0.0061\n")
    rates = read_rates(path, "EUR")
    assert rates["GBP"] == Rates([DAY, DAY + 1], [Fraction(6, 5), Fraction(13, 10)])
    assert rates["JPY"].rates == [Fraction("0.0061")]


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "first line"),
        ("date;currency;rate\n", "first line"),
        (HEAD + "2024-10-04,GBP\n", "line 2 has 2 columns"),
        (HEAD + "04.10.2024,GBP,1.2\n", "line 2: the date is none"),
        (HEAD + "2024-10-04,XXX,1.2\n", "no code of ISO 4217"),
        (HEAD + "2024-10-04,EUR,1\n", "the shop's own currency"),
        (HEAD + "2024-10-04,GBP,0\n", "no number above 0"),
        (HEAD + "2024-10-04,GBP,-1\n", "no number above 0"),
        (HEAD + "2024-10-04,GBP,nan\n", "no number above 0"),
        (HEAD + "2024-10-04,GBP,1e999\n", "no number above 0"),
        (HEAD + "2024-10-04,GBP,1/2\n", "no number above 0"),
        (HEAD + '2024-10-04,GBP,"1,2"\n', "no number above 0"),
        (HEAD + "2024-10-04,GBP,1.2\n2024-10-04,GBP,1.3\n", "line 3 has a second rate"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RatesError, match=words):
        read_rates(write(tmp_path / "r.csv", text), "EUR")


def test_a_rate_may_be_a_thousand_million_and_no_more(tmp_path: Path) -> None:
    """With LARGEST, a hundredth of one currency is ten million of the other: no two currencies lie so far apart."""
    path = write(tmp_path / "r.csv", HEAD + f"2024-10-04,GBP,{LARGEST}\n")
    assert read_rates(path, "EUR")["GBP"].rates == [1_000_000_000]
    with pytest.raises(RatesError, match="above 0 and up to 1,000,000,000"):
        read_rates(write(path, HEAD + f"2024-10-04,GBP,{LARGEST}.01\n"), "EUR")


def test_a_missing_file_stops_the_worker_with_the_setting(tmp_path: Path) -> None:
    settings = Settings(ingest=Ingest(exchange_rates=str(tmp_path / "none.csv")))
    with pytest.raises(RatesError, match="cannot be read") as caught:
        Wiring(settings, "").exchange()
    assert "ingest.exchange_rates" in caught.value.next_step


def test_a_changed_file_is_read_again_after_a_minute_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    now = [0.0]
    path = write(tmp_path / "r.csv", HEAD + "2024-10-04,GBP,1.2\n")
    file = ExchangeFile(path, "EUR", 31, lambda: now[0])
    write(path, HEAD + "2024-10-04,GBP,1.25\n")
    file.refresh()
    assert file.exchange.rate("GBP", DAY * DAY_MS) == Fraction(6, 5)
    now[0] = 60.0
    file.refresh()
    assert file.exchange.rate("GBP", DAY * DAY_MS) == Fraction(5, 4)
    write(path, "nonsense")
    now[0] = 120.0
    with capture_logs() as lines:
        file.refresh()
        now[0] = 180.0
        file.refresh()
    assert [line["log_level"] for line in lines] == ["error"]
    path.unlink()
    now[0] = 240.0
    file.refresh()
    assert file.exchange.rate("GBP", DAY * DAY_MS) == Fraction(5, 4)


async def test_activities_and_items_have_the_converted_amounts(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", HEAD + "2024-10-04,GBP,1.2\n")
    outbox = MemoryOutbox({"activity": 1, "dead-letters": 1, "item-events": 1})
    stage = IngestStage(
        key=PseudonymKey(b"a key of the tests"),
        embedding=EmbeddingService(HashEmbedder(), DictCache(), HalfNamedTopics()),
        activity_topic="activity",
        clock_ms=lambda: DAY * DAY_MS,
        item_updates=ItemUpdates("item-events", "EUR"),
        exchange=ExchangeFile(path, "EUR", 31),
    )
    await stage.start(outbox)
    lines = [{"item_id": "v", "title": "Vase", "price": 10.0}]
    run = records([order(items=lines), order(items=lines, currency="USD")])
    for one in run:
        one.timestamp = DAY * DAY_MS + 5
    await stage.handle("purchases", 0, run, lambda: None)
    await stage.stop()
    heads = decode_heads(outbox.values("activity"), HashEmbedder.dims)
    assert heads["order_total"].tolist() == [1200, 0]
    assert heads["amount"].tolist() == [1200, 0]
    assert stage.counters.told() == {"amounts in GBP converted": 1, "amounts in USD unknown": 1}
    assert outbox.values("item-events")


def test_a_backtest_in_the_currency_of_its_data_has_no_rates_of_the_shops() -> None:
    from liveprofile.streams.backtest.engine.parts import offline

    settings = Settings(ingest=Ingest(exchange_rates="rates.csv"))
    assert offline(settings).ingest.exchange_rates == "rates.csv"
    assert offline(settings, currency="EUR").ingest.exchange_rates == "rates.csv"
    assert offline(settings, currency="USD").ingest.exchange_rates == ""
