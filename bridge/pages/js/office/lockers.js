// Every locker as it stands, kept level by the stream; one copy for all pages of the office.
import { list } from "../api.js";
import { useLive } from "../data.js";
import { useLayoutEffect, useRef } from "../lib.js";
import { signal } from "../signal.js";
import { compartmentState } from "../states.js";

const LOCKERS_MAX = 2000;
const LOOK_AT = ["jammed", "ajar"];

// As useLive has it: {value, at, problem, loading, reload}; value is sorted by name.
export const lockers = signal({ loading: true, reload: () => {} });

// How many compartments are in each state: {free: 3, ...}.
export const stateCounts = signal({});

// How many of them somebody should look at.
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

// What a locker's compartments say. A locker is never changed in place, so it is judged once.
const judged = new WeakMap();

function judge(locker) {
  let found = judged.get(locker);
  if (!found) {
    const states = locker.compartments.map((one) => compartmentState(locker, one));
    const lookAt = LOOK_AT.map((wanted) => states.flatMap((state, i) => (state === wanted
      ? [{ locker, number: locker.compartments[i].number, state }] : [])));
    found = { states, lookAt };
    judged.set(locker, found);
  }
  return found;
}

export const statesOf = (locker) => judge(locker).states;

const add = (counts, locker, by) => {
  for (const state of statesOf(locker)) counts[state] = (counts[state] || 0) + by;
};

// Pure: how many compartments are in each state, {free: 3, ...}. before: {value, counts}, from
// which only lockers that are others now are counted.
export function countStates(value, before) {
  if (before?.value.length !== value.length) {
    const counts = {};
    for (const locker of value) add(counts, locker, 1);
    return counts;
  }
  const counts = { ...before.counts };
  value.forEach((locker, i) => {
    if (locker === before.value[i]) return;
    add(counts, before.value[i], -1);
    add(counts, locker, 1);
  });
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
    judge(locker).lookAt.forEach((list, rank) => {
      if (list.length) found[rank].push(...list);
    });
  }
  return [...found.flat(), ...silent];
}

const load = async () => (await list("/lockers", "lockers", LOCKERS_MAX)).sort(order);

// Keeps them level for as long as it is on the page; shows nothing.
export function LockersKeeper() {
  const live = useLive({ name: "lockers", load, kinds: ["locker"], apply: applyEvents });
  const counted = useRef();
  useLayoutEffect(() => {
    if (live.value && live.value !== counted.current?.value) {
      const counts = countStates(live.value, counted.current);
      counted.current = { value: live.value, counts };
      stateCounts.set(counts);
    }
    lockers.set(live);
    if (!live.value) return;
    const { counts } = counted.current;
    toLookAt.set(LOOK_AT.reduce((sum, state) => sum + (counts[state] || 0), 0));
  });
  return null;
}
