// The orders, newest first: the newest ones at once, older ones when they are asked for.
import { get } from "../api.js";
import { useLive } from "../data.js";
import { useState } from "../lib.js";

const PAGE = 100;

// The API lists orders oldest first; so the last pages are read, from the end.
async function load(wanted) {
  const last = await get(`/myOrders?page=0&size=${PAGE}`);
  const pages = last.page.totalPages;
  const first = Math.max(0, pages - Math.ceil(wanted / PAGE) - 1);
  const answers = [];
  for (let page = first; page < pages; page++) {
    answers.push(page === 0 ? last : await get(`/myOrders?page=${page}&size=${PAGE}`));
  }
  const orders = answers.flatMap((answer) => answer._embedded.myOrders);
  return { orders: orders.sort((a, b) => b.id - a.id), of: last.page.totalElements,
    all: first === 0 };
}

// Pure: the list after these events. A new order comes in at the top; a row keeps its place.
export function applyOrders(list, events) {
  const changed = new Map();
  for (const { type, data } of events) {
    if (type === "OrderChanged") changed.set(data.id, data);
  }
  if (!changed.size) return list;
  const orders = list.orders.map((order) => {
    const next = changed.get(order.id);
    changed.delete(order.id);
    return next || order;
  });
  const newest = orders.length ? orders[0].id : 0;
  const added = [...changed.values()].filter(({ id }) => id > newest).sort((a, b) => b.id - a.id);
  return { ...list, orders: [...added, ...orders], of: list.of + added.length };
}

// As useLive has it; value: {orders, of: how many there are, all: are they all here}; older().
export function useOrders() {
  const [wanted, setWanted] = useState(2 * PAGE);
  const live = useLive({ name: `orders ${wanted}`, load: () => load(wanted), kinds: ["order"],
    apply: applyOrders });
  const [kept, setKept] = useState(undefined);
  if (live.value && kept !== live.value) setKept(live.value);
  return { ...live, value: live.value || kept, older: () => setWanted(wanted + 5 * PAGE) };
}
