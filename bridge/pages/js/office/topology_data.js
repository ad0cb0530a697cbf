// What GET /processes said, every 2 s while somebody looks, and before that what the bridge
// remembers: an hour.
import { get, lookFor } from "../api.js";
import { useEvery } from "../poll.js";
import { signal, useSignal } from "../signal.js";
import { processState } from "../states.js";
import { lockers, toLookAt } from "./lockers.js";

const PERIOD_MS = 2000;
const BACK_MS = 60 * 60 * 1000;
const EXACT_MS = 5 * 60 * 1000; // so long each look is kept; then one
const THIN_MS = 10000; // in that time, as the bridge does (bridge/history.h)
const SAMPLES_MAX = 512; // of one hour, in the bridge
const CHANGES_MAX = 50;

// samples: oldest first, {at, broker, processes, lockers: {n, online, look}}; changes: newest
// first, {at, instance, state}; problem: why there is no newer one.
const seen = signal({ samples: [], changes: [], problem: null });

function countLockers() {
  const value = lockers.get().value;
  if (!value) return null;
  return { n: value.length, online: value.filter(({ status }) => status === "online").length,
    look: toLookAt.get() };
}

const stateOf = (sample, instance) => {
  const process = sample.processes.find((one) => one.instance === instance);
  return process && processState(process, sample.broker);
};

// What is otherwise in a sample than in the one before.
export function changesBetween(before, after) {
  if (!before) return [];
  return after.processes.flatMap(({ instance }) => {
    const was = stateOf(before, instance);
    const state = stateOf(after, instance);
    return was === state ? [] : [{ at: after.at, instance, state, was }];
  });
}

const changesOf = (samples) => samples.flatMap((one, i) =>
  changesBetween(samples[i - 1], one)).reverse().slice(0, CHANGES_MAX);

// Pure: what is kept at a time. Samples are oldest first.
export function thinned(samples, now) {
  const kept = [];
  for (const one of samples) {
    if (one.at < now - BACK_MS) continue;
    const last = kept.at(-1);
    const isNear = one.at > now - EXACT_MS;
    if (!last || isNear || one.at - last.at >= THIN_MS ||
        changesBetween(last, one).length) kept.push(one);
  }
  return kept;
}

// What the bridge remembers from after a time, oldest first.
async function remembered(since) {
  const path = "/processes/history" + (since ? "?since=" + new Date(since).toISOString() : "");
  const { items } = await lookFor(path, "samples", SAMPLES_MAX);
  return items.map((one) => ({ ...one, at: Date.parse(one.at), lockers: null }));
}

async function look() {
  const { samples, changes } = seen.get();
  const last = samples.at(-1);
  try {
    const { at, broker, _embedded } = await get("/processes");
    const sample = { at: Date.parse(at), broker, processes: _embedded.processes,
      lockers: countLockers() };
    const isGap = !last || sample.at - last.at > 2 * THIN_MS; // it was hidden, or has just begun
    const missed = isGap ? (await remembered(last?.at)).filter((one) => one.at < sample.at) : [];
    const next = thinned([...samples, ...missed, sample], sample.at);
    seen.set({
      samples: next,
      changes: isGap ? changesOf(next)
        : [...changesBetween(last, sample), ...changes].slice(0, CHANGES_MAX),
      problem: null,
    });
  } catch (problem) {
    seen.set({ samples, changes, problem });
  }
}

export function useProcesses() {
  useEvery(look, PERIOD_MS);
  return { ...useSignal(seen), reload: look };
}

// How many a second, of a count of the status's period.
export const perSecond = (count, status) => (1000 * (count || 0)) / status.periodMs;
