// Which orders are mine. Of whoever is signed in the server says so; in an open system they are
// this browser's: those placed here, and those that were asked for by number. What is kept here is
// shown until the server knows better.
import { onRemembered, recall, remember } from "../keep.js";
import { RELOAD, useLive } from "../data.js";
import { find, get, list, lookFor } from "../api.js";
import { signal, useSignal } from "../signal.js";
import { isSignedIn, useWho } from "../who.js";

export const PRODUCTS_PAGE = 300; // of the catalogue at once
const ORDERS_MAX = 50; // newest first; older ones can still be found by number
const OWN_MAX = 100; // the same, of an account

// [{id, productId, productName, rentalQty, fulfilment, locker, orderedAt}], newest first
export const mine = signal(recall("orders", []));
onRemembered((name) => name === "orders" && mine.set(recall("orders", [])));

export function keepOrder(order) {
  const others = mine.get().filter(({ id }) => id !== order.id);
  const next = [order, ...others].sort((a, b) => b.id - a.id).slice(0, ORDERS_MAX);
  remember("orders", next);
  mine.set(next);
}

// What GET /myOrders would say of an order that was just placed.
const asPlaced = (kept) => ({ ...kept, rentalStatus: "ORDERED", updatedAt: kept.orderedAt });

const newer = (before, after) => (before && before.updatedAt > after.updatedAt ? before : after);

async function loadKept(kept) {
  if (!kept.length) return [];
  const ids = kept.map(({ id }) => id).join();
  const { items } = await lookFor(`/myOrders?ids=${ids}&size=100`, "myOrders");
  return kept.map((one) => items.find(({ id }) => id === one.id) || asPlaced(one));
}

// The account's own, as far as the view has them; what was just placed here stands before them.
async function loadOwn(kept) {
  const { items } = await lookFor(`/myOrders?sort=newest&size=${OWN_MAX}`, "myOrders", OWN_MAX);
  const newest = items.length ? items[0].id : 0;
  return [...kept.filter(({ id }) => id > newest).map(asPlaced), ...items];
}

function applyOrders(orders, events, isOwn) {
  let next = orders;
  for (const { data } of events) {
    const at = next.findIndex(({ id }) => id === data.id);
    if (at >= 0) next = next.with(at, newer(next[at], data));
    else if (isOwn) next = [data, ...next].sort((a, b) => b.id - a.id);
  }
  return next;
}

// My orders, newest first, as useLive gives them.
export function useMyOrders() {
  const kept = useSignal(mine);
  const isOwn = isSignedIn(useWho());
  return useLive({
    name: "my-orders:" + (isOwn ? "own:" : "") + kept.map(({ id }) => id).join(),
    kinds: ["order"],
    keep: "orders",
    load: () => (isOwn ? loadOwn : loadKept)(kept),
    apply: (orders, events) => applyOrders(orders, events, isOwn),
  });
}

async function loadOrder(id) {
  const [order, delivery, story] = await Promise.all(
    [find(`/myOrders/${id}`), find(`/deliveries/${id}`), find(`/myOrders/${id}/story`)]);
  const kept = mine.get().find((one) => one.id === id);
  if (!order && !kept) return { order: null };
  const direct = (delivery?.fulfilment || kept?.fulfilment) === "direct";
  return { order: order || asPlaced(kept), delivery, direct, story: story?._embedded.steps || [] };
}

// What the list of orders knows of it: shown until it is loaded, and without a connection.
function seedOf(id) {
  const order = recall("seen.orders", null)?.value.find((one) => one.id === id);
  const kept = mine.get().find((one) => one.id === id);
  return order && { order, delivery: null, direct: kept?.fulfilment === "direct", story: [] };
}

// One order with its delivery and story: {order: null} when there is none.
export const useOrder = (id) => useLive({
  name: "order:" + id,
  kinds: ["order"],
  seed: () => seedOf(id),
  load: () => loadOrder(id),
  apply: (value, events) => (events.some(({ data }) => data.id === id) ? RELOAD : value),
});

// Pure: products after these events. One that is not here may be new.
export function applyProducts(products, events) {
  let next = products;
  for (const event of events) {
    const id = Number(event.subject.split("/")[1]);
    const at = next.findIndex((product) => product.id === id);
    if (at < 0 && event.kind === "product") return RELOAD;
    if (at < 0) continue;
    const change = event.kind === "stock"
      ? { qty: event.data.availableQty, registeredQty: event.data.registeredQty }
      : { name: event.data.name, size: event.data.size };
    next = next.with(at, { ...next[at], ...change });
  }
  return next;
}

// The first products of the catalogue, at most `wanted`: there may be more when there are so many.
export const useProducts = (wanted = PRODUCTS_PAGE) => useLive({
  name: "products " + wanted,
  keep: wanted === PRODUCTS_PAGE ? "products" : undefined,
  kinds: ["stock", "product"],
  load: () => list("/products", "products", wanted),
  apply: applyProducts,
});

// What the catalogue has of what is looked for; nothing of "".
export const useFoundProducts = (text) => useLive({
  name: "products of " + text,
  kinds: ["stock", "product"],
  load: async () => (text ? (await lookFor(`/products?size=100&q=${encodeURIComponent(text)}`,
    "products")).items : []),
  apply: applyProducts,
});

// One product, or null.
export const useProduct = (id) => useLive({
  name: "product:" + id,
  kinds: ["stock", "product"],
  load: async () => (id ? find(`/products/${id}`) : null),
  apply: (product, events) => (product ? applyProducts([product], events.filter(({ subject }) =>
    subject.endsWith("/" + id)))[0] : product),
});

export const useLockers = () => useLive({
  name: "lockers",
  keep: "lockers",
  kinds: ["locker"],
  load: () => list("/lockers", "lockers"),
  apply: (lockers, events) => {
    let next = lockers;
    for (const { data } of events) {
      const at = next.findIndex(({ device }) => device === data.device);
      if (at < 0) return RELOAD;
      next = next.with(at, data);
    }
    return next;
  },
});

async function loadCode(id) {
  const path = `/deliveries/${id}/pickup-code`;
  const code = await get(path);
  const image = await fetch(path + "?format=svg", { cache: "no-store" }).then((answer) =>
    (answer.ok ? answer.text() : ""), () => "");
  const kept = { ...code, image, at: new Date().toISOString() };
  remember("code." + id, kept);
  return kept;
}

const forgetCode = (id) => remember("code." + id, null);

// The code of an order: {code, locker, compartment, expiresAt, purpose, image, at}, at first as it
// was seen last; or {none: sentence} when the server says that there is none.
export const useCode = (id) => useLive({
  name: "code:" + id,
  kinds: ["order"],
  seed: () => recall("code." + id, null) || undefined,
  load: () => loadCode(id).catch((problem) => {
    if (problem.status !== 404) throw problem;
    forgetCode(id);
    return { none: problem.message };
  }),
  apply: (value, events) => (events.some(({ data }) => data.id === id) ? RELOAD : value),
});
