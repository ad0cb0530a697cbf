// What GET /processes said, every 2 s while somebody looks, and for a while back.
import { get } from "../api.js";
import { useEffect } from "../lib.js";
import { signal, useSignal } from "../signal.js";
import { processState } from "../states.js";
import { lockers, statesOf } from "./lockers.js";

const PERIOD_MS = 2000;
const SAMPLES_MAX = 900; // half an hour
const CHANGES_MAX = 50;
const LOOK_AT = ["jammed", "ajar"];

// samples: oldest first, {at, broker, processes, lockers: {n, online, look}}; changes: newest
// first, {at, instance, state}; problem: why there is no newer one.
const seen = signal({ samples: [], changes: [], problem: null });

function countLockers() {
  const value = lockers.get().value;
  if (!value) return null;
  return { n: value.length, online: value.filter(({ status }) => status === "online").length,
    look: value.flatMap(statesOf).filter((state) => LOOK_AT.includes(state)).length };
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

async function look() {
  const { samples, changes } = seen.get();
  try {
    const { at, broker, _embedded } = await get("/processes");
    const sample = { at: Date.parse(at), broker, processes: _embedded.processes,
      lockers: countLockers() };
    seen.set({
      samples: [...samples, sample].slice(-SAMPLES_MAX),
      changes: [...changesBetween(samples.at(-1), sample), ...changes].slice(0, CHANGES_MAX),
      problem: null,
    });
  } catch (problem) {
    seen.set({ samples, changes, problem });
  }
}

export function useProcesses() {
  useEffect(() => {
    let isGone = false;
    let timer = null;
    async function run() {
      if (!document.hidden) await look();
      if (!isGone) timer = setTimeout(run, PERIOD_MS);
    }
    run();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, []);
  return { ...useSignal(seen), reload: look };
}

// How many a second, of a count of the status's period.
export const perSecond = (count, status) => (1000 * (count || 0)) / status.periodMs;
