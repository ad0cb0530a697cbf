// What doors reported lately, newest first; one copy for all pages of the office.
import { useEffect } from "../lib.js";
import { subscribe } from "../live.js";
import { signal } from "../signal.js";
import { recentEvents } from "./recent.js";

const REPORTS_MAX = 400;

// null until the newest ones were read.
export const reports = signal(null);

const idOf = ({ data }) => `${data.locker} ${data.at} ${data.what} ${data.compartment ?? ""}`;

// Pure: the newest REPORTS_MAX of both, none of them twice.
export function mergeReports(kept, events) {
  const known = new Set(kept.map(idOf));
  const fresh = events.filter((event) => {
    const id = idOf(event);
    if (known.has(id)) return false;
    known.add(id);
    return true;
  });
  return fresh.length ? [...fresh.reverse(), ...kept].slice(0, REPORTS_MAX) : kept;
}

let generation = 0; // what was asked before a reset says nothing any more

async function load() {
  const mine = ++generation;
  const events = await recentEvents(["door"], REPORTS_MAX);
  if (mine !== generation) return;
  reports.set(mergeReports([], [...events, ...(reports.get() || []).slice().reverse()]));
}

// Keeps them level for as long as it is on the page; shows nothing.
export function ReportsKeeper() {
  useEffect(() => {
    load();
    return subscribe(["door"], (events) =>
      reports.set(mergeReports(reports.get() || [], events)), load);
  }, []);
  return null;
}

// Those of one compartment, newest first.
export const reportsOf = (all, locker, number) =>
  (all || []).filter(({ data }) => data.locker === locker && data.compartment === number);
