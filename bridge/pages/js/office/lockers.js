// Every locker as it stands, kept level by the stream; one copy for all pages of the office.
import { list } from "../api.js";
import { useLive } from "../data.js";
import { useLayoutEffect } from "../lib.js";
import { signal } from "../signal.js";
import { compartmentState } from "../states.js";

const LOCKERS_MAX = 2000;
const LOOK_AT = ["jammed", "ajar"];

// As useLive has it: {value, at, problem, loading, reload}; value is sorted by name.
export const lockers = signal({ loading: true, reload: () => {} });

// How many compartments and lockers somebody should look at.
export const toLookAt = signal(0);

const byName = new Intl.Collator("en", { numeric: true });
const order = (a, b) => byName.compare(a.device, b.device);

// Pure: the lockers after these events.
export function applyEvents(value, events) {
  let next = null;
  for (const { type, data } of events) {
    if (type !== "LockerChanged") continue;
    if (!next) next = value.slice();
    const index = next.findIndex(({ device }) => device === data.device);
    if (data.forgottenAt) {
      if (index >= 0) next.splice(index, 1);
    } else if (index >= 0) {
      next[index] = data;
    } else {
      next.push(data);
      next.sort(order);
    }
  }
  return next || value;
}

// The states of a locker's compartments. A locker is never changed in place, so it is judged once.
const judged = new WeakMap();

export function statesOf(locker) {
  let states = judged.get(locker);
  if (!states) {
    states = locker.compartments.map((one) => compartmentState(locker, one));
    judged.set(locker, states);
  }
  return states;
}

// How many compartments are in each state: {free: 3, ...}.
export function countStates(value) {
  const counts = {};
  for (const locker of value) {
    for (const state of statesOf(locker)) counts[state] = (counts[state] || 0) + 1;
  }
  return counts;
}

/**
 * What a person should look at, worst first: [{locker, number, state}], without a number for a
 * locker that is not heard.
 */
export function worries(value) {
  const found = LOOK_AT.map(() => []);
  const silent = [];
  for (const locker of value) {
    if (locker.status !== "online") silent.push({ locker, state: "offline" });
    statesOf(locker).forEach((state, i) => {
      const rank = LOOK_AT.indexOf(state);
      if (rank >= 0) found[rank].push({ locker, number: locker.compartments[i].number, state });
    });
  }
  return [...found.flat(), ...silent];
}

const load = async () => (await list("/lockers", "lockers", LOCKERS_MAX)).sort(order);

// Keeps them level for as long as it is on the page; shows nothing.
export function LockersKeeper() {
  const live = useLive({ name: "lockers", load, kinds: ["locker"], apply: applyEvents });
  useLayoutEffect(() => {
    lockers.set(live);
    if (!live.value) return;
    const counts = countStates(live.value);
    toLookAt.set(LOOK_AT.reduce((sum, state) => sum + (counts[state] || 0), 0));
  });
  return null;
}
