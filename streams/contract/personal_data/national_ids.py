"""National identity numbers that are digits alone: by the groups they are written in, and their checksum.

The checksums are those of python-stdnum. Many numbers share a form, so a form has several candidates.
"""

from collections.abc import Callable
from importlib import import_module

from liveprofile.streams.contract.personal_data.digit_groups import Sequence, Window

_FORMS = """
    ar.cuit 2-8-1
    at.vnr 4-6
    au.tfn 3-3-3
    be.nn 2-2-2-3-2 6-3-2
    bg.egn 6-4 10
    br.cpf 3-3-3-2 9-2
    ca.sin 3-3-3
    ch.ssn 3-4-4-2 13
    cn.ric 6-8-4
    cr.cpf 1-4-4
    cz.rc 6-4 6-3
    de.idnr 2-3-3-3
    dk.cpr 6-4
    do.cedula 3-7-1
    ec.ci 9-1
    ee.ik 1-6-4
    es.ccc 4-4-2-10
    fr.nir 1-2-2-2-3-3-2 13-2 1-4-5-5 7-6-2
    gb.nhs 3-3-4
    gr.amka 6-5
    id.nik 6-6-4 4-4-4-4
    in_.aadhaar 4-4-4
    is_.kennitala 6-4 10
    jp.in_ 4-4-4
    kr.rrn 6-7 13
    lt.asmens 1-6-4
    lv.pvn 6-5
    my.nric 6-2-4 12
    nl.bsn 4-2-3
    no.fodselsnummer 6-5
    pk.cnic 5-7-1
    pl.pesel 6-5
    ro.cnp 1-6-6 13
    se.personnummer 6-4 8-4 10
    si.emso 7-6 13
    th.pin 1-4-5-2-1
    tr.tckimlik 3-3-3-2 3-4-4
    us.itin 3-2-4
    us.ssn 3-2-4
    za.idnr 6-4-3 6-4-2-1 6-4-1-2 13
"""
"""Module of stdnum, then the groups. A number without groups is here only where it holds a date of birth."""

Check = Callable[[str], bool]


def _by_shape() -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for line in _FORMS.strip().splitlines():
        name, *shapes = line.split()
        for shape in shapes:
            found.setdefault(shape, []).append(import_module(f"stdnum.{name}").is_valid)
    for shape in ("3-3-3-2", "9-2"):
        found[shape].append(is_snils)
    return found


def is_snils(digits: str) -> bool:
    """Whether eleven digits are a Russian insurance number: the sum of weights 9 to 1, modulo 101, in the last two.

    >>> is_snils("11223344595"), is_snils("11223344594")
    (True, False)
    """
    total = sum((9 - place) * int(digit) for place, digit in enumerate(digits[:9]))
    return len(digits) == 11 and total % 101 % 100 == int(digits[9:])


_CHECKS = _by_shape()
SHAPES = frozenset(_CHECKS)
"""Groups that some country's number is written in."""
_PLAIN = [
    import_module(f"stdnum.{name}").is_valid
    for name in (
        *(
            "ar.cuit",
            "be.nn",
            "br.cpf",
            "cu.ni",
            "de.idnr",
            "ee.ik",
            "gr.amka",
            "hr.oib",
            "no.fodselsnummer",
        ),
        *("pl.pesel", "tr.tckimlik"),
    )
]
"""Numbers of 11 digits, as they are written without groups."""

_ALONE = frozenset(("3-3-3", "3-3-4"))
"""Groups before which no other stands: 0 258 017 617 is a part."""


def is_national_id(sequence: Sequence, window: Window) -> bool:
    """Whether a run of groups is an identity number of some country."""
    checks = _CHECKS.get(window.shape)
    if checks is None or sequence.is_list(window) or not sequence.is_usual(window):
        return False
    if not (sequence.opens(window.first) and sequence.closes(window.last)):
        return False
    if window.shape in _ALONE and window.first and set(sequence.separator(window.first)) <= {" "}:
        return False
    return any(check(window.digits) for check in checks)


def is_plain_id(digits: str) -> bool:
    """Whether eleven digits without groups are an identity number.

    >>> is_plain_id("52998224725"), is_plain_id("52998224724")
    (True, False)
    """
    return any(check(digits) for check in _PLAIN) or is_snils(digits)
