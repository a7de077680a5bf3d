"""What Schemathesis cannot know of our fields: most valid requests get values that mean something."""

import random

import schemathesis

INSTANTS = [
    "2035-04-15T10:00:00",
    "2035-04-15T10:00:00.123456Z",
    "2035-03-25T02:30:00",
    "2035-10-28T02:30:00",
    "2035-10-28T02:30:00+01:00",
    "2022-03-09T17:43:00Z",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "2036-02-29T00:00:00",
]
RECURRENCES = [
    "RRULE:FREQ=DAILY;COUNT=10",
    "RRULE:FREQ=DAILY;COUNT=10\nEXDATE:20350416T100000\nRDATE:20350430T100000",
    "RRULE:FREQ=HOURLY;INTERVAL=7",
    "RRULE:FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "RDATE:20350501T000000",
]
MEANINGFUL = {
    "scheduledAt": INSTANTS,
    "endsAt": [*INSTANTS, None, None],
    "from": INSTANTS,
    "to": INSTANTS,
    "timezone": ["UTC", "Asia/Tokyo", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", None],
    "destinationTopic": ["a-destination-topic", "notification.notifications"],
    "recurrence": [*RECURRENCES, None, None, None, None],
    "gap": ["shift", "skip", "", None],
    "overlap": ["first", "last", "both", "", None],
    "missed": ["all", "latest", "skip", None, None],
    "maxLateness": ["PT15M", "P1D", "PT0S", None, None],
    "id": [None],
    "recurrenceId": [None],
    "status": ["SCHEDULED", None],
}
QUERIES = {"from": INSTANTS, "to": INSTANTS, "limit": ["1", "7", "1000"]}


def give_meaning(fields, values, dice):
    for name in fields:
        if name in values and dice.random() < 0.9:
            fields[name] = dice.choice(values[name])


@schemathesis.hook
def before_call(context, case, **kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    dice = random.Random(case.id)
    bodies = case.body if isinstance(case.body, list) else [case.body]
    for body in bodies:
        if isinstance(body, dict):
            give_meaning(body, MEANINGFUL, dice)
    if isinstance(case.query, dict) and "cursor" not in case.query:
        give_meaning(case.query, QUERIES, dice)
