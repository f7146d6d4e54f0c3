"""The runner protocol of AutoWeave for plugins in Python: standard library only, one thread.

docs/runner-protocol.md says what goes over the wire. A plugin is an object with the hooks it wants:

    on_start(context)                    after loading; raising means that the plugin is not loaded
    on_attach(event, context)            what it returns is the result of the job (JSON, at most 16 KiB)
    on_detach(event, context)
    on_job(payload, context)
    on_stop(context)
"""

import json
import os
import signal
import socket
import sys
import time

VERSION = 1
MAX_LINE_BYTES = 1024 * 1024
LONGEST_RETRY_SECONDS = 5.0

_HOOKS = {"onAttach": "on_attach", "onDetach": "on_detach", "onJob": "on_job"}


class Refused(Exception):
    """The executor said no to a capability; `code` is an AW_... of docs/errors.md."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Disconnected(Exception):
    """The runner hung up, or we do."""


class Context:
    """What a hook may use."""

    def __init__(self, connection, plugin, argument, deadline):
        self._connection = connection
        self._plugin = plugin
        self.job_id = argument.get("jobId")
        self.device_name = argument.get("deviceName")
        self.deadline = deadline
        """Seconds since 1970: the container is cut off a little later."""

    def log(self, level, message, **fields):
        """Goes to the log of the node's executor. `level` is debug, info, warn or error."""
        entry = {"type": "log", "plugin": self._plugin, "level": level, "message": message[:16384]}
        self._connection.send({**entry, "fields": fields} if fields else entry)

    def get(self, key):
        return self._connection.request(self._plugin, "store.get", [key])

    def set(self, key, value):
        self._connection.request(self._plugin, "store.set", [key, value])

    def delete(self, key):
        return self._connection.request(self._plugin, "store.delete", [key])

    def list(self, prefix=""):
        return self._connection.request(self._plugin, "store.list", [prefix])


def run(plugin):
    """Serves the runner in this pod until SIGTERM. What `plugin` holds in memory outlives a lost connection."""
    session = _Session(plugin)
    signal.signal(signal.SIGTERM, session.leave)
    failures = 0
    while not session.leaving:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.connect(os.environ["AW_RUNNER_SOCKET"])
                failures = 0
                session.serve(_Connection(stream))
        except (Disconnected, OSError) as error:
            if session.leaving:
                return
            failures += 1
            print(f"Lost the runner: {error}", file=sys.stderr, flush=True)
            time.sleep(min(0.1 * 2**failures, LONGEST_RETRY_SECONDS))


class _Connection:
    """One JSON object a line."""

    def __init__(self, stream):
        self._stream = stream
        self._lines = stream.makefile("rb")
        self._last_id = 0
        self._postponed = []

    def send(self, message):
        line = json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise ValueError(f"a message of {len(line)} bytes is too long")
        self._stream.sendall(line)

    def receive(self):
        return self._postponed.pop(0) if self._postponed else self._read()

    def request(self, plugin, capability, arguments):
        """A capability of the executor. What comes before its answer is done after the hook."""
        self._last_id += 1
        own = str(self._last_id)
        self.send({"type": "request", "id": own, "plugin": plugin, "capability": capability, "arguments": arguments})
        while True:
            message = self._read()
            if message["type"] != "response":
                self._postponed.append(message)
            elif message["id"] == own:
                error = message.get("error")
                if error is not None:
                    raise Refused(error["code"], error["message"])
                return message.get("value")

    def _read(self):
        while True:
            line = self._lines.readline(MAX_LINE_BYTES + 1)
            if not line.endswith(b"\n"):
                raise Disconnected("it hung up")
            message = json.loads(line)
            if message["type"] != "ping":
                return message
            self.send({"type": "pong"})


class _Session:
    def __init__(self, plugin):
        self._plugin = plugin
        self._loaded = None
        self._connection = None
        self._idle = False
        self.leaving = False

    def serve(self, connection):
        self._connection = connection
        connection.send({"type": "hello", "version": VERSION})
        while True:
            if self.leaving:
                connection.send({"type": "leaving"})
                self._unload()
                raise Disconnected("we leave")
            self._handle(self._next_message())

    def leave(self, _signal, _frame):
        """SIGTERM: a hook that runs ends first, a wait for the next message does not."""
        self.leaving = True
        if self._idle:
            raise Disconnected("we leave")

    def _next_message(self):
        self._idle = not self.leaving
        try:
            return self._connection.receive()
        except Disconnected:
            if not self.leaving:
                raise
            return {"type": "shutdown"}
        finally:
            self._idle = False

    def _handle(self, message):
        kind = message["type"]
        if kind == "load":
            self._answer(message, lambda: self._load(message))
        elif kind == "unload":
            self._answer(message, self._unload)
        elif kind == "call":
            self._answer(message, lambda: self._call(message))
        elif kind == "shutdown":
            self._unload()
            raise Disconnected("it asked us to")
        elif kind == "refused":
            raise Disconnected(message["error"]["message"])

    def _answer(self, message, work):
        answer = {"type": "result", "id": message["id"]}
        try:
            value = work()
            if value is not None:
                answer["value"] = value
            self._connection.send(answer)
        except (Disconnected, OSError):
            raise
        except Refused as error:
            self._connection.send({**answer, "error": {"code": error.code, "message": str(error)}})
        except Exception as error:  # A plugin may raise anything.
            code = "AW_PLUGIN_LOAD_FAILED" if message["type"] == "load" else "AW_PLUGIN_THREW"
            text = f"{type(error).__name__}: {error}"[:4096]
            answer.pop("value", None)
            self._connection.send({**answer, "error": {"code": code, "message": text}})

    def _load(self, message):
        self._unload()
        context = Context(self._connection, message["plugin"], {}, time.time() + message["timeoutSeconds"])
        self._hook("on_start", context)
        self._loaded = message

    def _unload(self):
        if self._loaded is None:
            return
        context = Context(self._connection, self._loaded["plugin"], {}, time.time() + 5)
        self._loaded = None
        self._hook("on_stop", context)

    def _call(self, message):
        argument = message["argument"]
        context = Context(self._connection, message["plugin"], argument, time.time() + message["timeoutSeconds"])
        subject = argument.get("event", argument.get("payload"))
        return self._hook(_HOOKS[message["hook"]], subject, context)

    def _hook(self, name, *arguments):
        hook = getattr(self._plugin, name, None)
        return None if hook is None else hook(*arguments)
