"""Each reader on a small file written here: what becomes which record, and what is skipped for which reason."""

import gzip
from collections import Counter
from pathlib import Path

import orjson
import pytest

from liveprofile.streams.datasets import amazon, card_fraud, jsonl, online_retail, rees46, ubi
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.record import Record
from liveprofile.streams.errors import UserError
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.validate import validate

RETAIL = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,WHITE METAL LANTERN,2,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850.0,United Kingdom
C536379,71053,WHITE METAL LANTERN,-1,2010-12-01 09:41:00,3.39,17850.0,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0.00,,United Kingdom
536544,21773,DECORATIVE ROSE BATHROOM BOTTLE,1,2010-12-01 14:32:00,2.51,,United Kingdom
536545,21774,BROKEN,-5,2010-12-01 14:33:00,0.0,,United Kingdom
536546,21774,A LAMP,one,2010-12-01 14:33:00,0.0,,United Kingdom
A563185,B,Adjust bad debt,1,2010-12-01 14:51:00,11062.06,,United Kingdom
"""


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_online_retail_makes_one_purchase_of_the_lines_of_an_invoice() -> None:
    skipped: Counter[str] = Counter()
    first, refund, stranger = online_retail.read(lines(RETAIL), skipped)
    assert (first.topic, first.key, first.fields["user_id"]) == ("purchases", "17850", "17850")
    assert [(item["item_id"], item["quantity"]) for item in first.fields["items"]] == [("85123A", 6), ("71053", 2)]
    assert first.fields["total"] == 22.08
    assert first.fields["ts"] == 1_291_191_960_000
    assert (refund.fields["kind"], refund.fields["items"][0]["quantity"]) == ("refund", 1)
    assert "user_id" not in stranger.fields
    assert stranger.fields["anonymous_id"] == "invoice-536544"
    assert skipped == {
        "postage, a fee or a manual entry": 1,
        "no description": 1,
        "a correction of stock": 1,
        "a row with a number or time that cannot be read": 1,
        "invoice A…: an accountant's adjustment": 1,
    }


def test_an_invoice_number_that_was_used_twice_gives_two_event_ids() -> None:
    row = "536365,71053,LANTERN,1,2010-12-01 08:{minute}:00,1.0,1.0,UK"
    text = "\n".join([RETAIL.splitlines()[0], row.format(minute=26), row.format(minute=27)])
    ids = [record.fields["event_id"] for record in online_retail.read(lines(text), Counter())]
    assert ids == ["retail-536365", "retail-536365-2"]


def test_rees46_gives_views_carts_and_purchases_with_paths_and_brands() -> None:
    text = """event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session
2019-10-01 00:00:00 UTC,view,1,2,appliances.environment.water_heater,aqua,33.20,55,s1
2019-10-01 00:00:02 UTC,cart,1,2,,,33.20,55,s1
2019-10-01 00:00:04 UTC,purchase,1,2,,aqua,33.20,55,s1
2019-10-01 00:00:05 UTC,swipe,1,2,,aqua,33.20,55,s1
yesterday,view,1,2,,aqua,33.20,55,s1
2019-10-01 00:00:05 UTC,vie
"""
    skipped: Counter[str] = Counter()
    view, cart, purchase = rees46.read(lines(text), skipped)
    assert (view.topic, view.fields["action"], view.fields["category"]) == (
        "clicks",
        "view",
        "appliances/environment/water_heater",
    )
    assert (view.fields["ts"], view.fields["price"], view.fields["session_id"]) == (1_569_888_000_000, 33.2, "s1")
    assert cart.fields["action"] == "cart"
    assert "brand" not in cart.fields
    assert (purchase.topic, purchase.fields["total"]) == ("purchases", 33.2)
    assert skipped.total() == 3


def test_ubi_gives_searches_once_clicks_and_purchases_and_says_what_impressions_are() -> None:
    product = {"object_id": "B1", "object_id_field": "asin", "description": "A cross necklace"}
    when = {"client_id": "c1", "timestamp": "2024-12-10T00:01:29.378Z"}
    sources = [
        {"index": {"_index": "ubi_queries", "_id": "1"}},
        {**when, "query_id": "q1", "user_query": "gold"},
        {**when, "query_id": "q1", "action_name": "search", "user_query": "gold"},
        {**when, "action_name": "impression", "event_attributes": {"object": product}},
        {**when, "action_name": "click", "event_attributes": {"object": product, "dwell_time": 1.5, "session_id": "s"}},
        {**when, "timestamp": 7, "user_id": "u", "action_name": "purchase", "event_attributes": {"object": product}},
        {"client_id": "c1", "action_name": "click", "event_attributes": {"object": product}},
        {**when, "action_name": "on_search", "query_id": "q2", "message": "handbag"},
    ]
    skipped: Counter[str] = Counter()
    text = "".join(orjson.dumps(source).decode() + "\n" for source in sources) + "no json\n"
    search, click, purchase, second = ubi.read(lines(text), skipped)
    assert (search.topic, search.fields["query"], search.fields["anonymous_id"]) == ("searches", "gold", "c1")
    assert search.fields["ts"] == 1_733_788_889_378
    assert (click.fields["title"], click.fields["dwell_ms"]) == ("A cross necklace", 1500)
    assert click.fields["session_id"] == "s"
    assert (purchase.topic, purchase.fields["user_id"], purchase.fields["ts"]) == ("purchases", "u", 7)
    assert second.fields["query"] == "handbag"
    assert skipped["impression: not an action on a product"] == 1
    assert skipped["a repeated search, as a query or an event"] == 1
    assert skipped["not JSON"] == 1
    assert skipped.total() == 4


def test_the_next_item_table_gives_each_item_of_a_user_once_in_order() -> None:
    text = """user_id,history_item_title,item_title,history_item_id,item_id,history_item_sid,item_sid
