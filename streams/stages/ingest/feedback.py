"""Feedback: an acceptance, a refusal or a correction becomes one line about a subject."""

from liveprofile.profiles.records.activity import Action, offer_subject
from liveprofile.streams.contract.inputs import Feedback, Input
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.categories import category_path
from liveprofile.streams.stages.ingest.declarations import attribute_line, attribute_of
from liveprofile.streams.stages.ingest.event import Line
from liveprofile.streams.stages.ingest.fields import identifier
from liveprofile.streams.stages.ingest.text import EMBEDDED_CHARS, EMPTY, KEPT_TITLE_CHARS, clean

VERDICTS = {"accepted": Action.ACCEPT, "refused": Action.REFUSE, "corrected": Action.CORRECT}
ABOUT = ("tag", "offer", "attribute")
ANOMALY = "anomaly"
ON_ANOMALY = "verdict"
"""What ingest counts verdicts on anomalies as."""
MAX_NAME_CHARS = 128


def feedback_act(feedback: Feedback) -> tuple[Action, Line]:
    """The action, and the line about it. RefusedError for words that are not in the contract."""
    about, verdict = _lower(feedback.about), VERDICTS.get(_lower(feedback.verdict))
    if about not in ABOUT:
        raise RefusedError(Reason.UNKNOWN_FEEDBACK, f"about must be one of {', '.join(ABOUT)}.")
    if verdict is None:
        raise RefusedError(Reason.UNKNOWN_FEEDBACK, f"verdict must be one of {', '.join(VERDICTS)}.")
    if about == "attribute":
        return verdict, _attribute(feedback, verdict)
    if verdict is Action.CORRECT:
        raise RefusedError(Reason.UNKNOWN_FEEDBACK, f"Only an attribute can be corrected; a {about} is refused.")
    name = _name(feedback.name)
    return verdict, Line(subject=name) if about == "tag" else _offer(feedback, name)


def is_on_anomaly(event: Input) -> bool:
    """Whether it is the shop's own verdict on an anomaly, as the query service writes it: no act of a shopper."""
    return isinstance(event, Feedback) and _lower(event.about) == ANOMALY


def _lower(word: str | None) -> str:
    return word.strip().lower() if word else ""


def _name(raw: str | None) -> str:
    name = clean(raw).key if raw else ""
    if not 0 < len(name) <= MAX_NAME_CHARS:
        raise RefusedError(
            Reason.UNKNOWN_FEEDBACK,
            f"name must have 1 to {MAX_NAME_CHARS} visible characters: that of what it is about.",
        )
    return name


def _attribute(feedback: Feedback, verdict: Action) -> Line:
    line = attribute_line(attribute_of(_name(feedback.name)).name, feedback.value)
    if verdict is Action.CORRECT and not line.value:
        raise RefusedError(Reason.UNKNOWN_VALUE, "A correction needs a value: what the attribute is corrected to.")
    return line


def _offer(feedback: Feedback, name: str) -> Line:
    """An offer, with its product if there is one."""
    title = clean(feedback.title) if feedback.title else EMPTY
    return Line(
        title.key[:EMBEDDED_CHARS],
        title.text[:KEPT_TITLE_CHARS],
        category_path(feedback.category) if feedback.category else None,
        item_id=identifier(feedback.item_id, "item_id"),
        subject=offer_subject(name),
    )
