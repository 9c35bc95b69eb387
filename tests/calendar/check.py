"""Reads calendars as a calendar program would, and compares them with what the server knows.

Usage: check.py FOLDER. `expected.json` there lists the cases; each names its `.ics` file. Every file
is read twice: with the zones Python knows, and with zones of unknown names, so that nothing but the
VTIMEZONE of the file says what its times mean.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import icalendar
import recurring_ical_events

STRANGE = "Unknown-{number}/"


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def as_utc(value):
    return value.astimezone(timezone.utc)


def rename_zones(text, number):
    """The same calendar with zones only it knows."""
    strange = STRANGE.format(number=number)
    return text.replace("TZID:", "TZID:" + strange).replace(";TZID=", ";TZID=" + strange)


def end_of(event, occurrence):
    """The end by RFC 5545 §3.3.6: hours are elapsed time."""
    start = as_utc(occurrence["DTSTART"].dt)
    if "DURATION" in event:
        return start + event["DURATION"].dt
    return as_utc(event["DTEND"].dt)


def occurrences(calendar, uid, begin, end):
    """Starts and ends, in UTC, of what begins in the time asked for."""
    event = next(e for e in calendar.walk("VEVENT") if e["UID"] == uid)
    margin = timedelta(days=2)
    found = recurring_ical_events.of(calendar).between(begin - margin, end + margin)
    times = sorted(
        (as_utc(o["DTSTART"].dt), end_of(event, o)) for o in found if o["UID"] == uid
    )
    return [pair for pair in times if begin <= pair[0] < end]


def differences(case, calendar, zones):
    begin, end = instant(case["from"]), instant(case["to"])
    expected = [(instant(o["starts"]), instant(o["ends"])) for o in case["occurrences"]]
    found = occurrences(calendar, case["uid"], begin, end)
    if zones == "own":
        # dateutil reads a time that does not exist otherwise than RFC 5545 §3.3.5.
        gaps = [instant(o["starts"]) for o in case["occurrences"] if o["in_gap"]]
        expected = [pair for pair in expected if is_far(pair[0], gaps)]
        found = [pair for pair in found if is_far(pair[0], gaps)]
    for pair in sorted(set(expected) ^ set(found)):
        side = "missing" if pair in expected else "unexpected"
        yield f"{case['name']} ({zones} zones): {side}: {pair[0]} to {pair[1]}"
    if len(found) != len(set(found)):
        yield f"{case['name']} ({zones} zones): something happens twice"


def is_far(start, gaps):
    return all(abs(start - gap) > timedelta(hours=2) for gap in gaps)


def properties(case, calendar):
    event = next(e for e in calendar.walk("VEVENT") if e["UID"] == case["uid"])
    for name, value in case["properties"].items():
        found = str(event.get(name, ""))
        if found != str(value):
            yield f"{case['name']}: {name} is {found!r}, not {value!r}"


def form(name, raw):
    for number, line in enumerate(raw.split(b"\r\n"), 1):
        if len(line) > 75 or b"\n" in line or b"\r" in line:
            yield f"{name}: line {number} is not a content line: {line!r}"
    calendar = icalendar.Calendar.from_ical(raw)
    for component in calendar.walk():
        for error in component.errors:
            yield f"{name}: {component.name}: {error}"
    used = {
        str(prop.params["TZID"])
        for event in calendar.walk("VEVENT")
        for prop in (event["DTSTART"], *listed(event.get("EXDATE")), event.get("DTEND"))
        if prop is not None and "TZID" in prop.params
    }
    defined = [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")]
    if sorted(used) != sorted(defined):
        yield f"{name}: uses the zones {sorted(used)}, defines {sorted(defined)}"


def listed(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def main(folder):
    problems = []
    count = 0
    for number, case in enumerate(json.loads((folder / "expected.json").read_text())):
        raw = (folder / case["file"]).read_bytes()
        problems += form(case["name"], raw)
        text = raw.decode()
        named = icalendar.Calendar.from_ical(text)
        own = icalendar.Calendar.from_ical(rename_zones(text, number))
        problems += properties(case, named)
        problems += differences(case, named, "known")
        problems += differences(case, own, "own")
        count += len(case["occurrences"])
    for problem in problems[:50]:
        print(problem)
    print(f"{count} occurrences compared, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
