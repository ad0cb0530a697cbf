// The side panel of the stock: one product, or one unit and where it is.
import { find, lookFor } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { html } from "../lib.js";
import { assetStates } from "../states.js";
import { dateTime } from "../time.js";
import { hasWord, number, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Facts } from "../parts/card.js";
import { useStale } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { copy } from "./copy.js";
import { storySteps } from "./order_steps.js";
import { doorName, exactly } from "./report.js";
import { labelName } from "./stock_data.js";

const UNITS_SHOWN = 20;

// "compartment:locker-1/03": a link to that door; "bin:A1": Bin A1.
export function Place({ place }) {
  const kind = place.slice(0, place.indexOf(":"));
  const name = place.slice(kind.length + 1);
  const [, device, door] = /^([a-z][a-z0-9-]*)\/(\d+)$/.exec(name) || [];
  if (kind === "compartment" && device) {
    return html`<a href=${`/ui/office/wall/${device}/${Number(door)}`}>
      ${doorName(device, Number(door))}</a>`;
  }
  if (kind === "customer" && /^\d+$/.test(name)) {
    return html`<a href=${"/ui/office/orders/" + name}>${t("place.customer", { name })}</a>`;
  }
  return hasWord("place." + kind) ? t("place." + kind, { name }) : place;
}

export function UnitBadge({ state, plain }) {
  const { tone, icon, word } = assetStates[state];
  return html`<${Badge} plain=${plain} tone=${tone} icon=${icon}>${t(word)}<//>`;
}

const Curl = ({ path }) => html`<${Button} look="compact" icon="copy"
  onClick=${() => copy("curl", `curl -s ${location.origin}${path}`)}>curl<//>`;

// The units of one product: no event tells of them, so they are loaded again when goods move.
const useItsUnits = (id) => useLive({ name: "units of " + id, kinds: ["stock", "order"],
  load: async () => (await lookFor(`/assets?product=${id}&size=${UNITS_SHOWN}`, "assets",
    UNITS_SHOWN)).items,
  apply: () => RELOAD });

export function ProductSide({ product }) {
  const stale = useStale();
  const { id, name, size, tracking, qty, registeredQty, split, gtin } = product;
  const own = useItsUnits(id).value || [];
  return html`<div class=${"card" + stale}>
    <div class="side-title">
      ${qty === 0 ? html`<${Badge} tone="warn" icon="nostock">${t("stock.none")}<//>`
        : html`<${Badge} tone="good" icon="check">${t("stock.free", { n: number(qty) })}<//>`}
      <h2>${name}</h2><p class="small second">${t("stock.tracking." + tracking)}</p></div>
    <div class="card-body"><${Facts} facts=${[
      [t("stock.number"), id], [t("stock.size"), size], ["GTIN", gtin],
      [t("stock.available"), number(qty)],
      [t("stock.reserved"), split ? number(split.reserved) : undefined],
      [t("stock.rented"), split ? number(split.rented) : undefined],
      [t("stock.out"), split ? undefined : number(registeredQty - qty)],
      [t("stock.registered"), number(registeredQty)]]} /></div>
    ${own.length > 0 && html`<div class="card-body"><h3>${t("stock.itsUnits")}</h3>
      <ul class="units">${own.map((unit) => html`<li key=${unit.id}>
        <a href=${"/ui/office/stock/units/" + unit.id}>${labelName(unit.label)}</a>
        <${UnitBadge} plain state=${unit.state} /></li>`)}</ul></div>`}
    <div class="card-foot"><${Curl} path=${"/products/" + id} /></div>
  </div>`;
}

const Told = ({ steps }) => html`<ol class="timeline dense">${steps.map((one) => html`
  <li data-step=${one.step} key=${(one.at || "now") + one.title}>
    <span class="timeline-mark"><${Icon} name=${one.icon} /></span>
    <div class="timeline-text"><strong>${one.title}</strong>
      <p>${one.where} <span class="who">${one.who}</span></p></div>
    ${one.at && html`<time datetime=${one.at}>${exactly(one.at)}</time>`}</li>`)}</ol>`;

// The order that a unit belongs to: its newest steps first, which is how the unit came here.
function ItsOrder({ id }) {
  const live = useLive({ name: `unit's order ${id}`, kinds: ["order"],
    load: async () => {
      const [order, story] = await Promise.all([find(`/myOrders/${id}`),
        find(`/myOrders/${id}/story`)]);
      return { order, story: story?._embedded?.steps || [] };
    },
    apply: (value, events) =>
      (events.some(({ subject }) => subject === `order/${id}`) ? RELOAD : value) });
  if (!live.value?.order) return null;
  const steps = storySteps(live.value.order, live.value.story).reverse();
  return html`<div class="card-body"><h3>${t("unit.order", { id })}</h3>
    <${Told} steps=${steps} /></div>`;
}

export function UnitSide({ unit, product }) {
  const stale = useStale();
  const { id, label, state, place, rentalId, updatedAt } = unit;
  return html`<div class=${"card" + stale}>
    <div class="side-title"><${UnitBadge} state=${state} /><h2>${labelName(label)}</h2>
      <p class="small second">${product ? html`<a
        href=${"/ui/office/stock/products/" + product.id}>${product.name}</a>` : ""}</p></div>
    <div class="card-body"><${Facts} facts=${[
      [t("unit.place"), html`<${Place} place=${place} />`],
      [t("door.order"), rentalId && html`<a
        href=${"/ui/office/orders/" + rentalId}>${rentalId}</a>`],
      [t("unit.since"), dateTime(updatedAt)],
      [t("unit.label"), label]]} /></div>
    ${rentalId && html`<${ItsOrder} key=${rentalId} id=${rentalId} />`}
    <div class="card-foot">${rentalId && html`<${ButtonLink} look="primary compact" icon="orders"
      href=${"/ui/office/orders/" + rentalId}>${t("door.openOrder", { id: rentalId })}<//>`}
      <${Curl} path=${"/assets/" + id} /></div>
  </div>`;
}
