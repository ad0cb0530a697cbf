// The catalogue: what is free now, search, and the order form over it.
import { html, useState } from "../lib.js";
import { ListKeys } from "../keys.js";
import { navigate } from "../router.js";
import { duration, useNow } from "../time.js";
import { locale, number, t } from "../words.js";
import { Button } from "../parts/button.js";
import { OrderBadge } from "../parts/badge.js";
import { Search } from "../parts/field.js";
import { useStale } from "../parts/fresh.js";
import { Drawing, Icon } from "../parts/icon.js";
import { Blank, whileLoading } from "../parts/notice.js";
import { useMyOrders, useProducts } from "./mine.js";
import { OrderForm } from "./order_form.js";
import { FreeNow } from "./shop_free.js";
import { next } from "./story.js";
import { hasCode, Shell } from "./shell.js";

const Goods = ({ product }) => html`<li data-none-left=${product.qty ? undefined : ""}>
  <a class="card" href=${"/ui/shop/" + product.id}>
    <${Drawing} of=${product.name} />
    <span class="goods-text">
      <h2>${product.name}</h2>
      <${FreeNow} product=${product} />
      <span class="goods-size">${t("shop.lockerSize", { size: product.size })}</span>
    </span>
    <${Icon} name="next" />
  </a>
</li>`;

// What waits for its customer stands above everything else.
function Waiting() {
  const now = useNow(15000);
  const order = (useMyOrders().value || []).find(hasCode);
  if (!order) return null;
  const left = order.collectBy
    ? t("code.left", { time: duration(new Date(order.collectBy) - now) }) : "";
  const { title, say } = next({ order }, left);
  return html`<a class="next-step" href=${`/ui/orders/${order.id}/code`} data-tone="good">
    <${OrderBadge} order=${order} loud /><h2>${title}</h2><${Icon} name="next" />
    <p>${order.productName} · ${say}</p></a>`;
}

const SHOWN_FIRST = 60; // products, until somebody asks for more

const FILTERS = {
  all: () => true,
  free: (product) => product.qty > 0,
  S: ({ size }) => size === "S",
  M: ({ size }) => size === "M",
  L: ({ size }) => size === "L",
};

function Filters({ products, value, onChange }) {
  const names = { all: t("shop.all"), free: t("shop.freeNow") };
  const sizes = ["S", "M", "L"].filter((size) => products.some((product) => product.size === size));
  const shown = ["all", "free", ...(sizes.length > 1 ? sizes : [])];
  return html`<div class="filters" role="group" aria-label=${t("shop.show")}>
    ${shown.map((name) => html`<${Button} aria-pressed=${String(name === value)}
      onClick=${() => onChange(name)}>${names[name] || t("shop.size", { size: name })}<//>`)}
  </div>`;
}

function Catalogue({ products }) {
  const [text, setText] = useState("");
  const [filter, setFilter] = useState("all");
  const [most, setMost] = useState(SHOWN_FIRST);
  const stale = useStale();
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = products
    .filter(FILTERS[filter])
    .filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)))
    .sort((a, b) => a.name.localeCompare(b.name, locale(), { numeric: true }) || a.id - b.id);
  const clear = () => {
    setText("");
    setFilter("all");
  };
  return html`
    <${ListKeys} search="[type=search]" list=".goods a" />
    <${Search} label=${t("shop.search")} shortcut="/" value=${text}
      onInput=${(event) => setText(event.target.value)} />
    <${Filters} products=${products} value=${filter} onChange=${setFilter} />
    ${found.length ? html`<ul class=${"goods" + stale} id="goods">
        ${found.slice(0, most).map((product) =>
          html`<${Goods} key=${product.id} product=${product} />`)}</ul>
        ${found.length > most && html`<${Button} look="touch wide"
          onClick=${() => setMost(most + SHOWN_FIRST)}>
          ${t("shop.more", { n: number(found.length - most) })}<//>`}`
      : html`<${Blank} icon="search" title=${t("shop.unfound")}
          action=${html`<${Button} look="compact" onClick=${clear}>${t("shop.clear")}<//>`}>
          ${t("shop.unfound.say")}<//>`}`;
}

export function ShopPage({ product }) {
  const products = useProducts();
  const chosen = product && products.value?.find(({ id }) => String(id) === product);
  return html`<${Shell} title=${t("shop.title")} at="shop" broad>
    <${Waiting} />
    ${whileLoading(products) || (products.value.length
      ? html`<${Catalogue} products=${products.value} />`
      : html`<${Blank} icon="stock" title=${t("shop.empty")}>${t("shop.empty.say")}<//>`)}
    ${chosen && html`<${OrderForm} key=${chosen.id} product=${chosen}
      onClose=${() => navigate("/ui/shop", { replace: true })} />`}
  <//>`;
}
