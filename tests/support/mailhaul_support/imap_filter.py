"""The program behind proxy.Without: an IMAP server as if it had never heard of an extension.

Lines of the server lose the capability's name wherever capabilities are listed, and the response
codes that come with it. Literals pass untouched, and so does all that the client says.
"""

import argparse
import asyncio
import re
import signal
import sys

_LONGEST_LINE = 32 << 20  # a SEARCH of a large folder is one line
_CHUNK = 64 << 10
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")
_STATUS = re.compile(rb"(?:\S+) (?:OK|NO|BAD|PREAUTH|BYE) ", re.IGNORECASE)
_CAPABILITIES = re.compile(
    rb"(?:\* CAPABILITY |\S+ (?:OK|PREAUTH) \[CAPABILITY )[^\]\r]*", re.IGNORECASE
)
# Dovecot tells HIGHESTMODSEQ of every folder for which it was once asked.
_CODES = {
    name: re.compile(rb"^(\S+ OK )\[(?:%s) [^\]]*\] ?" % codes, re.IGNORECASE)
    for name, codes in ((b"UIDPLUS", b"APPENDUID|COPYUID"), (b"CONDSTORE", b"HIGHESTMODSEQ"))
}


def filtered(line: bytes, hidden) -> bytes:
    """The line as a server without the `hidden` capabilities (in upper case) would have sent it."""
    capabilities = _CAPABILITIES.match(line)
    if capabilities:
        kept = [w for w in capabilities[0].split(b" ") if w.upper() not in hidden]
        return b" ".join(kept) + line[capabilities.end() :]
    for name in hidden & _CODES.keys():
        line = _CODES[name].sub(rb"\1", line)
    return line


async def pass_down(reader, writer, hidden) -> None:
    """Response by response: its first line is filtered, what follows its literals is not."""
    while line := await _line(reader):
        writer.write(filtered(line, hidden))
        if not _STATUS.match(line):
            while literal := _LITERAL.search(line):
                await _copy(reader, writer, int(literal[1]))
                line = await _line(reader)
                writer.write(line)
        await writer.drain()


async def _line(reader) -> bytes:
    """With its end; whatever came before the connection's end; b"" after it."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as ended:
        return ended.partial


async def _copy(reader, writer, octets: int) -> None:
    while octets:
        chunk = await reader.read(min(octets, _CHUNK))
        if not chunk:
            return
        octets -= len(chunk)
        writer.write(chunk)
        await writer.drain()


async def pass_up(reader, writer) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()


async def serve(options) -> None:
    hidden = {name.upper().encode() for name in options.hide}

    async def accept(client_reader, client_writer):
        try:
            server_reader, server_writer = await asyncio.open_connection(
                options.target_host, options.target_port, limit=_LONGEST_LINE
            )
        except OSError:
            client_writer.transport.abort()
            return
        pipes = [
            asyncio.create_task(pass_up(client_reader, server_writer)),
            asyncio.create_task(pass_down(server_reader, client_writer, hidden)),
        ]
        # Either side's end is the end: nobody half-closes an IMAP connection.
        done, left = await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        for pipe in left:
            pipe.cancel()
        for pipe in done:
            pipe.exception()  # a reset connection is an end like any other
        for writer in (server_writer, client_writer):
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", options.listen_port)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listen_port", type=int)
    parser.add_argument("target_host")
    parser.add_argument("target_port", type=int)
    parser.add_argument("--hide", action="append", default=[], help="a capability's name")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
