"""The pace of hits: the regularity of the gaps between them, and the number of pages without dwell time.

A person dwells, adds to the cart and searches, and their gaps spread over octaves; the gaps of a program do not.
"""

from liveprofile.profiles.numeric.aliases import Row
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.robust_scale import LOCATION, SPREAD
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.vocabulary import SESSION
from liveprofile.profiles.traits.trait import Field, Moment, Trait

WISHES = tuple(map(int, (Action.CART, Action.FAVOURITE, Action.SHARE, Action.SEARCH, Action.PURCHASE)))
PAGES_OF_A_WISH = 5.0
"""Number of pages that one wish (cart, favourite, share, search or purchase) offsets."""
STEP = 0.1
"""Weight of one gap: the pace covers about the last ten hits."""


@compiled
def update_pace(row: Row, event: Row, moment: Moment) -> None:
    """Count a page without dwell, and learn the gap before this hit, unless it begins a visit or is late.

    The gap is that of its own session: hits of another one in between do not hide the pace of a program.
    """
    row.pages *= moment.state_decay[SESSION]
    if event.line > 0:
        return
    if event.action in WISHES:
        row.pages = max(row.pages - PAGES_OF_A_WISH * moment.event_decay[SESSION], 0.0)
    elif event.dwell_ms == 0:
        row.pages += moment.event_decay[SESSION]
    if row.events > 0 and 0 <= moment.own_pause_ms <= moment.rules.session_gap_s * 1000:
        _learn_gap(row, log2(max(float(moment.own_pause_ms), 1.0)))


@compiled
def _learn_gap(row: Row, gap: float) -> None:
    """Weighted mean and mean deviation of log2(ms)."""
    if row.pace[LOCATION] == 0.0:
        row.pace[LOCATION], row.pace[SPREAD] = gap, 1.0
        return
    off = gap - row.pace[LOCATION]
    row.pace[LOCATION] += STEP * off
    row.pace[SPREAD] += STEP * (abs(off) - row.pace[SPREAD])


PACE = Trait(
    name="pace",
    meaning="The regularity of hits, and the number of pages without dwell time.",
    state=(
        Field("pages", "<f4", "hits without dwell, less those offset by wishes, session half-life"),
        Field("pace", "<f4", "mean and mean deviation of log2(ms between hits of a session)", (2,)),
    ),
    update=update_pace,
)
