"""Reads dunnhumby Complete Journey: the lines of a basket become one purchase, with products from products.csv."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from liveprofile.streams.datasets.household import Attributes, declarations
from liveprofile.streams.datasets.record import PURCHASES, UNREADABLE, Record, Skipped, utc_ms
from liveprofile.streams.datasets.table import Row, rows

COLUMNS = ("household_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp")
REDUCTIONS = ("retail_disc", "coupon_match_disc")
"""By the data's guide, the shelf price is the sales value plus these; a manufacturer's coupon is not the shop's."""
PRODUCT_COLUMNS = ("product_id", "department", "product_category", "product_type", "package_size")


def read(
    lines: Iterable[str],
    skipped: Skipped,
    products: Mapping[str, Row],
    declared: Mapping[str, Attributes] | None = None,
) -> Iterator[Record]:
    """Yield baskets in the order of their first lines; the file is not in the order of time.

    `declared` attributes of a household come first, at the time of its first basket.
    """
    baskets: dict[str, list[Row]] = {}
    for row in rows(lines, skipped, *COLUMNS):
        if _fit(row, products, skipped):
            baskets.setdefault(row["basket_id"], []).append(row)
    yield from declarations(baskets.values(), declared or {})
    for basket_id, basket in baskets.items():
        yield _purchase(basket_id, basket[0], [_item(row, products) for row in basket])


def read_products(lines: Iterable[str]) -> dict[str, Row]:
    """Products by id."""
    return {row["product_id"]: row for row in rows(lines, Skipped(), *PRODUCT_COLUMNS)}


def _fit(row: Row, products: Mapping[str, Row], skipped: Skipped) -> bool:
    """Whether a line has a product, a quantity, an amount and a time."""
    reason = None
    try:
        quantity, _, _ = float(row["quantity"]), float(row["sales_value"]), utc_ms(row["transaction_timestamp"])
        reason = None if quantity > 0 else "a quantity of 0"
    except ValueError:
        reason = UNREADABLE
    if row["product_id"] not in products:
        reason = "a product that products.csv does not have"
    if reason:
        skipped[reason] += 1
    return reason is None


def _item(row: Row, products: Mapping[str, Row]) -> dict[str, Any]:
    product, quantity = products[row["product_id"]], float(row["quantity"])
    words = [product["product_type"] or product["product_category"], product["package_size"]]
    item: dict[str, Any] = {
        "item_id": row["product_id"],
        "category": _path(product["department"], product["product_category"]),
        "price": round(float(row["sales_value"]) / quantity, 4),
        "quantity": quantity,
    }
    if reduction := _reduction(row):
        item["list_price"] = round((float(row["sales_value"]) + reduction) / quantity, 4)
    title = " ".join(word for word in words if word)
    return item | {"title": title.replace(":", " ")} if title else item


def _reduction(row: Row) -> float:
    """The shop's reduction of the shelf price: the loyalty card's discount and its match of a coupon."""
    try:
        return sum(abs(float(row.get(name) or 0)) for name in REDUCTIONS)
    except ValueError:
        return 0.0


def _path(*names: str) -> str:
    """A category path; slashes within a name are replaced.

    >>> _path("GROCERY", "ICE - CRUSHED/CUBED")
    'grocery/ice - crushed cubed'
    """
    return "/".join(name.lower().replace("/", " ") for name in names if name)


def _purchase(basket_id: str, first: Row, items: list[dict[str, Any]]) -> Record:
    fields = {
        "event_id": f"journey-{basket_id}",
        "user_id": f"household-{first['household_id']}",
        "ts": utc_ms(first["transaction_timestamp"]),
        "order_id": basket_id,
        "items": items,
        "currency": "USD",
        "total": round(sum(item["price"] * item["quantity"] for item in items), 2),
    }
    return Record(PURCHASES, f"household-{first['household_id']}", fields)
