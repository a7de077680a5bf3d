"""Answers questions of random-rules.ts, one JSON a line, with python-dateutil and zoneinfo.

dateutil expands local times without a zone; the clock changes, UNTIL, RDATE and EXDATE are applied
here. Sub-daily rules take both passes of a doubled time, as the scheduler does by default.
Prints for each question {"instants": [...]} (at most LIMIT, before HORIZON) or {"error": ...}.
"""
import json
import signal
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

SECONDS_A_RULE = 0.15
LIMIT = int(sys.argv[1])
HORIZON = datetime.strptime(sys.argv[2], "%Y%m%dT%H%M%S").replace(tzinfo=timezone.utc)


def local(text):
    return datetime.strptime(text, "%Y%m%dT%H%M%S")


def instants(wall, zone, overlap):
    first = wall.replace(tzinfo=zone).astimezone(timezone.utc)
    last = wall.replace(tzinfo=zone, fold=1).astimezone(timezone.utc)
    is_real = first.astimezone(zone).replace(tzinfo=None) == wall
    # zoneinfo takes fold=0 in a gap for the offset before it: the time is shifted forward.
    return [first, last] if overlap == "both" and is_real and first != last else [first]


def answer(question):
    zone = ZoneInfo(question["timezone"])
    parts = dict(part.split("=") for part in question["rule"].split(";"))
    until = parts.pop("UNTIL", None)
    overlap = "both" if parts["FREQ"] in ("HOURLY", "MINUTELY", "SECONDLY") else "first"
    start = local(question["start"])
    rule = rrulestr(";".join(f"{k}={v}" for k, v in parts.items()), dtstart=start)
    last = None
    if until is not None and until.endswith("Z"):
        last = local(until[:-1]).replace(tzinfo=timezone.utc)
    elif until is not None:
        last = max(instants(local(until), zone, "both"))
    excluded = {i for text in question["excluded"] for i in instants(local(text), zone, overlap)}
    found = {instants(local(text), zone, "first")[0] for text in question["added"]}
    horizon = min(HORIZON, last) if last else HORIZON
    end = horizon.replace(tzinfo=None) + timedelta(days=2)
    # Added dates may all come later than what the rule gives.
    enough = LIMIT + len(excluded) + len(found)
    after_enough = None
    for wall in rule:
        if wall > end or (after_enough is not None and wall > after_enough):
            break
        found.update(i for i in instants(wall, zone, overlap) if last is None or i <= last)
        if after_enough is None and len(found) > enough:
            after_enough = wall + timedelta(hours=27)
    found = sorted(i for i in found if i < HORIZON and i not in excluded)[:LIMIT]
    return {"instants": [i.strftime("%Y%m%dT%H%M%SZ") for i in found]}


class TooSlow(Exception):
    pass


def interrupt(_signal, _frame):
    raise TooSlow()


signal.signal(signal.SIGALRM, interrupt)
for line in sys.stdin:
    result = {"error": "too slow"}
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, SECONDS_A_RULE)
            result = answer(json.loads(line))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except TooSlow:
        # Also where the alarm went off just after the answer was there.
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
