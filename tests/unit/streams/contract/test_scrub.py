"""Personal data in texts is found in whatever it is written, and product numbers are left alone."""

import pytest
from support.growth import least_seconds

from liveprofile.streams.contract.scrub import scrub
from liveprofile.streams.stages.ingest.text import clean

CARDS = """
    4111 1111 1111 1111|4111-1111-1111-1111|4111.1111.1111.1111|4111/1111/1111/1111|4111_1111_1111_1111
    4111–1111–1111–1111|4111  1111  1111  1111|4111, 1111, 1111, 1111|4111 - 1111 - 1111 - 1111
    4111·1111·1111·1111|4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1|41 11 11 11 11 11 11 11|4111:1111:1111:1111
    ４１１１－１１１１－１１１１－１１１１|٤١١١ ١١١١ ١١١١ ١١١١|४१११ ११११ ११११ ११११|3714 4963 5398 431|3714-496353-98431
    371449635398431|5555555555554444|2223003122003222|6011 1111 1111 1117|3530111333300000|6200 0000 0000 0005
    30569309025904|2200 7007 0070 7077|my card is 4242424242424242.|卡号4111111111111111谢谢|x4012888888881881x
    4222222222222
"""
IBANS = """
    DE89 3704 0044 0532 0130 00|DE89.3704.0044.0532.0130.00|DE89-3704-0044-0532-0130-00|DE89370400440532013000
    DE89 3704 0044 0532 0130 01|GB82_WEST_1234_5698_7654_32|de89/3704/0044/0532/0130/00
    FR14 2004 1010 0505 0001 3M02 606|CH93 0076 2011 6238 5295 7|NO93 8601 1117 947
    PL61 1090 1014 0000 0712 1981 2874|DE 89 3704 0044 0532 0130 00|D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0
    DE89–3704–0044–0532–0130–00|IBAN:ES9121000418450200051332
"""
PHONES = """
    +44 (0)20 7946 0958|+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨|+49 (0)171 1234567|+91-98765-43210|+1.415.555.2671|0044 20 7946 0958
    +86 138 1234 5678|+8613812345678|8613812345678|13812345678|138-1234-5678|138 1234 5678|手机13812345678
    139 1234 5678急|9876543210|98765 43210|98765-43210|09876543210|91 98765 43210|919876543210|0 98765 43210
    (11) 91234-5678|11 91234-5678|11912345678|(11) 3456-7890|5511912345678|21 98765-4321|8 916 123-45-67
    8(916)123-45-67|89161234567|+7 (916) 123-45-67|79161234567|916 123-45-67|8-916-123-45-67|8 495 123-45-67
    612 345 678|612345678|612-345-678|612 34 56 78|91 123 45 67|34 612 345 678|333 123 4567|3331234567|333-1234567
    39 333 123 4567|06 1234 5678|347 12 34 567|079 123 45 67|0791234567|079/123 45 67|044 668 18 00
    41 79 123 45 67|0171 1234567|0171-123-45-67|01711234567|030/1234567|0171 / 123 45 67|089 12345678
    49 171 1234567|491711234567|4155552671|415-555-2671|(415) 555-2671|415.555.2671|415 555 2671|1-415-555-2671
    14155552671|1 415 555 2671|06.12.34.56.78|06 12 34 56 78|0612345678|01 23 45 67 89|33 6 12 34 56 78
    020 7946 0958|07911 123456|07911123456|01632 960001|0161 496 0000|090-1234-5678|03-1234-5678|09012345678
    010-1234-5678|01012345678|0412 345 678|0532 123 45 67|0912-345-678|0917 123 4567|0300 1234567|512 345 678
    912 345 678|call me at 555 0143|tel: 555 0143 22|电话：5550 1432|тел. 555 01 43|WhatsApp 5551234567
"""
EMAILS = """
    jane.doe+shop@mail.example.co.uk|jörg@müller.de|o'connor@example.ie|jane.doe%40example.com
    jane%2540example.com|jane@[192.168.0.1]|jane.doe[at]example.com|jane (at) example (dot) com
    jane.doe at example dot com|jane&#64;example.com|jane{at}example{dot}com|jane＠example.com|jane @ example.com
    jane@example . com|"jane doe"@example.com|jane[@]example[.]com|jane.doe AT example DOT co DOT uk
    max (ät) beispiel (punkt) de|邮箱jane@example.com|jane<at>example.com
"""
IDS = """
    ssn: 123456789|SSN 123 45 6789|passport no. C01X00T47|身份证 110105194912310
    social security number 123456789|паспорт 4509 123456
    11010519491231002X|110105194912310021|110105 19491231 002X|1 85 05 78 006 084 36|185057800608436
    1 85 05 2A 006 084 35|123-45-6789|078 05 1120|AB123456C|AB 12 34 56 C|ab 12 34 56 c|12345678Z|12.345.678-Z
    X1234567L|X-1234567-L|RSSMRA85T10A562S|RSS MRA 85T10 A562S|131052-308T|BOXW310820HNERXN09|ABCPE1234F
    65 170839 J 003|65170839J003|390.533.447-05|39053344705|529.982.247-25|2341 2341 2346|234123412346
    85.07.30-033.28|756.9217.0769.85|7569217076985|36 574 261 809|86095742719|44051401359|811218-9876
    19811218-9876|211062-5629|1112.22.333|8001015009087|800101 5009 087|971013-9019902|1234 5678 9018|10000000146
    12.531.909-2|20-05536168-2|1630615123457|752316 9263|780123/3540|33392005961|0101006500006|33309240064
    161175-19997|120174-3399|01013099997|1-2345-45678-78-1|1101700207366|770305-02-1234|3171011708450001
    34201-6423452-1|046 454 286|112-233-445 95|S1234567D|A123456789|A123456(3)|1234567T|943 476 5919
"""
SECRETS = """
    AKIAIOSFODNN7EXAMPLE|sk_live_51H8xYzAbCdEf|Bearer abcdEFGH1234ijkl5678|ghp_abcdefghijklmnop1234
    glpat-abcdefghij1234567890|xoxb-123456789012-abcdef|AIzaSyA1234567890abcdefghijklmnopqrstuvw
    eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc|5f2b18e4c3a1d9e7f0b4a6c8|550e8400-e29b-41d4-a716-446655440000
    d41d8cd98f00b204e9800998ecf8427e|a1b2c3d4e5f60718|shpat_0123456789abcdef|npm_abcdefghij0123456789
    password=hunter2|api_key: 12345abcde|session_id=Zx81kQpw|00:1A:2B:3C:4D:5E|SG.abcdefghijkl.mno1qrstuvwx
    hf_abcdefghijklmnopqrst|ya29.a0AfH6SMBabcdef|Basic dXNlcjpwYXNzd29yZA==|ssh 9hG3kLm2Qw8ZxTr4VbNy
"""
ADDRESSES = """
    192.168.0.1|from 203.0.113.77:8080|2001:db8::8a2e:370:7334|fe80::1ff:fe23:4567:890a
    2001:0db8:85a3:0000:0000:8a2e:0370:7334|https://shop.example/reset?token=abc|shop.example/reset?token=abc
    www.shop.example/?u=jane|http://jane:pw@shop.example/|shop.example:8080/account#jane
    ftp://jane@files.example/x
"""


