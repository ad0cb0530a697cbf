// Stock: what was ordered and not there, what there is of each product, where each unit is.
import { html } from "../lib.js";
import { productName } from "../names.js";
import { navigate } from "../router.js";
import { signal, useSignal } from "../signal.js";
import { clockOrDate } from "../time.js";
import { number, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { useStale } from "../parts/fresh.js";
import { Blank, whileLoading } from "../parts/notice.js";
import { Said } from "../parts/said.js";
import { Table } from "../parts/table.js";
import { Changing } from "../parts/changing.js";
import { step } from "./keys.js";
import { useOrders } from "./orders_list.js";
import { Shell } from "./shell.js";
import { NotThere, SideNote } from "./side.js";
import { Place, ProductSide, UnitBadge, UnitSide } from "./stock_side.js";
import { labelName, LIST_MAX, shortages, useProducts, useUnits } from "./stock_data.js";

const SHARE_WIDTH = 200;
const search = signal("");

const isLike = (text, ...names) => names.some((name) =>
  name && name.toLowerCase().includes(text.trim().toLowerCase()));

// Where the pieces of a product are: available, reserved, rented, as parts of one bar.
function Share({ product: { qty, registeredQty, split } }) {
  const scale = SHARE_WIDTH / Math.max(1, registeredQty);
  const parts = split ? [["there", split.available], ["held", split.reserved],
    ["lent", split.rented]] : [["there", qty], ["base", registeredQty - qty]];
  let x = 0;
  const bars = parts.map(([kind, n]) => {
    const width = Math.max(0, n * scale - (n ? 1 : 0));
    const bar = html`<rect class=${kind} x=${x} width=${width} height="14" />`;
    x += n * scale;
    return bar;
  });
  const say = split ? t("stock.say", split) : t("stock.say.out", { available: qty,
    out: registeredQty - qty });
  return html`<svg class="share" viewBox=${`0 0 ${SHARE_WIDTH} 14`} preserveAspectRatio="none"
    role="img" aria-label=${say}>${bars}</svg>`;
}

const Available = ({ qty }) => (qty === 0
  ? html`<${Badge} plain tone="warn" icon="nostock">0<//>`
  : html`<${Changing} value=${qty}>${number(qty)}<//>`);

const productColumns = () => [
  { name: "name", label: t("stock.product"), cell: (one) => html`<a class="plain-link"
    href=${"/ui/office/stock/products/" + one.id}>${one.name}</a>
    <small>${t("stock.kind", { id: one.id,
      tracking: t("stock.tracking." + one.tracking) })}</small>` },
  { name: "size", label: t("stock.size"), cell: ({ size }) => size },
  { name: "share", label: t("stock.where"),
    cell: (one) => html`<${Share} product=${one} />` },
  { name: "qty", label: t("stock.available"), num: true,
    cell: ({ qty }) => html`<${Available} qty=${qty} />` },
  { name: "reserved", label: t("stock.reserved"), num: true,
    cell: ({ split, qty, registeredQty }) => (split ? number(split.reserved)
      : qty === registeredQty ? 0 : "·") },
  { name: "rented", label: t("stock.rented"), num: true,
    cell: ({ split, qty, registeredQty }) => (split ? number(split.rented)
      : qty === registeredQty ? 0 : "·") },
  { name: "registered", label: t("stock.registered"), num: true,
    cell: (one) => html`<strong>${number(one.registeredQty)}</strong>` },
];

const Legend = ({ rows }) => html`<p class="legend plain-legend">
  <span><i class="swatch" data-kind="there"></i>${t("stock.available")}</span>
  <span><i class="swatch" data-kind="held"></i>${t("stock.reserved")}</span>
  <span><i class="swatch" data-kind="lent"></i>${t("stock.rented")}</span>
  ${rows.some(({ split }) => !split) && html`<span>${t("stock.dot")}</span>`}</p>`;

function Short({ orders }) {
  const stale = useStale();
  const short = shortages(orders || []);
  if (!short.length) return null;
  const columns = [
    { name: "product", label: t("stock.product"), cell: (one) => html`<a class="plain-link"
      href=${"/ui/office/stock/products/" + one.productId}>${productName(one)}</a>` },
    { name: "reason", label: t("stock.reason"),
      cell: ({ reason }) => html`<${Said} text=${reason} />` },
    { name: "orders", label: t("stock.ordersEnded"), num: true, cell: (one) => number(one.orders) },
    { name: "pieces", label: t("stock.pieces"), num: true, cell: (one) => number(one.pieces) },
    { name: "last", label: t("stock.last"),
      cell: ({ at }) => html`<time datetime=${at}>${clockOrDate(at)}</time>` },
  ];
  return html`<div class=${"group" + stale}>
    <div class="group-head"><${Badge} tone="warn" icon="nostock">${t("stock.short")}<//>
      <h2>${t("stock.short.say")}</h2></div>
    <${Table} label=${t("stock.short.say")} columns=${columns} rows=${short}
      keyOf=${({ productId }) => productId} /></div>`;
}

function Products({ live, orders, found, current, onOpen }) {
  const stale = useStale();
  if (!live.value.length) {
    return html`<${Blank} icon="stock" title=${t("stock.empty")}>${t("stock.empty.say")}<//>`;
  }
  return html`<${Short} orders=${orders} />
    <div class=${"group shares" + stale}>
      <div class="group-head"><h2>${t("stock.products")}</h2></div>
      <${Table} label=${t("stock.products")} columns=${productColumns()} rows=${found}
        keyOf=${({ id }) => id} current=${current} onRow=${onOpen} />
      <${Legend} rows=${found} /></div>`;
}

function Units({ live, found, products, current, onOpen }) {
  const stale = useStale();
  if (!live.value.length) {
    return html`<${Blank} icon="scan" title=${t("units.empty")}>${t("units.empty.say")}<//>`;
  }
  const name = (id) => products.find((one) => one.id === id)?.name ||
    t("name.product", { id });
  const columns = [
    { name: "label", label: t("unit.unit"), cell: (unit) => html`<a class="plain-link"
      href=${"/ui/office/stock/units/" + unit.id}>${labelName(unit.label)}</a>` },
    { name: "product", label: t("stock.product"), cell: (unit) => name(unit.productId) },
    { name: "state", label: t("orders.state"),
      cell: (unit) => html`<${UnitBadge} plain state=${unit.state} />` },
    { name: "place", label: t("unit.place"),
      cell: (unit) => html`<${Place} place=${unit.place} />` },
    { name: "order", label: t("door.order"), num: true, cell: ({ rentalId }) => rentalId &&
      html`<a href=${"/ui/office/orders/" + rentalId}>${rentalId}</a>` },
    { name: "since", label: t("unit.since"), cell: ({ updatedAt }) => html`<time
      datetime=${updatedAt}>${clockOrDate(updatedAt)}</time>` },
  ];
  return html`<div class=${"group" + stale}>
    <div class="group-head"><h2>${t("stock.units")}</h2></div>
    <${Table} label=${t("stock.units")} columns=${columns} rows=${found} keyOf=${({ id }) => id}
      current=${current} onRow=${onOpen} /></div>`;
}

const Tabs = ({ isUnits, products, units }) => html`<nav class="choices"
  aria-label=${t("stock.show")}>
  <a href="/ui/office/stock" aria-current=${isUnits ? undefined : "page"}>
    ${t("stock.products")} ${products === undefined ? "" : number(products)}</a>
  <a href="/ui/office/stock/units" aria-current=${isUnits ? "page" : undefined}>
    ${t("stock.units")} ${units === undefined ? "" : number(units)}</a>
</nav>`;

export default function StockPage({ product, unit }) {
  const isUnits = location.pathname.includes("/units");
  const products = useProducts();
  const units = useUnits();
  const orders = useOrders("", "CANCELED_OutOfStock");
  const text = useSignal(search);
  const live = isUnits ? units : products;
  const all = live.value || [];
  const found = all.filter((one) => (isUnits ? isLike(text, one.label, one.place)
    : isLike(text, one.name, String(one.id))));
  const base = "/ui/office/stock/" + (isUnits ? "units/" : "products/");
  const id = Number(unit || product) || undefined;
  const chosen = all.find((one) => one.id === id);
  const isGone = live.value && all.length < LIST_MAX && (unit || product) && !chosen;
  const open = (one) => (one ? navigate(base + one.id, { replace: Boolean(id), still: true })
    : false);
  const close = () => navigate(isUnits ? "/ui/office/stock/units" : "/ui/office/stock",
    { still: true });
  const keys = {
    j: () => open(step(found, (one) => one.id, id, 1)),
    k: () => open(step(found, (one) => one.id, id, -1)),
    Escape: () => (id ? close() : false),
  };
  const head = html`<div class="page-head"><h1>${t("office.stock")}</h1>
    <${Tabs} isUnits=${isUnits} products=${products.value?.length}
      units=${units.value?.length} /></div>`;
  const side = isGone ? html`<${NotThere} />` : !chosen
    ? html`<${SideNote} look="choose" icon="stock" title=${t("stock.choose")}>
        ${t("stock.choose.say")}<//>`
    : isUnits ? html`<${UnitSide} key=${id} unit=${chosen}
        product=${products.value?.find((one) => one.id === chosen.productId)} />`
      : html`<${ProductSide} key=${id} product=${chosen} />`;
  return html`<${Shell} at="stock" title=${t("office.stock")} keys=${keys} head=${head}
    help=${["move", "close"]} side=${side} sideIsOpen=${Boolean(chosen || isGone)}
    onCloseSide=${close}
    sideLabel=${t(isUnits ? "unit.unit" : "stock.product")}
    search=${{ label: t(isUnits ? "units.search" : "stock.search"), value: text,
      onInput: search.set, onEnter: () => open(found[0]) }}>
    ${whileLoading(live, 10) || (isUnits
      ? html`<${Units} live=${units} found=${found} products=${products.value || []}
          current=${id} onOpen=${open} />`
      : html`<${Products} live=${products} orders=${orders.value?.orders} found=${found}
          current=${id} onOpen=${open} />`)}
  <//>`;
}
