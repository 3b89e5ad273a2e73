"""Personal data in Chinese texts: what is taken out, what stays, and how long a hostile text takes."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.streams.contract.scrub import scrub

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LATIN = "abcdefghijklmnopqrstuvwxyz"


def resident_id(first: str) -> str:
    """Seventeen digits with the check character of GB 11643-1999."""
    return first + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, WEIGHTS, strict=True)) % 11]


def with_luhn(first: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(reversed(first)))
    return first + str(-total % 10)


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("加微信abc_12345聊", "加微信[handle]聊"),
        ("微信号:wxid_abc123def", "微信号:[handle]"),
        ("vx liming88", "vx [handle]"),
        ("VX\uff1aliming88", "VX\uff1a[handle]"),
        ("QQ号1234567890", "QQ号[handle]"),
        ("护照E12345678", "护照[number]"),
        ("银行卡 6217 0012 1003 4567 891", "银行卡 [card]"),
        ("寄到北京市朝阳区建国路88号院3号楼2单元501室", "[address]"),
        ("收货地址\uff1a浙江省杭州市西湖区文三路\uff11\uff13\uff18号", "收货地址\uff1a[address]"),
        ("打我手机13800138123", "打我手机[phone]"),
    ],
)
def test_personal_data_in_chinese_texts_is_replaced(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        *(
            "微信红包封面",
            "wx手机壳",
            "vx防水袋",
            "宏碁 vx5-591g膜",
            "vx—b130/160高压泵水封",
            "qq飞车",
            "qq8位",
            "企业微信打卡神器",
        ),
        *(
            "一只美镯1号店",
            "小米电动车9号",
            "5号电池南孚",
            "先马工匠5号",
            "昂立1号益生菌颗粒",
            "佳能相机a5905号电池",
            "网红路3号色口红",
        ),
        *("银行卡套", "身份证卡套透明", "护照夹 2020款", "iphone13 128g", "304不锈钢煎锅30cm", "道路2号锥"),
    ],
)
def test_names_of_products_stay(text: str) -> None:
    assert scrub(text) == text


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["微信", "微信号", "加微信:", "vx ", "wx\uff1a", "V信", "薇信 "]),
    st.text(LATIN, min_size=1, max_size=1),
    st.text(LATIN + "_", min_size=4, max_size=16),
    st.text("0123456789", min_size=1, max_size=3),
)
def test_a_handle_behind_its_word_never_stays(word: str, first: str, middle: str, digits: str) -> None:
    assert f"{first}{middle}{digits}" not in scrub(f"{word}{first}{middle}{digits} 谢谢")


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["110101", "310104", "440305", "510107"]),
    st.dates(min_value=date(1940, 1, 1), max_value=date(2015, 12, 31)),
    st.text("0123456789", min_size=3, max_size=3),
    st.sampled_from(["", "身份证", "我的号是", "身份证号\uff1a"]),
)
def test_a_resident_id_never_stays(place: str, born: object, serial: str, before: str) -> None:
    number = resident_id(f"{place}{str(born).replace('-', '')}{serial}")
    assert number[:17] not in scrub(f"{before}{number}")


@settings(deadline=None, max_examples=200)
@given(st.text("0123456789", min_size=11, max_size=14), st.sampled_from(["", "卡号", "银行卡 "]))
def test_a_unionpay_card_never_stays(rest: str, before: str) -> None:
    number = with_luhn(f"6217{rest}")
    assert number not in scrub(f"{before}{number}") and number[:12] not in scrub(f"{before}{number}")


@pytest.mark.parametrize(
    "hostile",
    [
        "市" * 20_000,
        "路1号" * 8_000,
        "微信" * 20_000,
        "qq1" * 20_000,
        "卡号" + "6 " * 20_000,
        "微信a" + "a_" * 20_000,
        "区路" * 20_000,
    ],
    ids=range(7),
)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(hostile: str) -> None:
    def seconds(text: str) -> float:
        began = time.perf_counter()
        scrub(text)
        return time.perf_counter() - began

    half = max(min(seconds(hostile[: len(hostile) // 2]) for _ in range(3)), 0.005)
    assert min(seconds(hostile) for _ in range(3)) < 6 * half
