#!/usr/bin/env python3
"""Shell scripts: shellcheck has nothing to say, and `set -u` is on."""
import re
import shutil
import subprocess
import sys

import common

SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def check(root):
    findings = []
    for path in common.files(root, r"^(deploy|tests|\.ci|schemas)/.*"):
        if path.suffix not in ("", ".sh"):
            continue
        text = common.read(root, path)
        script = re.match(r"#!.*\b(ba)?sh$", text.split("\n", 1)[0])
        if not script and path.suffix != ".sh":
            continue
        if script and not re.search(r"^set -[a-z]*u", text, re.M):
            findings.append(common.Finding("set-u", path, 1, "must say 'set -u' at the top"))
        done = subprocess.run(["shellcheck", "-f", "gcc", str(root / path)], capture_output=True,
                              text=True, check=False)
        for line in done.stdout.splitlines():
            number, said = re.match(r".*?:(\d+):\d+: (.*)", line).groups()
            findings.append(common.Finding("shellcheck", path, int(number), said, said[-7:-1]))
    return findings


GOOD = {"deploy/a": "#!/usr/bin/env bash\nset -u\necho \"$1\"\n", "deploy/b": "#!/usr/bin/python3\n"}
BAD = {"set-u": {"deploy/c": "#!/usr/bin/env bash\necho\n"},
       "shellcheck": {"deploy/c": "#!/usr/bin/env bash\nset -u\necho $1\n"}}

if __name__ == "__main__":
    if not shutil.which("shellcheck"):
        print("shellcheck is not here: skipped")
        sys.exit(SKIPPED)
    common.main(check, ("set-u", "shellcheck"), GOOD, BAD)
