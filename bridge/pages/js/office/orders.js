// Orders: the list, and beside it the one that is open.
import { html, useEffect, useRef } from "../lib.js";
import { doorName, exactly } from "./report.js";
import { goodsName } from "../names.js";
import { navigate } from "../router.js";
import { signal, useSignal } from "../signal.js";
import { isUnderWay, orderStates } from "../states.js";
import { clockOrDate } from "../time.js";
import { number, t } from "../words.js";
import { OrderBadge } from "../parts/badge.js";
import { Button } from "../parts/button.js";
import { useStale } from "../parts/fresh.js";
import { Blank, whileLoading } from "../parts/notice.js";
import { step } from "./keys.js";
import { Order } from "./order.js";
import { GROUPS, useOrders } from "./orders_list.js";
import { Shell } from "./shell.js";

// What is looked for stays while one goes from order to order.
const search = signal("");
const chosenState = signal("all");

const StateFilter = ({ value, onChange }) => html`<div class="field filter">
  <label for="state-filter" class="said">${t("orders.state")}</label>
  <select id="state-filter" value=${value} onChange=${(event) => onChange(event.target.value)}>
    ${Object.keys(GROUPS).map((name) => html`<option value=${name} selected=${name === value}>
      ${t("orders.group." + name)}</option>`)}
    ${Object.entries(orderStates).map(([name, { word }]) => html`<option value=${name}
      selected=${name === value}>${t(word)}</option>`)}
  </select>
</div>`;

const whereOf = (order) => (order.locker ? doorName(order.locker, order.compartment)
  : isUnderWay(order) ? t("orders.nowhere") : t("orders.at", { at: clockOrDate(order.orderedAt) }));

const Row = ({ order, current }) => html`<li>
  <a class="row-link" href=${"/ui/office/orders/" + order.id} data-order=${order.id}
    aria-current=${current ? "true" : undefined}>
    <span class="row-id">${order.id}</span>
    <span class="row-main"><strong>${goodsName(order)}</strong>
      <small>${whereOf(order)}</small>
    </span>
    <span class="row-end"><${OrderBadge} order=${order} />
      <time datetime=${order.updatedAt} title=${exactly(order.updatedAt)}>
        ${clockOrDate(order.updatedAt)}</time></span>
  </a>
</li>`;

function Nothing({ any }) {
  const clear = () => {
    search.set("");
    chosenState.set("all");
  };
  return any
    ? html`<${Blank} icon="search" title=${t("orders.unfound")}
        action=${html`<${Button} look="compact" onClick=${clear}>${t("orders.clear")}<//>`}>
        ${t("orders.unfound.say")}<//>`
    : html`<${Blank} icon="orders" title=${t("orders.none")}>${t("orders.none.say")}<//>`;
}

function List({ live, isSought, id }) {
  const stale = useStale();
  const { orders, all } = live.value;
  const rows = useRef();
  useEffect(() => {
    const row = rows.current?.querySelector('[aria-current="true"]');
    if (row) row.scrollIntoView({ block: "nearest" });
  }, [id]);
  if (!orders.length && live.loading) return html`<p class="second">${t("orders.looking")}</p>`;
  if (!orders.length && all) return html`<${Nothing} any=${isSought} />`;
  return html`<div class="card list-card">
    <ol class=${"rows" + stale} ref=${rows}>${orders.map((order) => html`
      <${Row} key=${order.id} order=${order} current=${String(order.id) === id} />`)}</ol>
    <div class="card-foot"><span class="cap">${t(all ? "orders.shown.all" : "orders.shown",
      { n: number(orders.length) })}</span><span class="push"></span>
      ${!all && html`<${Button} look="compact" busy=${live.loading} onClick=${live.older}>
        ${t("orders.older")}<//>`}</div>
  </div>`;
}

export default function OrdersPage({ id }) {
  const text = useSignal(search);
  const state = useSignal(chosenState);
  const live = useOrders(text, state);
  const found = live.value?.orders || [];
  const open = (one) => (one ? navigate("/ui/office/orders/" + one, { replace: Boolean(id),
    still: true }) : false);
  const move = (by) => open(step(found, (order) => String(order.id), id, by)?.id);
  const enter = () => {
    const typed = text.trim().replace("#", "");
    const exact = /^[1-9]\d{0,15}$/.test(typed) ? typed : found[0]?.id;
    if (exact) navigate("/ui/office/orders/" + exact);
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    Escape: () => (id ? navigate("/ui/office/orders") : false),
  };
  return html`<${Shell} at="orders" single keys=${keys} help=${["move", "close"]}
    title=${id ? t("order.title", { id }) : t("office.orders")}
    search=${{ label: t("orders.search"), value: text, onInput: search.set, onEnter: enter }}>
    <div class="orders" data-open=${id ? "" : undefined}>
      <section class="orders-list" aria-label=${t("orders.list")}>
        <div class="page-head">${id ? html`<h2 class="page-title">${t("office.orders")}</h2>`
          : html`<h1>${t("office.orders")}</h1>`}
          <span class="push"></span>
          <${StateFilter} value=${state} onChange=${chosenState.set} /></div>
        ${whileLoading(live, 12) || html`<${List} live=${live} id=${id}
          isSought=${text.trim() !== "" || state !== "all"} />`}
      </section>
      <section class="orders-one" aria-label=${t("orders.one")}>
        ${id ? html`<${Order} key=${id} id=${id} />`
          : html`<${Blank} icon="orders" title=${t("orders.choose")}>${t("orders.choose.say")}<//>`}
      </section>
    </div>
  <//>`;
}
