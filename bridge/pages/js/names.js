// What things are called for people.
import { addWords, number, t } from "./words.js";

addWords({
  "name.locker": ["Locker {name}", "보관함 {name}"],
  "name.compartment": ["Compartment {n}", "{n}번 칸"],
  "name.product": ["Product {id}", "상품 {id}"],
  "name.pieces": ["{n} × {name}", "{name} {n}대"],
});

// locker-1: Locker 1; locker-b1: Locker B1; locker-lobby: Locker lobby; lobby: Lobby.
export function lockerName(device) {
  const rest = device.replace(/^locker-/, "");
  if (rest === device) return device[0].toUpperCase() + device.slice(1).replaceAll("-", " ");
  return t("name.locker", { name: /^[a-z]\d*$/.test(rest) ? rest.toUpperCase() : rest });
}

export const compartmentName = (n) => t("name.compartment", { n });

export const productName = (order) =>
  order.productName || t("name.product", { id: order.productId });

// "Laptop", "2 × Laptop"
export const goodsName = (order) => (order.rentalQty === 1 ? productName(order)
  : t("name.pieces", { n: number(order.rentalQty), name: productName(order) }));
