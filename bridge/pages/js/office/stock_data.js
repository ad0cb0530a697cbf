// Products with what is there of them, and units with where each is.
import { list } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { recentEvents } from "./recent.js";

export const LIST_MAX = 1000; // products, and units, that are loaded
const SPLITS_MAX = 2000;

// What a product's pieces are for: known once the stream has told of it.
const splitOf = ({ availableQty, reservedQty, rentedQty, registeredQty }) =>
  ({ available: availableQty, reserved: reservedQty, rented: rentedQty,
    registered: registeredQty });

async function load() {
  const [products, events] = await Promise.all([list("/products", "products", LIST_MAX),
    recentEvents(["stock"], SPLITS_MAX)]);
  const splits = new Map();
  for (const { data } of events) splits.set(data.productId, splitOf(data));
  return products.map((product) => {
    const split = splits.get(product.id);
    const isLevel = split && split.available === product.qty &&
      split.registered === product.registeredQty;
    return { ...product, split: isLevel ? split : null };
  });
}

// Pure: the products after these events; a row keeps its place.
export function applyProducts(products, events) {
  const next = products.slice();
  for (const { type, data } of events) {
    const id = type === "StockChanged" ? data.productId : data.id;
    const index = next.findIndex((one) => one.id === id);
    if (type === "StockChanged" && index >= 0) {
      next[index] = { ...next[index], qty: data.availableQty, registeredQty: data.registeredQty,
        split: splitOf(data) };
    } else if (type === "ProductSaved") {
      if (index < 0) next.push({ qty: 0, split: null, ...data });
      else next[index] = { ...next[index], name: data.name, size: data.size };
    }
  }
  return next;
}

export const useProducts = () => useLive({ name: "stock", load, kinds: ["stock", "product"],
  apply: applyProducts });

const loadUnits = () => list("/assets", "assets", LIST_MAX);

// No event tells of units: they are loaded again when goods have moved.
export const useUnits = () => useLive({ name: "units", load: loadUnits, kinds: ["stock", "order"],
  apply: () => RELOAD });

// Pure: what was ordered and not there: [{productId, productName, orders, pieces, reason, at}].
export function shortages(orders) {
  const found = new Map();
  for (const order of orders) {
    if (order.rentalStatus !== "CANCELED_OutOfStock") continue;
    const kept = found.get(order.productId) || { productId: order.productId,
      productName: order.productName, reason: order.reason, at: order.updatedAt, orders: 0,
      pieces: 0 };
    found.set(order.productId, { ...kept, orders: kept.orders + 1,
      pieces: kept.pieces + order.rentalQty });
  }
  return [...found.values()];
}

// "asset:LT-7" as people read it: LT-7.
export const labelName = (label) => label.slice(label.indexOf(":") + 1);
