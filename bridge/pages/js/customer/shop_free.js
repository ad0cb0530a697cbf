// How many of a product are free now, with its shape and its word.
import { html } from "../lib.js";
import { number, t } from "../words.js";
import { Changing } from "../parts/changing.js";
import { Icon } from "../parts/icon.js";

export function FreeNow({ product }) {
  if (!product.qty) {
    return html`<span class="goods-free" data-none><${Icon} name="nostock" />
      ${t("shop.none", { n: product.registeredQty })}</span>`;
  }
  return html`<span class="goods-free"><${Icon} name="check" />
    <${Changing} value=${product.qty}>${t("shop.free", { n: number(product.qty) })}<//></span>`;
}