A1,"['tape']","glue, strong","[168]",278,x,y
A1,"['tape', 'glue, strong']",screws,"[168, 278]",719,x,y
A1,"['something else']",nails,"[1]",2,x,y
A2,"['a', 'b']",c,"[1, 2]",3,x,y
A3,"['a', 'b'",c,"[1, 2]",3,x,y
"""
    skipped: Counter[str] = Counter()
    records = list(amazon.read_next_items(lines(text), skipped))
    titles = [(record.key, record.fields["items"][0]["title"]) for record in records]
    assert titles == [("A1", "tape"), ("A1", "glue, strong"), ("A1", "screws"), ("A2", "a"), ("A2", "b"), ("A2", "c")]
    times = [record.fields["ts"] for record in records]
    assert times[:3] == [amazon.FIRST_STEP_MS + step * amazon.STEP_MS for step in range(3)]
    assert skipped.total() == 2


def test_reviews_become_purchases_and_reviews_the_held_out_one_last() -> None:
    def review(asin: str, when: int, price: float | None = None) -> dict[str, object]:
        product = {"title": f"title {asin}", "brand": None, "price": price, "main_category": "All Beauty"}
        words = {"review_title": "Nice", "review_full": "Fits<br>well"}
        return {"parent_asin": asin, "rating": 4.0, "timestamp_ms": when, "product": product, **words}

    history = [review("B1", 5, 9.5), {"rating": 1}]
    user = {"user_id": "U", "category": "All_Beauty", "history": history, "heldout": review("B2", 9)}
    skipped: Counter[str] = Counter()
    text = orjson.dumps(user).decode() + "\n{}\n"
    first, opinion, last, _ = amazon.read_reviews(lines(text), skipped)
    assert (first.fields["total"], first.fields["items"][0]["category"]) == (9.5, "All Beauty")
    assert (last.fields["ts"], "total" in last.fields) == (9, False)
    assert skipped.total() == 2
    assert (opinion.topic, opinion.fields["stars"], opinion.fields["price"]) == ("reviews", 4.0, 9.5)
    assert opinion.fields["text"] == "Nice. Fits well"
    assert isinstance(validate(opinion.topic, orjson.dumps(opinion.fields | {"ts": 1_748_772_000})), ValidatedEvent)


def test_what_has_neither_stars_nor_words_is_no_review() -> None:
    user = {"user_id": "U", "history": [{"parent_asin": "B1", "timestamp_ms": 5}]}
    assert [record.topic for record in amazon.read_reviews([orjson.dumps(user).decode()], Counter())] == ["purchases"]


def test_complete_journey_names_products_from_the_table_beside_it(tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    products.write_text(
        "product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n"
        "1,2,GROCERY,National,FRZN ICE,ICE - CRUSHED/CUBED,22 LB\n"
    )
    path = tmp_path / "transactions.csv"
    path.write_text(
        "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,"
        "transaction_timestamp\n"
        "7,1,90,1,2.0,5.00,0,0,0,5,2017-01-28 19:06:53\n"
        "8,1,91,1,0.0,5.00,0,0,0,5,2017-01-28 19:06:53\n"
        "8,1,91,404,1.0,5.00,0,0,0,5,2017-01-28 19:06:53\n"
        "7,1,90,1,1.0,2.50,0,0,0,5,2017-01-28 19:06:53\n"
    )
    skipped: Counter[str] = Counter()
    with DataFile(path) as file:
        (basket,) = FORMATS["complete-journey"].read(file.lines, skipped, path)
    assert [item["price"] for item in basket.fields["items"]] == [2.5, 2.5]
    assert basket.fields["items"][0]["title"] == "ICE - CRUSHED/CUBED 22 LB"
    assert basket.fields["items"][0]["category"] == "grocery/frzn ice"
    assert basket.fields["total"] == 7.5
    assert skipped == {"a quantity of 0": 1, "a product that products.csv does not have": 1}


def test_complete_journey_tells_shelf_prices_and_what_households_declare(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text(
        "product_id,department,product_category,product_type,package_size\n1,GROCERY,ICE,ICE,22 LB\n"
    )
    (tmp_path / "demographics.csv").write_text(
        "household_id,age,income,home_ownership,marital_status,household_size,household_comp,kids_count\n"
        "7,45-54,Under 15K,Homeowner,Married,5+,2 Adults Kids,3+\n8,65+,250K+,Probable Renter,,1,1 Adult No Kids,0\n"
    )
    path = tmp_path / "transactions.csv"
    path.write_text(
        "household_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_match_disc,transaction_timestamp\n"
        "7,91,1,2.0,5.00,0.8,0.2,2017-02-28 19:06:53\n7,90,1,1.0,5.00,0,0,2017-01-28 19:06:53\n"
    )
    with DataFile(path) as file:
        said, later, earlier = FORMATS["complete-journey"].read(file.lines, Counter(), path)
    assert later.fields["items"][0] | {"price": 2.5, "list_price": 3.0} == later.fields["items"][0]
    assert "list_price" not in earlier.fields["items"][0]
    assert (said.topic, said.key, said.time_ms) == ("declarations", "household-7", earlier.time_ms)
    accepted = validate(said.topic, orjson.dumps(said.fields))
    assert isinstance(accepted, ValidatedEvent)
    assert {line.subject: line.value for line in accepted.lines} == {
        "age_band": "45-54",
        "income_band": "under 15000",
        "home_ownership": "owner",
        "household_size": "5",
        "children": "3",
    }


def test_complete_journey_without_its_products_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"products\.csv"):
        FORMATS["complete-journey"].read(DataFile.__new__(DataFile), Counter(), tmp_path / "t.csv")  # type: ignore[arg-type]


def test_card_transactions_are_purchases_at_a_terminal() -> None:
    text = """TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD
