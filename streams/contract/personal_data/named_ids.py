"""Identity numbers that a word announces: then letters and digits of any form count, without a checksum."""

import re
from collections.abc import Iterator
from itertools import takewhile

from liveprofile.streams.contract.personal_data.findings import NUMBER, Finding
from liveprofile.streams.contract.personal_data.folding import with_words

_NAMED = re.compile(
    r"(?<![^\W_])(?:ssn|social security|national insurance|nino|nhs|passport|reisepass|personalausweis|ausweis"
    r"|steuer-?id|tax id|national id|id card|identity card|aadhaar|aadhar|pan card|cpf|cnpj|curp|dni|cuit|pesel"
    r"|bsn|personnummer|fodselsnummer|cnp|oib|egn|tckn|tc kimlik|driving licen[cs]e|driver'?s licen[cs]e|iban"
    r"|numéro de sécurité sociale|codice fiscale|身份证|护照|паспорт|снилс|инн)"
    r"(?: ?(?:no|nr|number|nummer|num|n\u00ba)\.?)?[ :#=.]{1,3}(?=(?:[ .-]?[0-9A-Za-z]){0,8}[0-9])"
    r"([0-9A-Za-z](?:[ .-]?[0-9A-Za-z]){5,17})",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 6
_HAS_DIGIT = re.compile("[0-9]")


def find_named_ids(text: str, folded: str) -> Iterator[Finding]:
    """What stands behind a word for an identity number, if it has six digits or more; `text` has the words.

    >>> [one[f.start:f.end] for one in ["ssn: 123456789, passport cover 2020 black"] for f in find_named_ids(one, one)]
    ['123456789']
    """
    for match in _NAMED.finditer(with_words(text, folded)):
        words = list(takewhile(_HAS_DIGIT.search, match[1].split(" ")))
        written = " ".join(words)
        if len(_HAS_DIGIT.findall(written)) >= _FEWEST_DIGITS:
            yield Finding(match.start(1), match.start(1) + len(written), NUMBER)
