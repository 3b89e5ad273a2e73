"""Readers of data that is not here: each on a small file in exactly the documented format, with broken lines."""

import gzip
from collections import Counter
from pathlib import Path

import orjson
import pytest

from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import Record
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.validate import validate

TAOBAO = """1,2268318,2520377,pv,1511544070
1,2333346,2520771,pv,1511561733
1,2576651,149192,cart,1511572885
100,598929,2429887,buy,1511580000
100,1,2,fav,1511580001
100,1,2,pv,-2134949234
100,1,2,swipe,1511580001
100,1,2,pv,soon
100,1,2
"""

EVENTS = """timestamp,visitorid,event,itemid,transactionid
1433221332117,257597,view,355908,
1433224214164,992329,view,248676,
1433222276276,599528,transaction,356475,4000
1433222276280,599528,transaction,15335,4000
1433221999827,599528,addtocart,356475,
1433221999828,599528,stare,356475,
yesterday,599528,view,356475,
1433221999828,599528
"""
PROPERTIES = """timestamp,itemid,property,value
1433041200000,355908,categoryid,213
1433646000000,355908,categoryid,1338
1433041200000,355908,790,n277200.000
1435460400000,356475,categoryid,7
"""
TREE = "categoryid,parentid\n213,57\n57,16\n16,\n7,8\n8,7\n"

CDNOW = """ 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00003 19971301  2   20.76
 00004 19970101  x   20.76
 00004 19970118  0    0.00
"""


def read(path: Path, form: str, limit: int | None = None) -> tuple[list[Record], Counter[str]]:
    skipped: Counter[str] = Counter()
    with DataFile(path) as file:
        records = list(read_file(file, path, FORMATS[form], skipped, limit))
    for record in records:
        assert isinstance(validate(record.topic, orjson.dumps(record.fields)), ValidatedEvent), record
    assert len({record.fields["event_id"] for record in records}) == len(records)
    return records, skipped


def test_taobao_gives_views_carts_favourites_and_purchases_in_the_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "UserBehavior.csv"
    path.write_text(TAOBAO)
    records, skipped = read(path, "taobao")
    assert [(r.key, r.topic, r.fields.get("action")) for r in records] == [
        ("1", "clicks", "view"),
        ("1", "clicks", "view"),
        ("1", "clicks", "cart"),
        ("100", "purchases", None),
        ("100", "clicks", "favourite"),
    ]
    assert (records[0].fields["ts"], records[0].fields["item_id"]) == (1_511_544_070_000, "2268318")
    assert records[3].fields["items"] == [{"item_id": "598929", "category": "2429887", "quantity": 1}]
    assert skipped == {
        "a time outside of the nine days": 1,
        "behaviour swipe": 1,
        "a row with a number or time that cannot be read": 1,
        "a row with too few or too many columns": 1,
    }


def test_a_limit_takes_the_first_shoppers_where_the_file_goes_shopper_by_shopper(tmp_path: Path) -> None:
    path = tmp_path / "UserBehavior.csv"
    path.write_text("".join(reversed(TAOBAO.splitlines(keepends=True)[:5])))
    records, _ = read(path, "taobao", limit=2)
    assert [record.key for record in records] == ["100", "100"]
    assert records[0].fields["ts"] < records[1].fields["ts"]


def test_retailrocket_joins_transactions_and_knows_which_category_an_item_had_then(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    with gzip.open(tmp_path / "item_properties_part1.csv.gz", "wt") as file:
        file.write(PROPERTIES)
    (tmp_path / "category_tree.csv").write_text(TREE)
    (view, cart, order, other), skipped = read(path, "retailrocket")
    assert (view.fields["category"], view.fields["anonymous_id"]) == ("16/57/213", "visitor-257597")
    assert (cart.fields["action"], cart.fields["item_id"]) == ("cart", "356475")
    assert cart.fields["category"].endswith("8/7")
    assert [item["item_id"] for item in order.fields["items"]] == ["356475", "15335"]
    assert (order.fields["order_id"], order.fields["ts"]) == ("4000", 1_433_222_276_276)
    assert "category" not in other.fields
    assert skipped.total() == 3


def test_retailrocket_without_the_files_beside_it_has_no_categories(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    records, _ = read(path, "retailrocket")
    assert len(records) == 4
    assert not any("category" in record.fields for record in records)


def review(asin: str, when: object = 1_472_688_000, **more: object) -> bytes:
    known = {"overall": 5.0, "verified": True, "reviewTime": "09 1, 2016", "reviewerID": "A3", "asin": asin}
    told = {"reviewerName": "Jo", "reviewText": "Sticks <b>well</b>", "summary": "Five stars", "unixReviewTime": when}
    return orjson.dumps(known | told | more) + b"\n"


def test_reviews_2018_are_purchases_where_verified_named_from_the_metadata_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "Industrial_and_Scientific_5.json.gz"
    lines = [review("B1"), review("B2", verified=False), review("B3", 1_472_601_600), review("B4", "soon"), b"[]\n{\n"]
    path.write_bytes(gzip.compress(b"".join(lines)))
    products = [
        {"asin": "B1", "title": "Tape", "brand": "Sticky", "category": ["Industrial", "Tapes/Glue"], "price": "$9.99"},
        {"asin": "B3", "title": "<span>Tape</span>", "brand": "", "category": [], "price": "$9.99 - $19.99"},
        {"asin": "B9", "title": "not asked for"},
    ]
    meta = b"\n".join(orjson.dumps(product) for product in products) + b"\nno json\n"
    (tmp_path / "meta_Industrial_and_Scientific.json.gz").write_bytes(gzip.compress(meta))
    records, skipped = read(path, "amazon")
    assert [(r.topic, (r.fields.get("items") or [r.fields])[0]["item_id"]) for r in records] == [
        ("purchases", "B3"),
        ("reviews", "B3"),
        ("purchases", "B1"),
        ("reviews", "B1"),
        ("reviews", "B2"),
    ]
    tape, words = records[2].fields, records[3].fields
    assert tape["items"][0] == {
        "item_id": "B1",
        "title": "Tape",
        "category": "Industrial/Tapes Glue",
        "brand": "Sticky",
        "price": 9.99,
        "quantity": 1,
    }
    assert (words["stars"], words["text"]) == (5.0, "Five stars. Sticks  well ")
    assert records[0].fields["items"] == [{"item_id": "B3", "quantity": 1}]
    assert skipped.total() == 3


def test_reviews_2018_without_metadata_have_no_titles(tmp_path: Path) -> None:
    path = tmp_path / "Books_5.json"
    path.write_bytes(review("B1"))
    records, _ = read(path, "amazon")
    assert records[0].fields["items"] == [{"item_id": "B1", "quantity": 1}]


@pytest.mark.parametrize("extra", ["", "00012 "])
def test_cdnow_gives_purchases_of_cds_also_from_the_sample_with_a_number_of_its_own(tmp_path: Path, extra: str) -> None:
    path = tmp_path / "CDNOW_master.txt"
    path.write_text("".join(f" {line[1:6]} {extra}{line[7:]}\n" for line in CDNOW.splitlines()))
    (first, second, third), skipped = read(path, "cdnow")
    assert (first.fields["user_id"], first.fields["ts"], first.fields["total"]) == (
        "cdnow-00001",
        852_076_800_000,
        11.77,
    )
    assert (third.fields["items"][0]["price"], third.fields["items"][0]["quantity"]) == (15.4, 5)
    assert second.fields["order_id"] != third.fields["order_id"]
    assert skipped == {"a row with a number or time that cannot be read": 2, "no CDs, or a negative sum": 1}
