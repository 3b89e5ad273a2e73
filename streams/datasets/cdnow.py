"""Reads CDNOW: one purchase per line, with day, number of CDs and dollars."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from liveprofile.streams.datasets.record import PURCHASES, UNREADABLE, Record, Skipped


def read(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield purchases customer by customer from CDNOW_master.txt, or from the 10% sample, which has one more number.

    The CDs are unknown, so all are one item. The time is the beginning of the day (UTC).
    """
    repeats: Counter[str] = Counter()
    for line in lines:
        if not line.strip():
            continue
        try:
            customer, *_, day, discs, dollars = line.split()
            moment = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
            count, total = int(discs), float(dollars)
        except ValueError:
            skipped[UNREADABLE] += 1
            continue
        if count < 1 or total < 0:
            skipped["no CDs, or a negative sum"] += 1
            continue
        repeats[customer + day] += 1
        yield _purchase(customer, f"{customer}-{day}-{repeats[customer + day]}", moment, count, total)


def _purchase(customer: str, order_id: str, moment: datetime, count: int, total: float) -> Record:
    fields = {
        "event_id": f"cdnow-{order_id}",
        "user_id": f"cdnow-{customer}",
        "ts": round(moment.timestamp() * 1000),
        "order_id": order_id,
        "items": [{"item_id": "cd", "title": "CD", "price": round(total / count, 4), "quantity": count}],
        "currency": "USD",
        "total": total,
    }
    return Record(PURCHASES, f"cdnow-{customer}", fields)
