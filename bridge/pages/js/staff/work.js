// What there is to do on the floor: what is to be picked, loaded, checked, and what went wrong.
import { list, lookFor } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { useEffect } from "../lib.js";
import { compartmentState, hasEnded, orderState } from "../states.js";

const PICKS_MAX = 200;
const PAGE = 100;
const ON_THE_WAY_MAX = 300;
const IN_LOCKERS_MAX = 1000; // orders in lockers that are not on their way
const LOOK_AGAIN_MS = 10000;

// ---- what is to be picked ----

const isPicked = (picks, { id }) => picks.some(({ rentalId }) => rentalId === id);

// Pure: do these events change the list? An order comes in when it is reserved, and goes when it is
// anything else.
export function touches(picks, events) {
  return events.some(({ type, data }) =>
    type === "OrderChanged" && isPicked(picks, data) !== (orderState(data) === "RESERVED"));
}

// sort: "oldest" or "tour".
export function usePicks(sort) {
  return useLive({
    name: "picks:" + sort,
    kinds: ["order"],
    load: () => list(`/picks?sort=${sort}`, "picks", PICKS_MAX),
    apply: (picks, events) => (touches(picks, events) ? RELOAD : picks),
  });
}

// Who picks what is told by no event: asked again while somebody looks.
export function useLookAgain({ reload }, name) {
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [name]);
}

// ---- lockers, and the orders that are in them or on their way ----

// Orders on their way, the newest of them; what lies in a locker is loaded by its number.
const onTheWay = async () => (await lookFor(
  `/myOrders?sort=newest&size=${PAGE}&status=ORDERED,RESERVED,PICKED,READY,RETURNING`, "myOrders",
  ON_THE_WAY_MAX)).items;

async function byNumber(ids) {
  const found = [];
  for (let i = 0; i < ids.length; i += PAGE) {
    const some = ids.slice(i, i + PAGE).join();
    found.push(...(await lookFor(`/myOrders?size=${PAGE}&ids=${some}`, "myOrders")).items);
  }
  return found;
}

const idsIn = (lockers) => lockers.flatMap(({ compartments }) =>
  compartments.map(({ deliveryId }) => deliveryId).filter(Boolean));

async function loadFloor() {
  const [lockers, moving] = await Promise.all([list("/lockers", "lockers"), onTheWay()]);
  const orders = Object.fromEntries(moving.map((order) => [order.id, order]));
  const others = idsIn(lockers).filter((id) => !orders[id]).slice(0, IN_LOCKERS_MAX);
  for (const order of await byNumber(others)) orders[order.id] = order;
  return { lockers, orders };
}

const isNeeded = (order, inLocker) => !hasEnded(order) || inLocker.has(order.id);

// Pure: the floor after these events.
export function applyFloor(floor, events) {
  let { lockers } = floor;
  const orders = { ...floor.orders };
  for (const { type, data } of events) {
    if (type === "OrderChanged" && !(orders[data.id]?.updatedAt > data.updatedAt)) {
      orders[data.id] = data;
    }
    if (type !== "LockerChanged") continue;
    const at = lockers.findIndex(({ device }) => device === data.device);
    if (data.forgottenAt) lockers = lockers.filter(({ device }) => device !== data.device);
    else lockers = at < 0 ? [...lockers, data] : lockers.with(at, data);
  }
  const inLocker = new Set(idsIn(lockers));
  if (events.some(({ type }) => type === "LockerChanged") &&
      [...inLocker].some((id) => !orders[id])) return RELOAD;
  for (const order of Object.values(orders)) {
    if (!isNeeded(order, inLocker)) delete orders[order.id];
  }
  return { lockers, orders };
}

export const useFloor = () => useLive({ name: "floor", kinds: ["order", "locker"],
  load: loadFloor, apply: applyFloor });

// Pure: where an order lies or is to lie: {locker, compartment, use}, or null.
export function placeOf({ lockers }, id) {
  for (const { device, compartments } of lockers) {
    const found = compartments.find(({ deliveryId }) => deliveryId === id);
    if (found) return { locker: device, compartment: found.number, use: found.use };
  }
  return null;
}

// What one compartment asks for: {kind, order, locker, compartment}, or null.
function askedBy(locker, compartment, orders) {
  const order = orders[compartment.deliveryId];
  const of = (kind) => ({ kind, order, locker: locker.device, compartment: compartment.number });
  const door = compartmentState(locker, compartment);
  if (door === "jammed") return of(compartment.use === "loaded" ? "jammedFull" : "jammed");
  if (door === "ajar") return of("ajar");
  if (!order) return null;
  const state = orderState(order);
  if (compartment.use === "assigned" && state === "READY") return of("lost");
  if (compartment.use === "assigned" && state === "PICKED") return of("load");
  if (compartment.use === "loaded" && state === "RETURNING") return of("check");
  if (compartment.use === "loaded" && hasEnded(order)) return of("fetch");
  return null;
}

const TROUBLES = ["jammedFull", "jammed", "lost", "ajar", "offline", "waits"];

/**
 * Pure: what the floor asks for, worst first: {troubles, loads, returns}, each a list of
 * {kind, order, locker, compartment}.
 */
export function askedFor({ lockers, orders }) {
  const found = [];
  for (const locker of lockers) {
    const { device, status, compartments } = locker;
    if (status !== "online" && compartments.some(({ deliveryId }) => deliveryId)) {
      found.push({ kind: "offline", locker: device });
    }
    found.push(...compartments.map((one) => askedBy(locker, one, orders)).filter(Boolean));
  }
  for (const order of Object.values(orders)) {
    if (orderState(order) === "PICKED" && !order.compartment && order.reason) {
      found.push({ kind: "waits", order });
    }
  }
  const of = (...kinds) => found.filter(({ kind }) => kinds.includes(kind));
  return { troubles: TROUBLES.flatMap((kind) => of(kind)), loads: of("load"),
    returns: of("check", "fetch") };
}

// All of it with its number, or null until it is known.
export function useWork() {
  const picks = usePicks("oldest").value;
  const floor = useFloor().value;
  if (!picks || !floor) return null;
  const asked = askedFor(floor);
  const { troubles, loads, returns } = asked;
  return { ...asked, picks, floor,
    count: troubles.length + loads.length + returns.length + picks.length };
}
