// The orders that fit, newest first: the newest ones at once, older ones when they are asked for.
// The server looks for state, number, goods and locker; what comes meanwhile is judged here alike.
import { lookFor } from "../api.js";
import { useLive, useQuiet } from "../data.js";
import { useState } from "../lib.js";
import { hasEnded, isUnderWay, orderState, orderStates } from "../states.js";
import { lockers } from "./lockers.js";
import { doorName } from "./report.js";

const PAGE = 100;
const LOCKERS_MAX = 4; // lockers of one search
const GOODS_MAX = 10; // products of one search

// What may be chosen beside a single state. `reason` has no index: the loaded ones are looked at.
export const GROUPS = {
  all: () => true,
  underWay: isUnderWay,
  reason: (order) => Boolean(order.reason),
  ended: hasEnded,
};

const statesOf = (group) => {
  if (group === "all" || group === "reason") return [];
  if (!(group in GROUPS)) return [group];
  const states = Object.keys(orderStates);
  return states.filter((state) => GROUPS[group]({ rentalStatus: state, deliveryStatus: state }));
};

const isInGroup = (order, group) =>
  (group in GROUPS ? GROUPS[group](order) : orderState(order) === group);

const wantedOf = (text) => text.trim().toLowerCase().replace(/^#/, "");

// Pure: does an order fit what is looked for, as far as the page alone can tell?
export function isFound(order, text, group) {
  if (!isInGroup(order, group)) return false;
  const wanted = wantedOf(text);
  if (!wanted) return true;
  if (/^\d+$/.test(wanted)) return String(order.id).startsWith(wanted);
  const place = order.locker && doorName(order.locker, order.compartment);
  return [order.productName, order.locker, place]
    .some((one) => one && one.toLowerCase().includes(wanted));
}

/**
 * What the server is to be asked: {queries, fits}. fits(order): one that comes meanwhile. A number
 * is that of an order; else the text is goods, or a locker, of which a door may be named.
 */
async function plan(text, group) {
  const states = statesOf(group);
  const ofState = states.length ? "&status=" + states.join() : "";
  const wanted = wantedOf(text);
  if (!wanted) return { queries: [ofState], fits: (order) => isInGroup(order, group) };
  if (/^[1-9]\d{0,14}$/.test(wanted)) {
    return { queries: [`&ids=${wanted}${ofState}`],
      fits: (order) => String(order.id) === wanted && isInGroup(order, group) };
  }
  const goods = (await lookFor(`/products?size=${GOODS_MAX}&q=${
    encodeURIComponent(wanted.slice(0, 64))}`, "products", GOODS_MAX)).items
    .slice(0, GOODS_MAX).map(({ id }) => id);
  const named = (lockers.get().value || []).filter(({ device, compartments }) =>
    [device, ...compartments.map(({ number }) => doorName(device, number))]
      .some((one) => one.toLowerCase().includes(wanted))).slice(0, LOCKERS_MAX);
  return {
    queries: [...(goods.length ? [`&product=${goods.join()}${ofState}`] : []),
      ...named.map(({ device }) => `&locker=${device}${ofState}`)],
    fits: (order) => isInGroup(order, group) &&
      (goods.includes(order.productId) || isFound(order, text, group)),
  };
}

// Pure: several lists, each newest first, as one. What lies before the end of one that goes on is
// left out: there might be others between.
export function merge(lists) {
  const ends = lists.filter(({ next }) => next).map(({ items }) => items.at(-1)?.id || 0);
  const end = Math.max(0, ...ends);
  const orders = new Map();
  for (const { items } of lists) {
    for (const order of items) if (order.id >= end) orders.set(order.id, order);
  }
  return { orders: [...orders.values()].sort((a, b) => b.id - a.id), all: !ends.length };
}

async function load(text, group, wanted) {
  const { queries, fits } = await plan(text, group);
  const lists = await Promise.all(queries.map((query) =>
    lookFor(`/myOrders?sort=newest&size=${PAGE}${query}`, "myOrders", wanted)));
  const { orders, all } = merge(lists);
  return { orders: orders.filter(fits), all, fits };
}

// Pure: the list after these events. A row keeps its place, goes when it fits no more, and comes in
// where it belongs, as far down as the list is loaded.
export function applyOrders(list, events) {
  const changed = new Map();
  for (const { type, data } of events) {
    if (type === "OrderChanged") changed.set(data.id, data);
  }
  if (!changed.size) return list;
  const last = list.all ? 0 : list.orders[list.orders.length - 1]?.id || 0;
  const kept = list.orders.filter(({ id }) => !changed.has(id));
  const come = [...changed.values()].filter((order) => order.id >= last && list.fits(order));
  if (!come.length && kept.length === list.orders.length) return list;
  return { ...list, orders: [...kept, ...come].sort((a, b) => b.id - a.id) };
}

// As useLive has it; value: {orders, all: are they all here}; older(): more of them.
export function useOrders(text = "", group = "all") {
  const asked = useQuiet(text);
  const name = `${group} ${wantedOf(asked)}`;
  const [wish, setWish] = useState({ name, wanted: 2 * PAGE });
  const wanted = wish.name === name ? wish.wanted : 2 * PAGE;
  const live = useLive({ name: `orders ${wanted} ${name}`, kinds: ["order"], apply: applyOrders,
    load: () => load(asked, group, wanted) });
  const [kept, setKept] = useState(undefined);
  if (live.value && kept !== live.value) setKept(live.value);
  const isOld = !live.value || asked !== text;
  const value = live.value || kept;
  const shown = value && isOld ? { ...value,
    orders: value.orders.filter((order) => isFound(order, text, group)) } : value;
  return { ...live, value: shown, older: () => setWish({ name, wanted: wanted + 5 * PAGE }) };
}
