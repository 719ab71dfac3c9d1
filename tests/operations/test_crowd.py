"""A crowd at the door of the real server: who sends something is not behind all who open a page."""

import select
import socket
from urllib.parse import urlsplit

CROWD = 240
PATIENCE = 30.0


def test_what_is_sent_is_answered_before_the_pages_of_a_crowd(start_server):
    server = start_server(arguments=("--no-worker", "--workers", "1"))
    address = urlsplit(server.url)
    ask = f"Host: {address.netloc}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    visitors = [
        socket.create_connection((address.hostname, address.port), PATIENCE) for _ in range(CROWD + 1)
    ]
    sender = visitors.pop()
    for visitor in visitors:
        visitor.sendall(f"GET /login HTTP/1.1\r\n{ask}".encode())
    sender.sendall(f"POST /login HTTP/1.1\r\n{ask}".encode())
    assert sender.recv(12) == b"HTTP/1.1 400"
    answered, _, _ = select.select(visitors, [], [], 0)
    assert len(answered) < CROWD / 4
    for visitor in visitors:
        assert visitor.recv(12) == b"HTTP/1.1 200"
    for visitor in (sender, *visitors):
        visitor.close()
