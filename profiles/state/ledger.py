"""The ledger: what a shopper's orders have said so far, so that an order counts once however often it is sent.

It is beside the row, and only shoppers with an order that has an id have one: 5 KB in memory, and on the topic only the
words that are not zero.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.records.layouts.fields import whole_words

ORDERS = 64
"""Number of orders kept, however old: the last ones of the shopper."""
ORDER_LINES = 32
"""Number of order lines kept, of all orders together: the last ones."""

Ledgers = npt.NDArray[np.void]


@lru_cache(maxsize=1)
def ledger_dtype(_dims: int = 0) -> np.dtype[np.void]:
    """The layout of one ledger; it has no vectors."""
    return whole_words(
        [
            ("orders_kept", "<u4"),  # orders so far; the next one takes the place orders_kept % ORDERS
            ("order_digest", "<u8", (ORDERS,)),  # digest64 of the order id; 0 for a free place
            ("order_placed_ms", "<i8", (ORDERS,)),  # event time of the version that came first
            ("order_said_ms", "<i8", (ORDERS,)),  # event time of the version in force
            ("order_total", "<i8", (ORDERS,)),  # minor units, of the version in force; 0 if unknown
            ("order_refunded", "<i8", (ORDERS,)),  # minor units, of all its refunds
            ("order_first", "<u4", (ORDERS,)),  # short_source of the record that came first
            ("order_source", "<u4", (ORDERS,)),  # of the version in force
            ("order_refund", "<u4", (ORDERS,)),  # of the newest refund that counted
            ("order_priced", "<u4", (ORDERS,)),  # of the first version with an amount
            ("order_lines", "<u2", (ORDERS,)),  # lines of the version in force
            ("lines_kept", "<u4"),  # order lines so far; the next one takes the place lines_kept % ORDER_LINES
            ("line_order", "<u8", (ORDER_LINES,)),  # digest of its order; 0 for a free place
            ("line_item", "<u8", (ORDER_LINES,)),  # see `fold.order_lines.item_of`
            ("line_category", "<u4", (ORDER_LINES,)),
            ("line_brand", "<u4", (ORDER_LINES,)),
            ("line_amount", "<i8", (ORDER_LINES,)),  # as it counted as paid, minor units
            ("line_saved", "<i8", (ORDER_LINES,)),
            ("line_source", "<u4", (ORDER_LINES,)),  # short_source of the newest version with this line
        ]
    )


class LedgerTable:
    """The ledgers of the profiles in memory, found by the place of a profile's row.

    Place 0 is the blank ledger of all others; compiled code never writes it.
    """

    def __init__(self, capacity: int) -> None:
        """`capacity` is the number of rows at first."""
        self.rows: Ledgers = np.zeros(64, ledger_dtype())
        self.place_of = np.zeros(capacity, np.int32)
        """Place of the ledger by the place of the row; 0 for none."""
        self._free: list[int] = []
        self._used = 1

    def grow(self, capacity: int) -> None:
        """Room for so many rows."""
        self.place_of = np.concatenate([self.place_of, np.zeros(capacity - len(self.place_of), np.int32)])

    def open(self, places: npt.NDArray[np.int64]) -> None:
        """Give rows (n,) without a ledger a blank one each."""
        for place in np.unique(places[self.place_of[places] == 0]).tolist():
            self.place_of[place] = self._free.pop() if self._free else self._next()

    def _next(self) -> int:
        if self._used == len(self.rows):
            self.rows = np.concatenate([self.rows, np.zeros(len(self.rows), self.rows.dtype)])
        self._used += 1
        return self._used - 1

    def close(self, places: npt.NDArray[np.int64]) -> None:
        """Remove the ledgers of rows (n,)."""
        held = places[self.place_of[places] != 0]
        at = self.place_of[held]
        self.rows[at] = np.zeros(1, self.rows.dtype)
        self._free += at.tolist()
        self.place_of[held] = 0

    def read(self, places: npt.NDArray[np.int64]) -> Ledgers:
        """The ledgers of rows (n,), as a copy; blank for rows without one."""
        return self.rows[self.place_of[places]]

    def write(self, places: npt.NDArray[np.int64], ledgers: Ledgers) -> None:
        """Set the ledgers of rows (n,), each row once; a blank one removes it."""
        filled = ledgers["orders_kept"] != 0
        self.close(places[~filled])
        self.open(places[filled])
        self.rows[self.place_of[places[filled]]] = ledgers[filled]
