"""Valid events, and what hostile records put into them: wrong values and nasty texts."""

from random import Random
from typing import Any

WRONG_VALUES = (
    "null",
    "true",
    "false",
    "NaN",
    "-Infinity",
    "Infinity",
    "1e400",
    "-1e400",
    "1e308",
    "-1",
    "-0.0",
    "0",
    "1.5",
    "9" * 25,
    "-" + "9" * 400,
    "9" * 6000,
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udfff\\ud800"',
    "[]",
    "{}",
    "[[]]",
    "[null, null]",
    '{"a": {"b": null}}',
    '"\\u202e\\u200b"',
    '"' + "x" * 300 + '"',
    '"' + "ü" * 70_000 + '"',
    "1.7e18",
    '"not a time"',
    '"2025-13-45T99:99:99Z"',
    '"99999-01-01"',
    '"2025-06-01T10:00:00+99:99"',
    '"-1"',
    '"1e999"',
    '"nan"',
)  # fmt: skip - one a line would fill two pages
"""JSON texts that are put in the place of a field's value; some are no JSON at all."""
NASTY_TEXTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE profiles; --",
    '" OR 1=1 --',
    "\r\n2025-01-01 00:00:00 [INFO] admin logged in\r\n",
    "\x1b[2J\x1b[31mred\x07",
    "\u202etxt.exe\u202c",
    "a\u0000b",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "file:///etc/passwd",
    "${jndi:ldap://x/a}",
    "{{7*7}}",
    "%s%n%x",
    "$(rm -rf /)",
    "`id`",
    "=cmd|' /C calc'!A0",
    "jane@example.com 4111 1111 1111 1111",
    "Z\u0351\u0352\u0357" * 400,
    "\ufeff\u200b\u2060",
    "ﷺ" * 3000,
    "👩‍👩‍👧‍👦" * 50,
    "e\u0301\u0323" * 2000,
    "\U000e0041" * 100,
    "a@" * 3000,
    "1-" * 3000,
    "http://" * 1000,
    "GB82 " * 1000,
    "0 12 " * 2000,
    " " * 5000,
    "\t\n\v\f\r\x85\u2028",
    "ａｄｍｉｎ",
    "null",
    "undefined",
)  # fmt: skip - one a line would fill two pages


def honest_event(rng: Random, topic: str) -> dict[str, Any]:
    """A valid event of a topic."""
    event: dict[str, Any] = {
        "event_id": f"e{rng.randrange(10**9)}",
        "user_id": f"u{rng.randrange(50)}",
        "ts": rng.choice(["2025-06-01T10:00:00Z", 1748772000, 1748772000123, "1748772000"]),
        "session_id": f"s{rng.randrange(99)}",
    }
    own: dict[str, dict[str, Any]] = {
        "clicks": {
            "action": "view",
            "item_id": "p1",
            "title": "Red Ceramic Vase",
            "category": "home/decor",
            "price": 12.5,
        },
        "searches": {"query": "red vase 20 cm", "results": 12, "filters": {"colour": ["red"]}},
        "purchases": {
            "order_id": "o1",
            "items": [{"item_id": "p1", "title": "Red Vase", "price": 12.5, "quantity": 2}],
            "currency": "EUR",
            "total": 25.0,
        },
        "reviews": {
            "item_id": "p1",
            "title": "Red Ceramic Vase",
            "category": "home/decor",
            "stars": 4.5,
            "text": "Lovely, but smaller than I thought.",
        },
        "feedback": rng.choice(
            [
                {"about": "tag", "name": "bargain hunter", "verdict": "refused"},
                {"about": "offer", "name": "spring-10", "verdict": "accepted", "item_id": "p1", "title": "Red Vase"},
                {"about": "attribute", "name": "price_focus", "verdict": "corrected", "value": "quality"},
            ]
        ),
        "declarations": {"attributes": {"language": "de", "household_size": 3, "age_band": 41, "newsletter": True}},
    }
    return event | own[topic]
