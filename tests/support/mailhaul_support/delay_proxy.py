"""The program behind proxy.Proxy: forwards TCP, delays, counts, cuts.

One thread and one epoll loop in a process of its own, so that it never shares an interpreter with
what it serves. Delay without a limit on bandwidth: each chunk waits its time in one queue (the
delay is the same for all, so the queue is in order), and reading stops only while the other side is
not taking what is already due, or where a rate is asked for.
"""

import argparse
import collections
import heapq
import mmap
import select
import signal
import socket
import struct
import sys
import time

CHUNK = 256 << 10
MOST_DUE = 4 << 20  # octets the slow side may owe us before we stop reading from the fast side
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close with RST
OCTETS = struct.Struct("QQ")  # passed on so far: up, down


class Pipe:
    """One direction of one connection: from `source` to `target`, through the delay."""

    def __init__(self, connection, source, target):
        self.connection = connection
        self.source = source
        self.target = target
        self.due = collections.deque()  # memoryviews whose time has come; b"" is the end
        self.due_octets = 0
        self.forwarded = 0
        self.cut_after = None
        self.source_ended = False
        self.resting_until = 0.0  # with a rate: when reading may go on


class Connection:
    """A client's socket and the one to the server, with a pipe each way."""

    def __init__(self, client, server):
        self.client = client
        self.server = server
        self.up = Pipe(self, client, server)
        self.down = Pipe(self, server, client)
        self.counted = True
        self.closed = False
        self.ended_pipes = 0


