"""Texts come out normalised, visible, scrubbed and bounded."""

import pytest
from support.growth import least_seconds

from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.contract.scrub import scrub
from liveprofile.streams.stages.ingest.categories import category_path
from liveprofile.streams.stages.ingest.text import KEPT_CHARS, clean, normalise


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("mail jane.doe+shop@mail.example.co.uk.", "mail [email]."),
        ("jörg@müller.de", "[email]"),
        ("(jane@example.com)", "([email])"),
        ("+44 (0)20 7946 0958", "[phone]"),
        ("ring me 2 020 7946 0958 or 07911123456", "ring me 2 [phone] or [phone]"),
        ("(202) 555-0143 and 202-555-0143", "[phone] and [phone]"),
        ("06 12 34 56 78", "[phone]"),
        ("tel: 555 0143 22", "tel: [phone]"),
        ("4111 1111 1111 1111", "[card]"),
        ("3714-496353-98431", "[card]"),
        ("1234 4012888888881881 x", "1234 [card] x"),
        ("1234 4111 1111 1111 1111 x", "1234 [card] x"),
        ("GB82WEST12345698765432please", "[iban]please"),
        ("GB82 WEST 1234 5698 7654 32 blue", "[iban] blue"),
        ("de89370400440532013000", "[iban]"),
        ("customer 00012345678901", "customer [number]"),
        ("123-45-6789", "[number]"),
        ("https://shop.example/reset?token=abc", "[url]"),
        ("http://jane:pw@shop.example/", "[url]"),
        ("id 550e8400-e29b-41d4-a716-446655440000", "id [token]"),
        ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqYW5lIn0.abc", "[token]"),
    ],
)
def test_personal_data_is_replaced_by_a_placeholder(text, scrubbed):
    assert scrub(normalise(text)) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "Bosch GSR 12V-35 FC, 2.0 Ah (06019H3004)",
        "3M 1/2-Inch x 36 yd, 500 x 300 x 200 mm, 2-Pack (1365736)",
        "iPhone 15 Pro 256GB 1299.99",
        "MacBook Case 2022 2021 2020 2019 2018 2017 2016 A2338",
        "Volkswagen Golf 2005 2006 2007 2008 2009 2010 2011 2012",
        "STHIL 021 023 025 MS210 MS230",
        "9787302463788 calculus",
        "2.5V@1.5A adapter @home",
        "100-200-3000 grit set",
        "see www.shop.example/vases",
        "减速器链条 150cm 2000W",
        "4111 1111 1111 1112",
        "",
    ],
)
def test_ordinary_product_texts_stay_as_they_are(text):
    assert scrub(text) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Axis &amp; Allies", "Axis & Allies"),
        ("Axis &amp;amp;amp; Allies", "Axis & Allies"),
        ("20&quot; &#38; 5&#x2033;", '20" & 5\u2032\u2032'),
        ("caf&eacute;", "café"),
        ("M&auml;user&nbsp;&ndash; rot", "Mäuser – rot"),
        ("AT&T, R&D; Q&A", "AT&T, R&D; Q&A"),
        ("x&copy=1 &bogus; &;", "x&copy=1 &bogus; &;"),
        ("jane&#64;example.com", "[email]"),
        ("4111&#8203; 1111 1111 1111", "[card]"),
    ],
)
def test_entities_of_html_are_decoded_before_anything_else(written, read):
    assert clean(written).text == read


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "Straße"),
        ("ΟΔΟΣ", "οδος"),
        ("İZMİR", "izmir"),
        ("ﬁsh", "FISH"),
        ("CAFE\u0301", "café"),
        ("ᏣᎳᎩ", "ꮳꮃꭹ"),
        ("ДЫМ", "дым"),
    ],
)
def test_texts_that_differ_by_case_alone_have_one_key(one, other):
    assert clean(one).key == clean(other).key


@pytest.mark.parametrize(
    ("category", "path"),
    [
        ("किताबें > हिन्दी", "किताबें/हिन्दी"),
        ("เสื้อผ้า", "เสื้อผ้า"),
        ("தமிழ் நூல்கள்", "தமிழ்-நூல்கள்"),
        ("کتاب‌ها", "کتابها"),
        ("本 > 漫画", "本/漫画"),
        ("Ελληνικός", "ελληνικόσ"),
        ("İç Giyim", "iç-giyim"),
        ("Straße & Garten", "strasse-garten"),
        ("Axis &amp;amp; Allies", "axis-allies"),
        ("☂ ☃", None),
        ("Cafe\u0301_Bar", "café-bar"),
    ],
)
def test_slugs_keep_letters_marks_and_numbers_of_every_script(category, path):
    assert category_path(category) == path


def test_a_card_in_full_width_digits_does_not_hide():
    assert clean("４１１１ １１１１ １１１１ １１１１").text == "[card]"


def test_an_address_with_invisible_characters_in_it_does_not_hide():
    assert clean("jane\u200b@exa\u00admple.com").text == "[email]"


def test_invisible_and_directional_characters_go_and_white_space_folds():
    assert normalise("\ufeffred\u202e vase\x00\x1b[31m\t\r\n 20\u3000cm ") == "red vase[31m 20 cm"


def test_the_key_is_lower_case_and_the_text_is_not():
    assert clean("Red VASE")[:2] == ("Red VASE", "red vase")


def test_a_long_text_is_cut_and_an_absurd_one_refused():
    assert len(clean("word " * 5_000).text) <= KEPT_CHARS
    with pytest.raises(RefusedError) as refused:
        clean("x" * 65_537)
    assert refused.value.refusal.reason is Reason.TOO_LARGE


def test_a_card_at_the_cut_of_a_long_text_does_not_leave_its_half():
    card = "4111 1111 1111 1111"
    for before in range(4070, 4100):
        kept = clean("x " * (before // 2) + card + " y" * 100).text
        assert "4111" not in kept


def test_a_card_where_the_reading_breaks_off_does_not_leave_its_half():
    for before in range(16_340, 16_390):
        kept = clean("red" + " " * before + "4111 1111 1111 1111" + " y" * 5000).text
        assert "1111" not in kept and len(kept) < 100


@pytest.mark.parametrize(
    "piece",
    ["a", "a@", "a@a.", "1", "4111 ", "1 ", "+1", "(1", "GB82 ", "http://", "0 12 ", "e\u0301\u0323", "ﷺ", "-1_"],
)
def test_no_text_is_slow_to_clean(piece):
    """Four times the length takes at most eight times as long: quadratic time would be sixteen."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        return least_seconds(lambda: clean(text))

    assert seconds(16_384) < 8 * seconds(4_096) + 0.02
