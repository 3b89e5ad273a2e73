"""Purchase times by shopper, read from the file itself: labels and baselines do not depend on the stream."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from liveprofile.streams.datasets import online_retail
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.record import PURCHASES, Record, Skipped, utc_ms
from liveprofile.streams.datasets.table import rows

Bought = dict[str, list[int]]
"""Times of a shopper's purchases, epoch milliseconds in order, by user id."""


def of_records(records: Iterable[Record]) -> Bought:
    """Purchases of known users among a reader's records."""
    return _in_order(
        (record.fields["user_id"], record.fields["ts"])
        for record in records
        if record.topic == PURCHASES and "user_id" in record.fields and record.fields.get("kind") != "refund"
    )


def of_invoices(path: Path) -> Bought:
    """Every invoice of a customer in Online Retail except cancellations; includes invoices of fees or postage alone."""
    with DataFile(path) as file:
        return _in_order(
            (row["CustomerID"].removesuffix(".0"), utc_ms(row["InvoiceDate"]))
            for row in rows(file.lines, Skipped(), *online_retail.COLUMNS)
            if row["CustomerID"] and row["InvoiceNo"].isdigit()
        )


def _in_order(purchases: Iterator[tuple[str, int]]) -> Bought:
    times: dict[str, set[int]] = {}
    for user, time_ms in purchases:
        times.setdefault(user, set()).add(time_ms)
    return {user: sorted(times[user]) for user in sorted(times)}
