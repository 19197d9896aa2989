# Writes PNG files of every colour type, and beside each the RGBA that it stands for, with nothing but zlib.
import os, struct, zlib

WIDTH, HEIGHT = 7, 5
FOLDER = os.path.dirname(os.path.abspath(__file__))
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def sample(x, y, channel, depth):
    return (x * 37 + y * 91 + channel * 53 + x * y * 11) * 257 // 3 % (1 << depth)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(row, depth):
    bits = "".join(format(value, f"0{depth}b") for value in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def write(name, colour, depth, channels, rgba, interlaced=False, extra=b""):
    def rows(xs, ys):
        return b"".join(
            b"\0" + packed([sample(x, y, c, depth) for x in xs for c in range(channels)], depth) for y in ys)
    if interlaced:
        passes = [(range(x, WIDTH, dx), range(y, HEIGHT, dy)) for x, y, dx, dy in ADAM7]
        data = b"".join(rows(xs, ys) for xs, ys in passes if len(xs))
    else:
        data = rows(range(WIDTH), range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, int(interlaced))
    with open(f"{FOLDER}/{name}.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data))
                   + chunk(b"IEND", b""))
    with open(f"{FOLDER}/{name}.rgba", "wb") as file:
        for y in range(HEIGHT):
            for x in range(WIDTH):
                file.write(bytes(rgba([sample(x, y, c, depth) for c in range(channels)])))


def eight(value, depth):
    return round(value * 255 / ((1 << depth) - 1))


for depth in (1, 2, 4, 8, 16):
    write(f"grey{depth}", 0, depth, 1, lambda s: [eight(s[0], depth)] * 3 + [255])
for depth in (8, 16):
    write(f"grey-alpha{depth}", 4, depth, 2, lambda s: [eight(s[0], depth)] * 3 + [eight(s[1], depth)])
    write(f"rgb{depth}", 2, depth, 3, lambda s: [eight(v, depth) for v in s] + [255])
    write(f"rgba{depth}", 6, depth, 4, lambda s: [eight(v, depth) for v in s])
for depth in (1, 2, 4, 8):
    palette = [((i * 71) % 256, (i * 29 + 90) % 256, 255 - i % 256) for i in range(1 << depth)]
    opacity = [(i * 45 + 60) % 256 for i in range(min(1 << depth, 9))]
    write(f"palette{depth}", 3, depth, 1,
          lambda s: [*palette[s[0]], opacity[s[0]] if s[0] < len(opacity) else 255],
          extra=chunk(b"PLTE", bytes(v for c in palette for v in c)) + chunk(b"tRNS", bytes(opacity)))
write("rgba8-interlaced", 6, 8, 4, lambda s: s, interlaced=True)
write("grey2-interlaced", 0, 2, 1, lambda s: [eight(s[0], 2)] * 3 + [255], interlaced=True)
transparent = [sample(3, 2, c, 8) for c in range(3)]
write("rgb8-transparent", 2, 8, 3, lambda s: s + [0 if s == transparent else 255],
      extra=chunk(b"tRNS", struct.pack(">HHH", *transparent)))
