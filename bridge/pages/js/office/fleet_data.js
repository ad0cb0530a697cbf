// Every scanner, station and locker, and how it is: asked for while somebody looks. Doors and
// status of lockers come by the stream and are the newer word.
import { list } from "../api.js";
import { useEffect } from "../lib.js";
import { useEvery } from "../poll.js";
import { signal, useSignal } from "../signal.js";
import { deviceState, deviceStates } from "../states.js";
import { lockers } from "./lockers.js";

const LOOK_MS = 5000;
const DEVICES_MAX = 2000; // of one service
const RANKS = Object.keys(deviceStates);

const seen = signal({ value: undefined, problem: null });

const byName = new Intl.Collator("en", { numeric: true });

export const keyOf = ({ kind, device }) => `${kind}/${device}`;

// Pure: all of them with their state, those that somebody should look at first.
export function judged(devices, known, now) {
  const named = new Map((known || []).map((locker) => [locker.device, locker]));
  return devices.map((device) => {
    const locker = device.kind === "locker" ? named.get(device.device) : undefined;
    return { ...device, locker, state: deviceState(device, locker, now) };
  }).sort((a, b) => RANKS.indexOf(a.state) - RANKS.indexOf(b.state) ||
    byName.compare(a.device, b.device));
}

async function look() {
  try {
    const found = await Promise.all(["stock", "delivery"].map((owner) =>
      list("/devices/" + owner, "devices", DEVICES_MAX)));
    seen.set({ value: found.flat(), problem: null });
  } catch (problem) {
    seen.set({ ...seen.get(), problem });
  }
}

// {value, problem, reload}: value as GET /devices has them, or undefined.
export function useDevices() {
  const known = useSignal(lockers).value;
  const heard = (known || []).map(({ device, status }) => device + status).join();
  useEvery(look, LOOK_MS);
  useEffect(() => {
    if (seen.get().value) look();
  }, [heard]);
  return { ...useSignal(seen), known, reload: look };
}
