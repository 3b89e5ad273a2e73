"""Reads UCI Online Retail: the lines of an invoice become one purchase, or one refund for an invoice C…."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from liveprofile.streams.datasets.record import PURCHASES, UNREADABLE, Record, Skipped, person, utc_ms
from liveprofile.streams.datasets.table import Row, rows

NO_PRODUCTS = frozenset({"POST", "DOT", "M", "m", "D", "S", "B", "C2", "CRUK", "PADS", "AMAZONFEE", "BANK CHARGES"})
"""Stock codes of postage, fees, samples, discounts and manual entries."""

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")


def read(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield purchases in the order of the file, which is the order of time."""
    repeats: dict[str, int] = {}
    table = rows(lines, skipped, *COLUMNS)
    for (number, when), group in groupby(table, key=lambda row: (row["InvoiceNo"], row["InvoiceDate"])):
        invoice = list(group)
        if not _is_time(when):
            skipped[UNREADABLE] += len(invoice)
            continue
        if number.startswith("A"):
            skipped["invoice A…: an accountant's adjustment"] += len(invoice)
            continue
        items = list(_items(invoice, refund=number.startswith("C"), skipped=skipped))
        if items:
            repeats[number] = repeats.get(number, 0) + 1
            yield _purchase(number, repeats[number], when, invoice[0], items)


def _purchase(number: str, part: int, when: str, first: Row, items: list[dict[str, Any]]) -> Record:
    """`part` distinguishes several uses of one invoice number."""
    customer = first["CustomerID"].removesuffix(".0")
    fields = {
        "event_id": f"retail-{number}" + (f"-{part}" if part > 1 else ""),
        **person(customer, f"invoice-{number}"),
        "ts": utc_ms(when),
        "kind": "refund" if number.startswith("C") else "purchase",
        "order_id": number,
        "items": items,
        "currency": "GBP",
        "total": round(sum(item["price"] * item["quantity"] for item in items), 2),
    }
    return Record(PURCHASES, customer or number, fields)


def _is_time(text: str) -> bool:
    try:
        utc_ms(text)
    except ValueError:
        return False
    return True


def _items(invoice: list[Row], *, refund: bool, skipped: Skipped) -> Iterator[dict[str, Any]]:
    for row in invoice:
        reason = _unfit(row, refund)
        if reason:
            skipped[reason] += 1
        else:
            yield {
                "item_id": row["StockCode"],
                "title": row["Description"].strip(),
                "price": float(row["UnitPrice"]),
                "quantity": abs(int(row["Quantity"])),
            }


def _unfit(row: Row, refund: bool) -> str | None:
    """The reason why a line is not a bought or returned product; None if it is one."""
    if row["StockCode"] in NO_PRODUCTS:
        return "postage, a fee or a manual entry"
    if not row["Description"].strip():
        return "no description"
    try:
        quantity, price = int(row["Quantity"]), float(row["UnitPrice"])
    except ValueError:
        return UNREADABLE
    if (quantity >= 0) == refund:
        return "a correction of stock"
    return "a negative price" if price < 0 else None
