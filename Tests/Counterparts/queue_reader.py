#!/usr/bin/env python3
"""A department's reader of its queue, with the credentials that it was given: prints 0 once it consumes, then whatever it was refused.

Its only argument is a JSON object: `url` of the broker with user and password, `queue`, `store` (the file of events, one line of JSON
each), and `forbidden`: whether it tries first what it must not be able to do, and prints the broker's answer to each try.
"""

import json
import sys

import pika

manner = json.loads(sys.argv[1])
parameters = pika.URLParameters(manner["url"])


def attempt(name, what):
    """Prints what the broker says to something that is not the department's to do."""
    connection = pika.BlockingConnection(parameters)
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        what(channel)
        answer = "allowed"
    except pika.exceptions.ChannelClosedByBroker as error:
        answer = str(error.reply_code)
    print(json.dumps({"try": name, "answer": answer}), flush=True)
    if connection.is_open:
        connection.close()


if manner.get("forbidden"):
    for queue in ["huiyin.intake", "huiyin.notification", "huiyin.undecodable", manner["other"]]:
        attempt("get from " + queue, lambda channel: channel.basic_get(queue))
        attempt("purge " + queue, lambda channel: channel.queue_purge(queue))
    for exchange in ["", "huiyin.events", "huiyin.feed"]:
        attempt("publish to '%s'" % exchange, lambda channel: channel.basic_publish(exchange, "intake", b"[]"))
    attempt("declare a queue", lambda channel: channel.queue_declare("mine", durable=True))
    attempt("delete its queue", lambda channel: channel.queue_delete(manner["queue"]))
    attempt("bind its queue", lambda channel: channel.queue_bind(manner["queue"], "huiyin.feed", "#"))
    attempt("bind it to the services' exchange", lambda channel: channel.queue_bind(manner["queue"], "huiyin.events", "intake"))

connection = pika.BlockingConnection(parameters)
channel = connection.channel()
channel.basic_qos(prefetch_count=100)
store = open(manner["store"], "a", buffering=1)


def take(channel, method, properties, body):
    one = json.loads(body)
    store.write(json.dumps({
        "id": one["id"], "subject": one["subject"], "type": one["type"], "sequence": one["sequence"], "position": int(one["position"]),
        "content": properties.content_type,
    }) + "\n")
    channel.basic_ack(method.delivery_tag)


channel.basic_consume(manner["queue"], take)
print(0, flush=True)
channel.start_consuming()
