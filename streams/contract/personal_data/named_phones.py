"""Telephone numbers that a word announces: then any digits count."""

import re
from collections.abc import Iterator

from liveprofile.streams.contract.personal_data.findings import PHONE, Finding
from liveprofile.streams.contract.personal_data.folding import with_words

WORDS = (
    *("phone", "tel", "mobil", "cell", "whatsapp", "fax", "call", "handy", "viber", "telegram", "wechat", "sms"),
    *("rufnummer", "m\u00f3vil", "movil", "celular", "n\u00fam", "тел", "моб", "\u7535\u8bdd", "\u624b\u673a"),
    *("\u96fb\u8a71", "\u624b\u6a5f", "\u643a\u5e2f", "\uc804\ud654", "\u0647\u0627\u062a\u0641"),
)
"""Beginnings of words, in small letters; the text is searched for them first."""
_NAMED = re.compile(
    r"(?:(?<!\w)(?:(?:tele)?(?:phone|fon|f\u00f3no|fone)|tel|mobile?|mobil(?:nummer|e)?|cell(?:ulare)?"
    r"|cel(?:ular)?|whatsapp|fax|m\u00f3vil|movil|handy|rufnummer|viber|telegram|wechat|sms|call(?: me)?(?: (?:on|at))?"
    r"|ring(?: me)?(?: (?:on|at))?|тел(?:ефон)?|моб(?:ильный)?)(?: ?(?:no|nr|number|nummer))?"
    r"|\u7535\u8bdd|\u624b\u673a|\u96fb\u8a71|\u624b\u6a5f|\u643a\u5e2f|\uc804\ud654(?:\ubc88\ud638)?|\u0647\u0627\u062a\u0641)"
    r"[ .:#\uff1a]{0,3}(\+?\(?[0-9](?:[ .()/-]{0,2}[0-9]){6,14}+)",
    re.IGNORECASE,
)


def find_named_phones(text: str, lower: str, folded: str) -> Iterator[Finding]:
    """Seven digits or more behind a word for a telephone; `folded` has the digits, `text` and `lower` the words.

    >>> [t[f.start:f.end] for t in ["tel: 555 0143 22"] for f in find_named_phones(t, t, t)]
    ['555 0143 22']
    """
    if not any(word in lower for word in WORDS):
        return
    for match in _NAMED.finditer(with_words(text, folded)):
        yield Finding(match.start(1), match.end(1), PHONE)
