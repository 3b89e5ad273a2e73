"""Layouts by name: a record of any known layout is read into the present one, field by field. See docs/adr/0020."""

from liveprofile.profiles.records.layouts.errors import UnknownLayoutError
from liveprofile.profiles.records.layouts.family import Changes, Family
from liveprofile.profiles.records.layouts.fields import fields_of, fingerprint_of, whole_words
from liveprofile.profiles.records.layouts.known import Layout, read_known

__all__ = [
    "Changes",
    "Family",
    "Layout",
    "UnknownLayoutError",
    "fields_of",
    "fingerprint_of",
    "read_known",
    "whole_words",
]
