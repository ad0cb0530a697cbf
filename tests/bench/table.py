"""The one table, and what explains it."""


class Row:
    """One line. `ours` or `raw` may be None; an aim is on the ratio or on the value."""

    def __init__(self, name, ours, raw, unit, ratio_min=None, ratio_max=None, value_max=None, note=""):
        self.name, self.ours, self.raw, self.unit, self.note = name, ours, raw, unit, note
        self.ratio = ours / raw if ours is not None and raw else None
        self.aim, is_met = "", True
        if ratio_min is not None:
            self.aim, is_met = f">= {ratio_min:g} x", self.ratio is not None and self.ratio >= ratio_min
        elif ratio_max is not None:
            self.aim, is_met = f"<= {ratio_max:g} x", self.ratio is not None and self.ratio <= ratio_max
        elif value_max is not None:
            self.aim, is_met = f"<= {value_max:g} {unit.split()[0]}", ours <= value_max
        self.verdict = "" if not self.aim else "ok" if is_met else "missed"

    @property
    def data(self):
        return {name: getattr(self, name) for name in
                ("name", "ours", "raw", "unit", "ratio", "aim", "verdict", "note")}


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def print_table(rows):
    print(f"{'name':34} {'ours':>10} {'raw ceiling':>12} {'unit':8} {'ratio':>6} {'aim':10} {'':7} note")
    for row in rows:
        print(f"{row.name:34} {number(row.ours):>10} {number(row.raw):>12} {row.unit:8} {number(row.ratio):>6} "
              f"{row.aim:10} {row.verdict:7} {row.note}".rstrip())


STAGE_TEXTS = (("answered", "201 answered"), ("requested", "DeliveryRequested seen"),
               ("reserved", "StockReserved seen"), ("delivered", "DeliveryUpdated seen"),
               ("done", "RentalUpdated seen"))


def print_stages(stages, rate, commit_ms):
    print(f"\nwhere the time goes, ms since the POST was sent, at {rate} orders/s")
    previous = 0.0
    for name, text in STAGE_TEXTS:
        p50, p99 = stages[name]["p50_ms"], stages[name]["p99_ms"]
        print(f"  {text:24} p50 {p50:8.3f} (+{p50 - previous:7.3f})   p99 {p99:8.3f}")
        previous = p50
    print(f"  each of the {len(STAGE_TEXTS)} steps ends in a commit; one alone took {commit_ms:.2f} ms when it was "
          "measured above")


def short(process):
    return process.removeprefix("lockstock-")


def print_work(work):
    print("\nCPU: cores used by each process; and group commits: work items per commit, commits per second")
    for name, row in work.items():
        wall_s = row["wall_s"]
        used = sorted(row["cpu_s"].items(), key=lambda item: -item[1])
        print(f"  {name:24} {sum(row['cpu_s'].values()) / wall_s:4.2f} = " + ", ".join(
            f"{short(process)} {seconds / wall_s:.2f}" for process, seconds in used))
        print(f"  {'':31} " + ", ".join(
            f"{service} {row['items'][service] / commits:.1f} x {commits / wall_s:.0f}/s"
            for service, commits in row["commits"].items() if commits > 0))


def print_memory(memory):
    print("\nmemory, MiB PSS: " + ", ".join(f"{short(process)} {mib:.1f}"
                                            for process, mib in memory.items()))
