// The customers' face: what there is to rent, my orders, one order, its code.
import { html } from "../lib.js";
import { match } from "../router.js";
import { Nothing } from "../parts/notice.js";
import "./words.js";
import { CodePage, NoCodePage } from "./code.js";
import { OrderPage } from "./order.js";
import { OrdersPage } from "./orders.js";
import { ShopPage } from "./shop.js";

export const styles = ["../../css/customer.css"];

const PAGES = [
  ["/ui/shop", ShopPage],
  ["/ui/shop/:product", ShopPage],
  ["/ui/orders", OrdersPage],
  ["/ui/orders/code", NoCodePage],
  ["/ui/orders/:id", OrderPage],
  ["/ui/orders/:id/code", CodePage],
];

export default function Face({ path }) {
  for (const [pattern, Page] of PAGES) {
    const values = match(pattern, path);
    if (values) return html`<${Page} key=${Page.name + (values.id || "")} ...${values} />`;
  }
  return html`<${Nothing} />`;
}
