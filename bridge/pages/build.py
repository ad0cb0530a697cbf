#!/usr/bin/env python3
"""Makes the pages that the bridge serves under /ui/: no bundler, only names.

Every file is copied under a name with a hash of what is in it, so that it can be kept for ever; what
names it (an import, url(), src, a string like "./live_worker.js") is rewritten to that name. Comments
that have a line of their own stay behind. Beside each
text and program lies a gzip of it, and manifest.json lists them all. preact, htm and zxing-wasm come
from npm by the lock file, into the build folder. Where npm or its registry is not there, this says so,
makes no pages and ends well: everything else works without them.
"""
import argparse
import gzip
import hashlib
import json
import pathlib
import posixpath
import re
import shutil
import subprocess
import sys

UNDER = "/ui/"
SOURCE = pathlib.Path(__file__).resolve().parent
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8",
         ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm", ".mp3": "audio/mpeg"}
PACKED = (".js", ".css", ".svg", ".html", ".txt", ".wasm")
# Bare names in our imports, and the files that they mean.
PACKAGES = {"preact": "vendor/preact.js", "preact/hooks": "vendor/preact-hooks.js", "htm": "vendor/htm.js",
            "zxing-wasm/reader": "vendor/zxing/reader/index.js"}
# Where npm has them. zxing-wasm: only what reads codes.
VENDOR = {"vendor/preact.js": "preact/dist/preact.module.js",
          "vendor/preact-hooks.js": "preact/hooks/dist/hooks.module.js",
          "vendor/htm.js": "htm/dist/htm.module.js",
          "vendor/zxing/reader/index.js": "zxing-wasm/dist/es/reader/index.js",
          "vendor/zxing/share.js": "zxing-wasm/dist/es/share.js",
          "vendor/zxing/reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm"}
LICENSES = ("preact/LICENSE", "htm/LICENSE", "zxing-wasm/LICENSE")
# What is in the program that zxing-wasm carries.
LICENSED_TOO = "zxing-cpp, in zxing_reader.wasm\n\nApache License 2.0, as it stands under htm/LICENSE."
# The pages on which the browser may compile WebAssembly.
WASM_PAGES = ("/ui/staff/scan",)
# First load of a face: index.html, what it names, the face's module, all their imports and styles.
FACES = ("js/customer/face.js", "js/staff/face.js", "js/office/face.js")
FIRST_LOAD_BYTES_MAX = 80 * 1024

NAMED = re.compile(r"""(?P<q>["'])(?P<path>\.{1,2}/[\w./-]+\.(?:js|css|svg|wasm|mp3))(?P=q)""")
BARE = re.compile(r"""(?P<from>\bfrom\s*|\bimport\s*)(?P<q>["'])(?P<name>[a-z][\w/-]*)(?P=q)""")
STATIC = re.compile(r"""(?:\bfrom\s*|^import\s*)["']([^"'\n]+)["']""", re.M)


class PagesError(Exception):
    """A fault of ours in the source: the build fails with this sentence."""


class Pages:
    """The source by path ("js/app.js"), and what is made of it."""

    def __init__(self, npm):
        self.npm = npm
        self.files = {path.relative_to(SOURCE).as_posix(): path for path in sorted(SOURCE.rglob("*"))
                      if path.suffix in TYPES and path.name != "CMakeLists.txt"
                      and "node_modules" not in path.parts}
        self.files |= {path: npm / source for path, source in VENDOR.items()}
        self.made = {}      # path -> (name with hash, bytes)
        self.imports = {}   # path -> paths that a browser loads with it
        self.under_way = []

    def resolve(self, path, named):
        """The file of ours that `named` means in `path`."""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), named))
        if target not in self.files:
            raise PagesError(f"{path} names {named}, which is not there")
        return target

    def address(self, path):
        return UNDER + self.make(path)[0]

    def rewrite(self, path, text):
        """Every name of a file of ours becomes its address."""
        text = re.sub(r"^\s*//.*\n?", "", text, flags=re.M)
        if path.endswith(".css"):
            text = re.sub(r"\s*/\*.*?\*/", "", text, flags=re.S)
        if path.endswith(".js"):
            self.imports[path] = [self.target(path, name) for name in STATIC.findall(text)]
            text = BARE.sub(lambda m: f"{m['from']}{m['q']}{self.address(vendor(m['name']))}{m['q']}",
                            text)
        return NAMED.sub(lambda m: f"{m['q']}{self.address(self.resolve(path, m['path']))}{m['q']}",
                         text)

    def target(self, path, name):
        return self.resolve(path, name) if name.startswith(".") else vendor(name)

    def make(self, path):
        """(name with hash, bytes) of a file; what it names is made before it."""
        if path in self.made:
            return self.made[path]
        if path in self.under_way:
            circle = self.under_way[self.under_way.index(path):] + [path]
            raise PagesError("these files name each other in a circle: " + " -> ".join(circle))
        self.under_way.append(path)
        data = self.files[path].read_bytes()
        if pathlib.PurePath(path).suffix in (".js", ".css"):
            data = self.rewrite(path, data.decode()).encode()
        self.under_way.pop()
        stem, suffix = posixpath.splitext(path)
        self.made[path] = (f"{stem}.{hashlib.sha256(data).hexdigest()[:8]}{suffix}", data)
        return self.made[path]

    def closure(self, path):
        """A module and all that it imports without being asked."""
        found, waiting = [], [path]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.append(one)
                waiting += self.imports.get(one, [])
        return sorted(found)

    def index(self):
        """index.html: addresses, the icons, and what the browser should fetch at once."""
        text = self.rewrite("index.html", self.files["index.html"].read_text())
        icons = re.sub(r"<!--.*?-->\s*", "", self.files["icons.svg"].read_text(), flags=re.S)
        icons = re.sub(r">\s+<", "><", icons.strip()).replace(
            "<svg ", '<svg class="sprite" aria-hidden="true" ', 1)
        ahead = "\n".join(f'<link rel="modulepreload" href="{self.address(path)}">'
                          for path in self.closure("js/app.js"))
        return text.replace("<!-- icons -->", icons).replace("<!-- ahead -->", ahead).encode()


    def service_worker(self):
        """sw.js, with the files that it keeps ahead: the frame, and the face that must work offline."""
        paths = {*self.closure("js/app.js"), *self.closure(FACES[0]), "js/live_worker.js", "js/live_core.js",
                 *(path for path in self.files if path.endswith(("app.css", "tokens.css", "parts.css",
                                                                 "customer.css", "mark.svg")))}
        kept = sorted({self.address(path) for path in paths})
        version = hashlib.sha256(json.dumps(kept).encode() + self.index()).hexdigest()[:12]
        text = self.files["sw.js"].read_text().replace("/* version */", version)
        return text.replace("[/* files */]", json.dumps(kept, indent=1)).encode()


