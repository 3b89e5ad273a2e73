"""Reads the Fraud Detection Handbook's card transactions as purchases at a terminal, without labels."""

from collections.abc import Iterable, Iterator

from liveprofile.streams.datasets.record import PURCHASES, UNREADABLE, Record, Skipped, utc_ms
from liveprofile.streams.datasets.table import Row, rows

COLUMNS = ("TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT")


def read(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield purchases in the order of the file, which is the order of time. There are no texts."""
    for row in rows(lines, skipped, *COLUMNS):
        try:
            record = _record(row)
        except ValueError:
            skipped[UNREADABLE] += 1
            continue
        if record.fields["total"] > 0:
            yield record
        else:
            skipped["an amount of 0"] += 1


def _record(row: Row) -> Record:
    amount = float(row["TX_AMOUNT"])
    fields = {
        "event_id": f"card-{row['TRANSACTION_ID']}",
        "user_id": f"card-{row['CUSTOMER_ID']}",
        "ts": utc_ms(row["TX_DATETIME"]),
        "order_id": row["TRANSACTION_ID"],
        "items": [{"item_id": f"terminal-{row['TERMINAL_ID']}", "price": amount, "quantity": 1}],
        "currency": "EUR",
        "total": amount,
    }
    return Record(PURCHASES, f"card-{row['CUSTOMER_ID']}", fields)
