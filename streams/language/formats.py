"""Numbers, amounts, shares, lists and times in the format of a language, by CLDR's data as Babel has it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.lists import format_list
from babel.numbers import NumberPattern, format_currency, parse_pattern


@lru_cache(maxsize=16)
def locale_of(language: str) -> Locale:
    """Babel's locale of a language. UnknownLocaleError for none."""
    return Locale.parse(language)


@lru_cache(maxsize=64)
def _pattern(written: str) -> NumberPattern:
    """A number's pattern, parsed once: parsing costs more than writing a number by it."""
    return parse_pattern(written)


@lru_cache(maxsize=16)
def _percent_pattern(language: str) -> str:
    """The language's pattern of percentages, with a tenth where there is one."""
    return str(locale_of(language).percent_formats[None].pattern).replace("#,##0", "#,##0.#")


@lru_cache(maxsize=65_536)
def _written(value: float, pattern: str, language: str) -> str:
    """A number by a pattern; the same thresholds come again and again."""
    return str(_pattern(pattern).apply(value, locale_of(language)))


def percent(share: float, language: str) -> str:
    """A share in percent, to a tenth where it is not whole.

    >>> percent(0.2134, "zh"), percent(0.2, "de")
    ('21.3%', '20\\xa0%')
    """
    return _written(share, _percent_pattern(language), language)


def amount(value: float, language: str, currency: str = "") -> str:
    """A sum in major units, with the currency's sign where the currency is known.

    >>> amount(1234.5, "zh"), amount(1234.5, "de"), amount(1234.5, "zh", "CNY")
    ('1,234.50', '1.234,50', '¥1,234.50')
    """
    if currency:
        return str(format_currency(value, currency, locale=locale_of(language)))
    return _written(value, "#,##0.00", language)


def number(value: float, language: str) -> str:
    """A number to four digits, or to the whole number where that has more.

    >>> number(0.0417, "de"), number(123456.7, "zh")
    ('0,0417', '123,457')
    """
    pattern = "#,##0" if abs(value) >= 1000 else "@###"
    return _written(value, pattern, language)


def signed(value: float, language: str) -> str:
    """A number around zero.

    >>> signed(0.3, "de"), signed(-1.25, "zh")
    ('+0,30', '-1.25')
    """
    return _written(value, "+0.00;-0.00", language)


def fixed(value: float, digits: int, language: str) -> str:
    """A number with so many decimals.

    >>> fixed(1234.56, 1, "de"), fixed(31.0, 0, "zh")
    ('1.234,6', '31')
    """
    return _written(value, f"#,##0.{'0' * digits}" if digits else "#,##0", language)


def listed(names: Sequence[str], language: str) -> str:
    """Names as a list in a sentence.

    >>> listed(["锅", "壶", "刀"], "zh"), listed(["Pfannen", "Kessel"], "de")
    ('锅、壶和刀', 'Pfannen und Kessel')
    """
    return str(format_list(list(names), locale=locale_of(language)))


def plural(count: float, language: str) -> str:
    """The plural form of a count: one, other and, in some languages, more.

    >>> plural(1, "de"), plural(2, "de"), plural(1, "zh")
    ('one', 'other', 'other')
    """
    return str(locale_of(language).plural_form(count))


def ago(seconds: float, language: str) -> str:
    """How long ago, in its largest unit; negative seconds lie ahead.

    >>> ago(7200, "zh"), ago(7200, "de")
    ('2小时前', 'vor 2 Stunden')
    """
    return str(
        format_timedelta(timedelta(seconds=-seconds), add_direction=True, threshold=1, locale=locale_of(language))
    )


def moment(time: datetime, language: str) -> str:
    """Date and time to the second.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 1, 5, 18, 0, tzinfo=UTC), "de")
    '05.01.2026, 18:00:00'
    """
    return str(format_datetime(time, "medium", locale=locale_of(language)))
