"""Pictures as chromium takes them (PNG, 8 bits, RGB or RGBA), and the contrast in them."""

import struct
import zlib

CHANNELS = {2: 3, 6: 4}


def _unfilter(kind, line, before, step):
    """One line of a PNG, in place (PNG specification, 9.2)."""
    for i, value in enumerate(line):
        left = line[i - step] if i >= step else 0
        up, corner = before[i], before[i - step] if i >= step else 0
        if kind == 1:
            value += left
        elif kind == 2:
            value += up
        elif kind == 3:
            value += (left + up) // 2
        elif kind == 4:
            guess = left + up - corner
            value += min((left, up, corner), key=lambda one: abs(guess - one))  # pylint: disable=cell-var-from-loop
        line[i] = value & 255


def rows_of(png):
    """Rows of (red, green, blue)."""
    at, data, width, step = 8, b"", 0, 0
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colours = struct.unpack_from(">IIBB", body)
            assert depth == 8 and colours in CHANNELS, (depth, colours)
            step = CHANNELS[colours]
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    raw, size = zlib.decompress(data), width * step
    before = bytearray(size)
    for start in range(0, len(raw), size + 1):
        line = bytearray(raw[start + 1:start + 1 + size])
        _unfilter(raw[start], line, before, step)
        yield [tuple(line[i:i + 3]) for i in range(0, size, step)]
        before = line


def luminance(colour):
    """Of WCAG 2."""
    parts = [value / 255 for value in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(png):
    """The contrast of the lightest and the darkest that a picture shows."""
    seen = [luminance(colour) for colour in {colour for row in rows_of(png) for colour in row}]
    return (max(seen) + 0.05) / (min(seen) + 0.05)
