"""What the names of columns say about their times."""

from __future__ import annotations

import re

_IRREGULAR = (
    "been begun bought born bound broken brought built caught cut done drawn driven eaten fallen felt found given gone "
    "grown heard held hit hurt kept known laid led left lent lost made met paid put read run seen sent set shown shut "
    "sold spent spoken stolen struck taken told torn won worn written"
)
_PARTICIPLE = re.compile(rf"(^|_)((re|un)?({'|'.join(_IRREGULAR.split())})|[a-z]+[^e_]ed)_(at|on|time|timestamp|ts)$")
_STEMS = (
    "schedul reschedul plann replann project promis estimat expect forecast anticipat target predict need requir "
    "propos intend guarante desir preferr allott delay deferr limit quot committ reserv"
)
_PLANNED = re.compile(
    rf"(^|_)(({'|'.join(_STEMS.split())})ed|due|until|deadline|next|future|renewal|expiry|to_be|will_be|must_be|valid)(_|$)"
)
"""Times of plans and promises, which can lie ahead."""


def happened(column: str) -> bool:
    """Whether the name of a column says that its time is of something that has happened.

    >>> happened("refunded_at"), happened("expires_at"), happened("scheduled_at")
    (True, False, False)
    """
    name = column.lower()
    return _PARTICIPLE.search(name) is not None and _PLANNED.search(name) is None
