"""`python -m bench.mail_sink PORT FILE`: a mail server that takes every mail and keeps the number, in FILE.

It costs as little of the processor as it can: a mail server stands elsewhere.
"""

import asyncio
import sys
from pathlib import Path

ANSWERS = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 Go on\r\n", b"QUIT": b"221 Bye\r\n"}


async def serve(port: int, count: Path) -> None:
    """Take mail until stopped."""
    taken = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            command = line[:4].upper()
            writer.write(ANSWERS.get(command, b"250 OK\r\n"))
            if command == b"DATA":
                await reader.readuntil(b"\r\n.\r\n")
                taken += 1
                count.write_text(str(taken))
                writer.write(b"250 Taken\r\n")
            if command == b"QUIT":
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port, limit=1 << 24)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