def vendor(name):
    if name not in PACKAGES:
        raise PagesError(f"a module imports '{name}', which build.py does not know")
    return PACKAGES[name]


def say(text):
    print(f"pages: {text}", flush=True)


def fetch_packages(npm):
    """Brings what the lock file names into `npm`. True when it is there."""
    wanted = (SOURCE / "package-lock.json").read_bytes()
    stamp = npm / "fetched.json"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return True
    program = shutil.which("npm")
    if program is None:
        say("npm is not installed (deploy/bootstrap brings it): the pages under /ui/ are not made")
        return False
    npm.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(SOURCE / name, npm / name)
    done = subprocess.run([program, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=npm,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in done.stdout.splitlines() if line.strip()]
        say("npm cannot bring preact, htm and zxing-wasm (is there a network?): "
            "the pages under /ui/ are not made")
        for line in said[:4]:
            say("  " + line[:160])
        return False
    stamp.write_bytes(wanted)
    return True


def write(out, name, data, immutable, path=None):
    """One file and its gzip; returns its line of the manifest."""
    suffix = pathlib.PurePath(name).suffix
    target = out / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    line = {"path": path or UNDER + name, "file": name, "type": TYPES[suffix], "immutable": immutable}
    if suffix in PACKED:
        packed = gzip.compress(data, 9, mtime=0)
        (out / (name + ".gz")).write_bytes(packed)
        line["gzip"] = name + ".gz"
    return line


def check_first_loads(pages, index):
    """No face may need more than FIRST_LOAD_BYTES_MAX bytes, compressed, before it shows."""
    for face in FACES:
        if face not in pages.files:
            continue
        paths = set(pages.closure("js/app.js")) | set(pages.closure(face))
        texts = [pages.files[path].read_text() for path in (face, "index.html")]
        styles = {"css/" + name for text in texts for name in re.findall(r"[./]+css/([\w-]+\.css)", text)}
        size = len(gzip.compress(index, 9)) + sum(
            len(gzip.compress(pages.make(path)[1], 9)) for path in paths | styles)
        if size > FIRST_LOAD_BYTES_MAX:
            raise PagesError(f"the first load of {face} takes {size} bytes compressed, and at most "
                             f"{FIRST_LOAD_BYTES_MAX} are allowed: load something later")
        say(f"first load of {face}: {size / 1024:.1f} KB compressed")


def build(npm, out):
    """The pages into `out`, the manifest last."""
    pages = Pages(npm)
    for path in sorted(pages.files):
        if path not in ("index.html", "sw.js"):
            pages.make(path)
    index = pages.index()
    check_first_loads(pages, index)
    shutil.rmtree(out, ignore_errors=True)
    files = [write(out, name, data, True) for name, data in sorted(pages.made.values())]
    files.append(write(out, "index.html", index, False, UNDER))
    notices = "\n\n".join([*(f"{name}\n\n{(npm / name).read_text()}" for name in LICENSES), LICENSED_TOO])
    files.append(write(out, "licenses.txt", notices.encode(), False))
    files.append(write(out, "sw.js", pages.service_worker(), False))
    (out / "manifest.json").write_text(json.dumps({"files": files, "wasm": list(WASM_PAGES)}, indent=1))
    say(f"{len(files)} files in {out}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", required=True, type=pathlib.Path, help="folder for what npm brings")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for the pages")
    arguments = parser.parse_args()
    if not fetch_packages(arguments.npm):
        shutil.rmtree(arguments.out, ignore_errors=True)
        return
    try:
        build(arguments.npm / "node_modules", arguments.out)
    except PagesError as error:
        sys.exit(f"pages: {error}")


if __name__ == "__main__":
    main()