def words(table: str) -> list[str]:
    return [word.strip() for line in table.strip().splitlines() for word in line.split("|") if word.strip()]


@pytest.mark.parametrize("text", words(CARDS + IBANS + PHONES + EMAILS + IDS + SECRETS + ADDRESSES))
def test_personal_data_does_not_pass(text):
    shown = clean(text).text
    assert "[" in shown.replace("[at]", "").replace("[@]", "")
    assert sum(map(str.isdigit, shown)) < max(2, sum(map(str.isdigit, text)) // 3)


@pytest.mark.parametrize(
    "text",
    [
        'Anvil 8700163903, Malleable Iron Pipe Fitting, Floor Flange, 3/4" NPT Female, Black Finish',
        "Gardner Bender 07315001126 LTB-400 Liquid Electrical Tape, Easy-on, Waterproof, Black, 4 Oz. Jar, Bottle",
        "Dap 7079812343 Drydex 5.5 Oz 6Pk Raw Building Material, 5.5-Ounce, Pink/White",
        "0258017617",
        "Lambda sensor 0258017617",
        "Bosch 0 258 017 617, 0 445 110 183",
        "4006381333931",
        "EAN 4006381333931, UPC 036000291452",
        "SKU 4155552671, Art.-Nr. 0612345678",
        "ISBN 0763624020",
        "9787302463788 calculus",
        "Bosch GSR 12V-35 FC, 2.0 Ah (06019H3004)",
        "Fits 2016 2017 2018 2019 2020 2021 models A1706, A1707",
        "replaces John Deere 160 210 212 214 216 240 245 260 261 265 285",
        "500 x 600 x 700 mm, 500-600-700 mm, 500 600 700",
        "sizes 36 37 38 39 40 41 42 43",
        "Garmin 010-01769-01 Vivoactive 3",
        "3M 90128-00001, 18 inch",
        "version 10.0.0.1 firmware, v1.2.3.4",
        "10:30:45 to 12:00, 16:9, 1:64 scale",
        "passport cover 2020 black, tin box 12345-67",
        "Allen key: 10mm, type: A4, code: red",
        "GSR12V-35FC-2x20Ah-L-BOXX-0615990EU5",
        "14×2.125/57-254 tyre",
        "AC201710300001 caster",
        "2.5V@1.5A adapter @home",
        "see www.shop.example/vases or shop.example/kitchen/pans",
        "look at this dot matrix printer",
        "Professional Non-Reflective Waterproof Superconductors",
        "R134a 13.6kg UN3159 CAS 811-97-2",
        "EN 60601-1-2:2015, ISO 9001:2015, DIN 912 M8x40",
        "Basic waterproof, token gift, password book",
        "Team T-Create 16GB (2 x 8GB) DDR4-4000 TF10D416G4000HC18JDC01",
    ],
)
def test_product_texts_stay_as_they_are(text):
    assert clean(text).text == text


def test_more_numbers_than_a_title_has_are_replaced_unjudged():
    text = scrub("4111 " * 200 + "end")
    assert text == "[number] end"


@pytest.mark.parametrize(
    "piece",
    [
        "4111 ",
        "0 12 ",
        "1 ",
        "a1-",
        "DE89 ",
        "a.",
        "a@",
        "(at)",
        ":1",
        "1.",
        "P",
        "eyJ",
        "=",
        "key=",
        "+1 ",
        "%40",
        "／",
    ],
)
def test_time_grows_with_the_length_of_a_text_and_no_faster(piece):
    """Four times the length takes at most eight times as long: quadratic time would be sixteen."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        return least_seconds(lambda: scrub(text))

    assert seconds(32_000) < 8 * seconds(8_000) + 0.02


@pytest.mark.parametrize(
    "text",
    [
        "call 9876543210, the small red floor flange of last week, 3 mm",
        "9876543210 floor flange in black or white or red, 3 mm",
        "Call Tel 9876543210, the small red floor flange of last week, 3 mm",
        "Anvil 9876543210 floor flange",
    ],
)
def test_a_telephone_number_among_words_of_products_is_found(text: str) -> None:
    assert "9876543210" not in scrub(text)