1,2018-06-01 00:01:11,852,5161,163.64,0
2,2018-06-01 00:01:12,852,5161,0.0,1
"""
    skipped: Counter[str] = Counter()
    (record,) = card_fraud.read(lines(text), skipped)
    assert (record.fields["total"], record.fields["items"][0]["item_id"]) == (163.64, "terminal-5161")
    assert "TX_FRAUD" not in record.fields
    assert skipped.total() == 1


def test_our_own_lines_go_to_the_topic_that_they_name() -> None:
    text = """{"topic":"clicks","user_id":"u","ts":"2025-01-02T03:04:05Z","item_id":"i"}
{"topic":"searches","anonymous_id":"a","ts":1735787045,"query":"x"}
{"topic":"purchases","user_id":"u","ts":"gestern"}
{"topic":"profiles","user_id":"u"}
[1]
{"user_id":"u"}

"""
    skipped: Counter[str] = Counter()
    click, search, purchase = jsonl.read(lines(text), skipped)
    assert click == Record("clicks", "u", {"user_id": "u", "ts": 1_735_787_045_000, "item_id": "i"})
    assert (search.key, search.fields["ts"]) == ("a", 1_735_787_045_000)
    assert purchase.fields["ts"] == "gestern", "ingest judges it, not the reader"
    assert skipped.total() == 3


def test_a_file_of_another_format_is_refused_with_the_column_it_lacks() -> None:
    with pytest.raises(UserError, match="no column InvoiceNo"):
        list(online_retail.read(["a,b\n", "1,2\n"], Counter()))


def test_an_amazon_file_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.txt"
    path.touch()
    with DataFile(path) as file, pytest.raises(UserError, match="is not an Amazon file"):
        FORMATS["amazon"].read(file.lines, Counter(), path)


@pytest.mark.parametrize("name", ["retail.csv", "retail.csv.gz"])
def test_a_file_is_opened_by_its_extension_and_knows_its_position(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(RETAIL.encode()) if name.endswith(".gz") else RETAIL.encode())
    with DataFile(path) as file:
        assert len(list(FORMATS["online-retail"].read(file.lines, Counter(), path))) == 3
        assert file.position == file.size == path.stat().st_size


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        DataFile(tmp_path / "none.csv")