class DelayProxy:
    def __init__(self, options):
        self.target = (options.target_host, options.target_port)
        self.delay = options.round_trip_ms / 2000
        self.options = options
        # With a rate, pieces of a fiftieth of a second: a stream, not gushes.
        self.chunk = max(1, options.octets_per_second // 50) if options.octets_per_second else CHUNK
        self.record = open(options.record, "a", buffering=1) if options.record else None
        self.listener = socket.create_server(("127.0.0.1", options.listen_port), backlog=1024)
        self.listener.setblocking(False)
        self.epoll = select.epoll()
        self.epoll.register(self.listener, select.EPOLLIN)
        self.pipes = {}  # descriptor -> (pipe read from it, pipe written to it)
        self.in_flight = collections.deque()  # (when due, pipe, chunk), oldest first
        self.resting = []  # heap of (until when, a number to break ties, pipe)
        self.open_now = 0
        self.accepted = 0
        self.octets = {"up": 0, "down": 0}
        self.octets_map = _counters(options.octets) if options.octets else None

    def run(self):
        while True:
            events = self.epoll.poll(self._seconds_to_next())
            self._release_due()
            self._wake_rested()
            # The listener last: a client that closes one connection and opens another never counts
            # twice.
            for descriptor, event in sorted(events, key=lambda e: e[0] == self.listener.fileno()):
                if descriptor == self.listener.fileno():
                    self._accept()
                elif descriptor in self.pipes:
                    self._serve(descriptor, event)

    def _seconds_to_next(self):
        moments = [queue[0][0] for queue in (self.in_flight, self.resting) if queue]
        return max(0, min(moments) - time.monotonic()) if moments else None

    def _rest(self, pipe, octets):
        """Reads no more from this pipe until the rate allows the octets that were just read."""
        now = time.monotonic()
        pipe.resting_until = max(now, pipe.resting_until) + octets / self.options.octets_per_second
        heapq.heappush(self.resting, (pipe.resting_until, id(pipe), pipe))

    def _wake_rested(self):
        while self.resting and self.resting[0][0] <= time.monotonic():
            self._watch(heapq.heappop(self.resting)[2].connection)

    def _release_due(self):
        now = time.monotonic()
        while self.in_flight and self.in_flight[0][0] <= now:
            _, pipe, chunk = self.in_flight.popleft()
            if pipe.connection.closed:
                continue
            pipe.due.append(chunk)
            pipe.due_octets += len(chunk)
            if len(pipe.due) == 1:
                self._write(pipe)

    def _accept(self):
        client, _ = self.listener.accept()
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            self._abort(client)
            return
        connection = Connection(client, server)
        self.accepted += 1
        if self.accepted <= self.options.cut_connections:
            getattr(connection, self.options.cut_direction).cut_after = self.options.cut_after
        for end, reads, writes in (
            (client, connection.up, connection.down),
            (server, connection.down, connection.up),
        ):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pipes[end.fileno()] = (reads, writes)
            self.epoll.register(end, select.EPOLLIN)
        self._count(+1)

    def _serve(self, descriptor, event):
        reads, writes = self.pipes[descriptor]
        if event & select.EPOLLOUT:
            self._write(writes)
        if descriptor in self.pipes and event & (
            select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR
        ):
            self._read(reads)

    def _read(self, pipe):
        try:
            chunk = pipe.source.recv(self.chunk)
        except BlockingIOError:
            return
        except OSError:
            self._close(pipe.connection, abort=True)
            return
        if not chunk:
            pipe.source_ended = True
            self._uncount(pipe.connection)
        if self.options.octets_per_second:
            self._rest(pipe, len(chunk))
        self.in_flight.append((time.monotonic() + self.delay, pipe, memoryview(chunk)))
        if not self.delay:
            self._release_due()
        self._watch(pipe.connection)

    def _write(self, pipe):
        try:
            while pipe.due:
                if not len(pipe.due[0]):
                    self._end(pipe)
                    break
                chunk = self._up_to_the_cut(pipe)
                sent = pipe.target.send(chunk)
                pipe.forwarded += sent
                self._count_octets(pipe, sent)
                pipe.due_octets -= sent
                pipe.due[0] = pipe.due[0][sent:]
                if pipe.forwarded == pipe.cut_after:
                    self._close(pipe.connection)
                    return
                if not len(pipe.due[0]):
                    pipe.due.popleft()
        except BlockingIOError:
            pass
        except OSError:
            self._close(pipe.connection, abort=True)
            return
        self._watch(pipe.connection)

    @staticmethod
    def _up_to_the_cut(pipe):
        if pipe.cut_after is None:
            return pipe.due[0]
        return pipe.due[0][: pipe.cut_after - pipe.forwarded]

    def _end(self, pipe):
        """The source said all it had: half-close, and close once both directions are through."""
        pipe.due.popleft()
        pipe.connection.ended_pipes += 1
        if pipe.connection.ended_pipes == 2:
            self._close(pipe.connection)
            return
        try:
            pipe.target.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(pipe.connection, abort=True)

    def _watch(self, connection):
        """Asks epoll for exactly what can go on now."""
        if connection.closed:
            return
        now = time.monotonic()
        for end, reads, writes in (
            (connection.client, connection.up, connection.down),
            (connection.server, connection.down, connection.up),
        ):
            wanted = select.EPOLLOUT if writes.due else 0
            if (
                reads.due_octets < MOST_DUE
                and not reads.source_ended
                and reads.resting_until <= now
            ):
                wanted |= select.EPOLLIN
            self.epoll.modify(end, wanted)

    def _close(self, connection, abort=False):
        self._uncount(connection)
        connection.closed = True
        for end in (connection.client, connection.server):
            del self.pipes[end.fileno()]
            self.epoll.unregister(end)
            self._abort(end) if abort else end.close()

    @staticmethod
    def _abort(end):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        end.close()

    def _uncount(self, connection):
        if connection.counted:
            connection.counted = False
            self._count(-1)

    def _count_octets(self, pipe, sent):
        if self.octets_map:
            self.octets["up" if pipe is pipe.connection.up else "down"] += sent
            OCTETS.pack_into(self.octets_map, 0, self.octets["up"], self.octets["down"])

    def _count(self, change):
        self.open_now += change
        if self.record:
            self.record.write(f"{time.monotonic_ns()} {self.open_now}\n")


def _counters(path):
    """Memory that is the file's content, so that it can be read at any time."""
    with open(path, "w+b") as file:
        file.truncate(OCTETS.size)
        return mmap.mmap(file.fileno(), OCTETS.size)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listen_port", type=int)
    parser.add_argument("target_host")
    parser.add_argument("target_port", type=int)
    parser.add_argument("--round-trip-ms", type=float, default=0)
    parser.add_argument(
        "--octets-per-second", type=int, help="the most, each way on each connection"
    )
    parser.add_argument(
        "--record", help="file for lines of monotonic nanoseconds and connections open from then on"
    )
    parser.add_argument("--octets", help="file for two integers: octets passed on up and down")
    parser.add_argument("--cut-after", type=int, help="octets after which a connection is closed")
    parser.add_argument(
        "--cut-connections", type=int, default=0, help="how many, counted from the first, are cut"
    )
    parser.add_argument(
        "--cut-direction", choices=("up", "down"), default="down", help="up is to the server"
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    DelayProxy(parser.parse_args()).run()


if __name__ == "__main__":
    main()
