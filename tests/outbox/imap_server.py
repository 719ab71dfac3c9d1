"""A mailbox on the loopback address, over TLS, that speaks as much IMAP as is asked of it."""

import re
import socket
import ssl
import threading
import time
from pathlib import Path

CERTIFICATE = Path(__file__).parents[1] / "certificates" / "localhost.pem"


class ImapServer:
    """Holds mails by number. `mode`: 'serve', 'hang' (says nothing after the login) or 'refuse'."""

    def __init__(self, certificate: Path = CERTIFICATE) -> None:
        self.mails: dict[int, bytes] = {}
        self.seen: set[int] = set()
        self.mode = "serve"
        self.logins: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.context = context
        self.socket = socket.create_server(("127.0.0.1", 0))
        # Before the thread, which on a busy machine begins when somebody has stopped it already.
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def add(self, mail: bytes) -> None:
        self.mails[len(self.mails) + 1] = mail

    def stop(self) -> None:
        self.stopped.set()
        # Which the thread that waits for somebody hears at once.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self.socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    with self.context.wrap_socket(connection, server_side=True) as secure:
                        self._talk(secure)
                except OSError:
                    continue

    def _talk(self, secure: ssl.SSLSocket) -> None:
        with secure.makefile("rwb") as stream:
            self._say(stream, [b"* OK ready"])
            for line in stream:
                tag, _, command = line.decode().strip().partition(" ")
                if self.mode == "hang" and not command.startswith(("LOGIN", "CAPABILITY")):
                    self._hang()
                    return
                refused = self.mode == "refuse" and command.startswith("LOGIN")
                done = f"{tag} {'NO' if refused else 'OK'} done".encode()
                self._say(stream, [*self._answers(command), done])
                if command == "LOGOUT":
                    return

    def _hang(self) -> None:
        end = time.monotonic() + 10
        while not self.stopped.is_set() and self.mode == "hang" and time.monotonic() < end:
            time.sleep(0.05)

    @staticmethod
    def _say(stream, lines: list[bytes]) -> None:
        """Send it in one go: whoever sends in pieces waits for the other to say that the first came."""
        stream.write(b"".join(line + b"\r\n" for line in lines))
        stream.flush()

    def _answers(self, command: str) -> list[bytes]:
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"]
        if command.startswith("LOGIN"):
            self.logins.append(command)
        if command.startswith("SELECT"):
            return [f"* {len(self.mails)} EXISTS".encode()]
        if command.startswith("UID SEARCH UNSEEN"):
            numbers = " ".join(str(number) for number in self.mails if number not in self.seen)
            return [f"* SEARCH {numbers}".encode()]
        if found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            number, most = int(found[1]), int(found[2])
            content = self.mails[number][:most]
            head = f"* {number} FETCH (UID {number} BODY[]<0> {{{len(content)}}}".encode()
            return [head + b"\r\n" + content + b")"]
        if found := re.match(r"UID STORE (\d+) \+FLAGS \(\\Seen\)", command):
            self.seen.add(int(found[1]))
        return []
