"""Uses the client that openapi-python-client generates. Prints what it saw as JSON."""

import base64
import json
import os

from api import Client
from api.api.events import (
    cancel_event,
    create_event,
    get_event_status,
    list_instances,
    replace_event,
)
from api.models import CreatedEvent, NewEvent, Problem, ReplacedEvent

client = Client(base_url=os.environ["SCHEDULER_URL"], raise_on_unexpected_status=True)


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


series = create_event.sync(
    client=client,
    body=NewEvent(
        scheduled_at="2035-04-15T10:00:00",
        timezone="Asia/Tokyo",
        recurrence="RRULE:FREQ=DAILY;COUNT=10\nEXDATE:20350423T100000",
        payload=encode("hello world"),
        destination_topic="a-destination-topic",
    ),
)
assert isinstance(series, CreatedEvent)
status = get_event_status.sync(series.id, client=client)
instances = list_instances.sync(series.id, client=client)
instance = instances[8]
changed = replace_event.sync(
    instance.id,
    client=client,
    body=ReplacedEvent(
        scheduled_at=instance.scheduled_at,
        timezone=instance.timezone,
        payload=encode("another"),
        destination_topic="another-topic",
    ),
)
canceled = cancel_event.sync(series.id, client=client)
problem = create_event.sync(
    client=client,
    body=NewEvent(scheduled_at="2035-04-15T10:00:00", destination_topic="no topic", payload=""),
)
assert isinstance(problem, Problem)

print(
    json.dumps(
        {
            "id": series.id,
            "created": series.status,
            "scheduledInstant": series.scheduled_instant.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": status.status,
            "instances": len(instances),
            "instance": instance.id,
            "payload": base64.b64decode(instance.payload).decode(),
            "changed": changed.destination_topic,
            "canceled": canceled.status,
            "problem": {"status": problem.status, "code": problem.code, "field": problem.field},
        }
    )
)
