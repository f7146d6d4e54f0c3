"""Counts how often each device was plugged in, in the store of the plugin, and since this container started."""

import autoweave_plugin


class Counter:
    def __init__(self):
        self.since_start = 0

    def on_start(self, context):
        context.log("info", "Started", seen_before=len(context.list()))

    def on_attach(self, event, context):
        name = event["deviceName"]
        seen = (context.get(name) or 0) + 1
        context.set(name, seen)
        self.since_start += 1
        context.log("info", "Met a device", device=name, product=event.get("product"), seen=seen)
        return {"device": name, "seen": seen, "sinceStart": self.since_start}

    def on_detach(self, event, _context):
        return {"device": event["deviceName"], "gone": True}

    def on_job(self, payload, _context):
        return {"language": "python", "payload": payload, "sinceStart": self.since_start}


if __name__ == "__main__":
    autoweave_plugin.run(Counter())
