"""Renders an explanation: value, reason, evidence and earlier changes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from liveprofile.streams.logs import escape
from liveprofile.streams.query.absence import Absence
from liveprofile.streams.query.codes import code_meanings
from liveprofile.streams.query.explain_answer import Answer, Case, ChangeRecord, Json, objects, time_of
from liveprofile.streams.query.explain_read import Found, event_words, utc
from liveprofile.streams.render.amounts import amounts_sentence
from liveprofile.streams.render.change_messages import anomaly_sentence, change_sentences
from liveprofile.streams.render.records import PATH_STYLES

OF_MONEY = ("spend", "segments", "lifecycle")
"""Paths that sums of orders can be the reason of begin so."""
NOT_THERE = "no longer in activity"


def answer_view(answer: Answer, events: Found, spend: Json | None = None) -> RenderableType:
    """One path: value, sentence, rule, evidence, models, and earlier changes; of money, what its sums leave out."""
    now, change = answer.now, answer.now.change
    style = PATH_STYLES.get(now.path, "bold")
    head = (
        Text(escape(now.path), f"bold {style}")
        .append("  is ", "not bold dim")
        .append(escape(value_words(change.get("after"))))
    )
    head.append(f"\nsince {utc(now.time)}, version {now.version}", "not bold dim")
    parts: list[RenderableType] = [head, "", Text(escape(sentence(now)))]
    parts.append(_why(change.get("reason")))
    if left_out := _left_out(now.path, spend):
        parts.append(Text("Known so far  ", "dim").append(escape(left_out), "yellow not dim"))
    parts.append(_evidence(now.record.get("evidence"), events))
    if models := _models(now.record):
        parts.append(Text("Made with  ", "dim").append(escape(models)))
    if answer.earlier:
        parts += ["", _earlier(answer.earlier)]
    return Group(*parts)


def case_view(case: Case, events: Found) -> RenderableType:
    """One anomaly: its steps, its scores, and the evidence."""
    last = case.last
    raised = case.steps[0][1]
    name = f"{last.get('kind')} {last.get('rule') or ''}".rstrip()
    lines: list[RenderableType] = [Text(escape(name), "bold red" if case.is_open else "green")]
    lines += [
        Text(f"  {utc(time)}  ", "dim").append(escape(anomaly_sentence(step)), "not dim") for time, step in case.steps
    ]
    if counted := raised.get("contributions"):
        lines.append(Text("Counted  ", "dim").append(escape(value_words(counted)), "not dim"))
    score, p_value = raised.get("score"), raised.get("p_value")
    odds = f", expected once in {1 / p_value:,.0f} usual sessions" if isinstance(p_value, float) and p_value > 0 else ""
    lines.append(Text("Score  ", "dim").append(f"{score}{odds}"))
    lines.append(_evidence(raised.get("evidence"), events))
    return Group(*lines)


def _left_out(path: str, spend: Json | None) -> str:
    """What the sums of a path of money leave out, at present; empty for nothing."""
    return amounts_sentence(spend) if spend and path.startswith(OF_MONEY) else ""


def absence_view(absence: Absence) -> RenderableType:
    """Segments that the profile is not in: what each rule needs, and what it is now."""
    if absence.segment is not None:
        [one] = absence.segments
        text = Text("Not in ", "dim").append(escape(one.words), "not dim")
        return text.append("\nRule  ", "dim").append(escape(one.rule), "dim")
    text = Text("In no segment", "bold").append(f"; nearest by the rules {escape(absence.rules)}:", "not bold dim")
    for one in absence.segments:
        text.append("\n  ").append(escape(one.words), "not bold")
    return text


def absence_json(absence: Absence) -> dict[str, Any]:
    """The same for a program."""
    from msgspec import to_builtins

    segments = [{**to_builtins(one), "words": one.words} for one in absence.segments]
    return {"rules": absence.rules, "words": absence.words, "segments": segments}


def answer_json(answer: Answer, events: Found, spend: Json | None = None) -> dict[str, Any]:
    """The same for a program."""
    now = answer.now
    return {
        "path": now.path,
        "value": now.change.get("after"),
        "since": now.time.isoformat(),
        "version": now.version,
        "words": sentence(now),
        "meaning": meaning(now.change.get("reason")),
        "change": dict(now.change),
        "evidence": evidence_json(now.record.get("evidence"), events),
        "models": now.record.get("models"),
        "origin": now.record.get("origin"),
        "amounts": _left_out(now.path, spend) or None,
        "earlier": [
            {"time": one.time.isoformat(), "version": one.version, "words": sentence(one), "change": dict(one.change)}
            for one in answer.earlier
        ],
    }


def case_json(case: Case, events: Found) -> dict[str, Any]:
    """An anomaly for a program: its published steps, and the events of the first."""
    return {
        "open": case.is_open,
        "steps": [{"time": time.isoformat(), "words": anomaly_sentence(step), **step} for time, step in case.steps],
        "evidence": evidence_json(case.steps[0][1].get("evidence"), events),
    }


def evidence_json(evidence: Any, events: Found) -> list[dict[str, Any]]:
    """Evidence with its events; null for events that are no longer in `activity`."""
    from msgspec import to_builtins

    return [{**one, "events": to_builtins(events.get(str(one.get("source"))))} for one in objects(evidence)]


def sentence(change: ChangeRecord) -> str:
    """A change as a sentence."""
    return " ".join(change_sentences({"changes": [change.change]}))


def meaning(reason: Any) -> str:
    """The meaning of a reason code; empty for an unknown one."""
    code = str(reason.get("code")) if isinstance(reason, Mapping) else ""
    return code_meanings().get(code, "")


def value_words(value: Any) -> str:
    """A value of a profile as one line.

    >>> value_words(["home/kitchen", "toys"]), value_words(None), value_words({"band": "high", "chance": 0.8125})
    ('home/kitchen, toys', 'nothing', 'band high, chance 0.8125')
    """
    if isinstance(value, list):
        return ", ".join(map(value_words, value)) or "nothing"
    if isinstance(value, Mapping):
        return str(value["words"]) if "words" in value else ", ".join(_parts(value))
    return _plain(value) if value not in (None, "") else "nothing"


def _parts(value: Json) -> Iterator[str]:
    return (f"{str(name).replace('_', ' ')} {value_words(one)}" for name, one in value.items() if one not in (None, []))


def _why(reason: Any) -> Text:
    """The code with its meaning, and the rule with threshold and observed value."""
    if not isinstance(reason, Mapping):
        return Text("No reason was given.", "dim")
    text = Text("Because  ", "dim").append(escape(str(reason.get("code"))), "bold not dim")
    text.append(f"  {meaning(reason)}")
    text.append("\nRule  ", "dim").append(escape(str(reason.get("rule"))))
    return text.append(f": observed {_plain(reason.get('observed'))}, threshold {_plain(reason.get('threshold'))}")


def _evidence(evidence: Any, events: Found) -> RenderableType:
    """A row per event: time, event, weight, position."""
    rows = list(_evidence_rows(objects(evidence), events))
    if not rows:
        return Text("Evidence  no single event: time alone, or a rule", "dim")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("evidence", "what it was", "counted", "stands at"):
        table.add_column(column, overflow="fold", justify="right" if column == "counted" else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _evidence_rows(evidence: Sequence[Json], events: Found) -> Iterator[tuple[Text, ...]]:
    for one in evidence:
        source = str(one.get("source"))
        what = events.get(source)
        yield (
            Text(utc(_time(one.get("ts")))),
            Text(escape(event_words(what)) if what else NOT_THERE, "" if what else "dim"),
            Text(_plain(one.get("contribution"))),
            Text(escape(source), "dim"),
        )


def _earlier(records: Sequence[ChangeRecord]) -> Text:
    text = Text("Before that", "dim")
    for one in records:
        text.append(f"\n  {utc(one.time)}  v{one.version:<5} ", "dim").append(escape(sentence(one)), "not dim")
    return text


def _models(record: Json) -> str:
    """Names of models and policy."""
    models = record.get("models")
    named = models.items() if isinstance(models, Mapping) else ()
    return ", ".join(f"{name} {value}" for name, value in named if value)


def _plain(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _time(value: Any) -> datetime:
    return time_of(value if isinstance(value, str) else None, 0)
