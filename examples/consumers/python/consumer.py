"""Prints what the scheduler publishes: python consumer.py BROKERS TOPIC GROUP"""
import sys
from confluent_kafka import Consumer

brokers, topic, group = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": group, "auto.offset.reset": "earliest",
                     "isolation.level": "read_committed"})
consumer.subscribe([topic])
while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    headers = dict(message.headers() or [])
    if "ce_id" in headers:
        print(headers["ce_id"].decode(), message.value().decode(), flush=True)
