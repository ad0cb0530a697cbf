"""A film for the camera of a test: pictures of codes, in the format that chromium's fake camera takes
(--use-file-for-fake-video-capture=FILE.y4m, played again and again)."""

import json
import subprocess

from .system import default_build_dir

WIDTH, HEIGHT = 640, 480
WHITE, BLACK = 230, 20  # as a camera sees paper
BAR_HEIGHT = 160
MARGIN = 40
SCALE_MAX = 8
FRAMES_A_SECOND = 2
SECONDS_EACH = 2

# zxing-wasm has a writer beside the reader that the pages use. stdin: {format, text, options}.
WRITER = """
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const folder = process.argv[1] + "/node_modules/zxing-wasm/dist/";
const { prepareZXingModule, writeBarcode } = await import(pathToFileURL(folder + "es/writer/index.js"));
prepareZXingModule({ overrides: { wasmBinary: readFileSync(folder + "writer/zxing_writer.wasm").buffer } });
const { text, ...options } = JSON.parse(readFileSync(0));
const { symbol, error } = await writeBarcode(text, options);
if (error) throw new Error(error);
const { data, width, height } = symbol;
process.stdout.write(JSON.stringify(Array.from({ length: height }, (_, y) =>
  Array.from(data.slice(y * width, (y + 1) * width), (value) => Number(value === 0)))));
"""


def code_of(kind, text, options=""):
    """Rows of modules, 1 where they are dark, of a code of another maker than ours: "EAN13",
    "DataMatrix", "Code128"; options "gs1" for a text like "(01)..."."""
    done = subprocess.run(["node", "--input-type=module", "-e", WRITER, str(default_build_dir() / "pages-npm")],
                          input=json.dumps({"format": kind, "text": text, "options": options}).encode(),
                          capture_output=True, check=True)
    rows = json.loads(done.stdout)
    return rows if len(rows) > 1 else rows * BAR_HEIGHT


def picture(rows):
    """One code in the middle of a dark table. rows: of modules, or of a line of bars."""
    has_bars = len(rows) == BAR_HEIGHT
    fits = [(WIDTH - 3 * MARGIN) // len(rows[0])] if has_bars else [
        (WIDTH - 3 * MARGIN) // len(rows[0]), (HEIGHT - 3 * MARGIN) // len(rows), SCALE_MAX]
    scale = max(1, min(fits))
    high = 1 if has_bars else scale
    luma = [bytearray([WHITE // 2]) * WIDTH for _ in range(HEIGHT)]
    left = WIDTH // 2 - len(rows[0]) * scale // 2
    top = HEIGHT // 2 - len(rows) * high // 2
    for y in range(top - MARGIN, top + len(rows) * high + MARGIN):
        luma[y][left - MARGIN:left + len(rows[0]) * scale + MARGIN] = bytes([WHITE]) * (
            len(rows[0]) * scale + 2 * MARGIN)
    for i, row in enumerate(rows):
        line = b"".join(bytes([BLACK if dark else WHITE]) * scale for dark in row)
        for y in range(top + i * high, top + (i + 1) * high):
            luma[y][left:left + len(line)] = line
    return b"".join(luma)


def write_film(path, pictures):
    """Each picture for SECONDS_EACH. The file takes the place of the one before it at once."""
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for one in pictures:
            file.write((b"FRAME\n" + one + grey) * (FRAMES_A_SECOND * SECONDS_EACH))
    part.rename(path)
