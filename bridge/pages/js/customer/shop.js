// The catalogue: what is free now, search, and the order form over it.
import { html, useState } from "../lib.js";
import { useQuiet } from "../data.js";
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
import { PRODUCTS_PAGE, useFoundProducts, useMyOrders, useProduct, useProducts }
  from "./mine.js";
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
const SEARCH_MAX = 64; // characters that the server looks for

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

const byName = (a, b) =>
  a.name.localeCompare(b.name, locale(), { numeric: true }) || a.id - b.id;

const hasWords = ({ name }, words) =>
  words.every((word) => name.toLocaleLowerCase().includes(word));

// What fits the text: of what is here, at once; of the rest of the catalogue, as the server has it.
function useFound(products, text, isAll) {
  const asked = useQuiet(text.trim());
  const more = useFoundProducts(isAll ? "" : asked.slice(0, SEARCH_MAX)).value || [];
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const here = products.filter((product) => hasWords(product, words));
  if (isAll || !words.length) return here;
  const others = more.filter(({ id }) => here.every((one) => one.id !== id));
  return [...here, ...(asked === text.trim() ? others
    : others.filter((product) => hasWords(product, words)))];
}

function Catalogue({ products, isAll, onMore }) {
  const [text, setText] = useState("");
  const [filter, setFilter] = useState("all");
  const [most, setMost] = useState(SHOWN_FIRST);
  const stale = useStale();
  const found = useFound(products, text, isAll).filter(FILTERS[filter]).sort(byName);
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
          ${t("shop.more", { n: number(found.length - most) })}<//>`}
        ${found.length <= most && !isAll && !text && html`<${Button} look="touch wide"
          onClick=${() => {
            setMost(most + PRODUCTS_PAGE);
            onMore();
          }}>${t("shop.goOn")}<//>`}`
      : html`<${Blank} icon="search" title=${t("shop.unfound")}
          action=${html`<${Button} look="compact" onClick=${clear}>${t("shop.clear")}<//>`}>
          ${t("shop.unfound.say")}<//>`}`;
}

// One more page of the catalogue each time; what was shown stays until it is here.
function useCatalogue() {
  const [wanted, setWanted] = useState(PRODUCTS_PAGE);
  const [kept, setKept] = useState(undefined);
  const live = useProducts(wanted);
  if (live.value && kept?.value !== live.value) setKept({ value: live.value, wanted });
  const value = live.value || kept?.value;
  return { ...live, value, isAll: value && value.length < (live.value ? wanted : kept.wanted),
    more: () => setWanted(wanted + PRODUCTS_PAGE) };
}

export function ShopPage({ product }) {
  const products = useCatalogue();
  const here = product && products.value?.find(({ id }) => String(id) === product);
  const other = useProduct(product && products.value && !here ? product : "").value;
  const chosen = here || (product && String(other?.id) === product ? other : null);
  return html`<${Shell} title=${t("shop.title")} at="shop" broad>
    <${Waiting} />
    ${whileLoading(products) || (products.value.length
      ? html`<${Catalogue} products=${products.value} isAll=${products.isAll}
          onMore=${products.more} />`
      : html`<${Blank} icon="stock" title=${t("shop.empty")}>${t("shop.empty.say")}<//>`)}
    ${chosen && html`<${OrderForm} key=${chosen.id} product=${chosen}
      onClose=${() => navigate("/ui/shop", { replace: true })} />`}
  <//>`;
}
