"""Queues of an AMQP broker: `bind URL QUEUE EXCHANGE KEY`, or `drain URL QUEUE`."""

import json
import sys

import pika

what, url, queue, *rest = sys.argv[1:]
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
if what == "bind":
    exchange, key = rest
    channel.queue_declare(queue, durable=True)
    if exchange:
        channel.exchange_declare(exchange, exchange_type="topic", durable=True)
        channel.queue_bind(queue, exchange, key)
else:
    left = channel.queue_declare(queue, passive=True).method.message_count
    channel.basic_qos(prefetch_count=1000)
    for method, properties, body in channel.consume(queue, inactivity_timeout=10):
        if method is None or left == 0:
            break
        seen = {
            "key": method.routing_key,
            "exchange": method.exchange,
            "body": body.decode(),
            "properties": {name: value for name, value in vars(properties).items() if value},
        }
        print(json.dumps(seen))
        channel.basic_ack(method.delivery_tag)
        left -= 1
        if left == 0:
            break
connection.close()
