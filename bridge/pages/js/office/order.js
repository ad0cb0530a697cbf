// One order: what it is, its whole story, who told whom, and taking all that along.
import { find, send } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { html, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { goodsName } from "../names.js";
import { hasEnded, orderState } from "../states.js";
import { clockExact, date, dateTime, dayTime, duration, useNow } from "../time.js";
import { t } from "../words.js";
import { OrderBadge } from "../parts/badge.js";
import { Button, Choices } from "../parts/button.js";
import { Confirm } from "../parts/dialog.js";
import { useStale } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { Blank, Notice, whileLoading } from "../parts/notice.js";
import { Said } from "../parts/said.js";
import { copy } from "./copy.js";
import { mermaid, messages } from "./order_messages.js";
import { Sequence } from "./order_sequence.js";
import { longestWait, storySteps } from "./order_steps.js";
import { Waterfall } from "./order_waterfall.js";
import { doorName } from "./report.js";

const CAN_CANCEL = ["ORDERED", "RESERVED", "PICKED", "READY"];
const SHOW = ["all", "state", "scan", "door"];

// {order, delivery, story}; order is null for one that is not there.
async function load(id) {
  const order = await find(`/myOrders/${id}`);
  if (!order) return { order: null, delivery: null, story: [] };
  const [delivery, story] = await Promise.all([find(`/deliveries/${id}`),
    find(`/myOrders/${id}/story`)]);
  return { order, delivery, story: story?._embedded?.steps || [] };
}

const Fact = ({ name, children, small }) => html`<div><dt>${name}</dt>
  <dd>${children}${small && html`<small>${small}</small>`}</dd></div>`;

function Took({ order, steps }) {
  const now = useNow(1000);
  const end = hasEnded(order) ? new Date(order.updatedAt) : now;
  const longest = longestWait(steps);
  return html`<${Fact} name=${t(hasEnded(order) ? "order.took" : "order.tookSoFar")}
    small=${longest && t("order.longest", { age: duration(longest.ms),
      before: longest.before.title })}>${duration(end - new Date(order.orderedAt))}<//>`;
}

function Head({ order, delivery, steps }) {
  const stale = useStale();
  const place = order.locker && html`<a href=${`/ui/office/wall/${order.locker}/` +
    (order.compartment || "")}>${doorName(order.locker, order.compartment)}</a>`;
  const last = steps.findLast(({ where }) => where)?.where;
  const elsewhere = delivery?.fulfilment === "direct" ? t("order.counter")
    : t(last || hasEnded(order) ? "order.none" : "order.nowhere");
  return html`<dl class=${"card order-head" + stale}>
    <${Fact} name=${t("order.goods")} small=${t("order.product", { id: order.productId })}>
      <a href=${"/ui/office/stock/products/" + order.productId}>${goodsName(order)}</a><//>
    <${Fact} name=${t("order.where")} small=${delivery?.compartmentUse
      ? t("order.use." + delivery.compartmentUse)
      : !place && last && t("order.was", { place: last })}>
      ${place || elsewhere}<//>
    <${Fact} name=${t("order.collectBy")}>${order.collectBy ? dayTime(order.collectBy)
      : t("order.none")}<//>
    <${Fact} name=${t("order.ordered")}>${dateTime(order.orderedAt)}<//>
    <${Took} order=${order} steps=${steps} />
  </dl>`;
}

const dayOf = (at) => new Date(at).toDateString();

// The clock alone, but for the first step of a day that is not today.
function whenOf(one, before) {
  const isSaid = before?.at ? dayOf(before.at) === dayOf(one.at)
    : dayOf(one.at) === dayOf(Date.now());
  return isSaid ? clockExact(one.at) : `${date(one.at)} ${clockExact(one.at)}`;
}

const Step = ({ one, before }) => html`<li data-step=${one.step}
  aria-current=${one.step === "now" ? "step" : undefined}>
  <span class="timeline-mark"><${Icon} name=${one.icon} /></span>
  <div class="timeline-text"><strong>${one.title}</strong>
    ${(one.say || one.where || one.who) && html`<p>
      ${one.say && html`<${Said} text=${one.say} own=${one.kind === "door"} />`}
      ${one.say && one.where ? ", " : ""}${one.where} <span class="who">${one.who}</span></p>`}
  </div>
  ${one.at ? html`<time datetime=${one.at} title=${dateTime(one.at)}>
      ${whenOf(one, before)}</time>`
    : html`<span class="timeline-when">${t("time.now")}</span>`}
</li>`;

function Story({ steps }) {
  const [show, setShow] = useState("all");
  const stale = useStale();
  const shown = steps.filter(({ kind }) => show === "all" || kind === show);
  return html`<section class="card" aria-labelledby="story-title">
    <div class="card-head"><h2 id="story-title">${t("order.story")}</h2><span class="push"></span>
      <${Choices} label=${t("order.show")} value=${show} onChange=${setShow}
        options=${SHOW.map((value) => ({ value, label: t("order.show." + value) }))} /></div>
    ${shown.length ? html`<ol class=${"timeline dense told" + stale}>
      ${shown.map((one, i) => html`<${Step} key=${(one.at || "now") + one.title} one=${one}
        before=${shown[i - 1]} />`)}</ol>`
      : html`<p class="tail-empty">${t("order.show.none")}</p>`}
  </section>`;
}

const curlOf = (id) => [`curl -s ${location.origin}/myOrders/${id}`,
  `curl -s ${location.origin}/myOrders/${id}/story`,
  `curl -N '${location.origin}/events?subject=order/${id}'`].join("\n");

// Everything on the streams that names this order, as the README's operator sees it.
const mosquittoOf = (id) => "mosquitto_sub -p 11883 -u operator " +
  "-P \"$(cat .lockstock/secrets/operator)\" -F %J -t 'lockstock/v1/stream/+' |\n  jq -c " +
  `'{topic} + (.payload | arrays[] | select(.subject | test("^(rental|delivery|order)/${id}$")))'`;

function CopyAs({ id, told }) {
  return html`<div class="row wrap copy-as" role="group" aria-label=${t("order.copy.say")}>
    <span class="small faint">${t("order.copy")}</span>
    <${Button} look="compact" icon="copy" onClick=${() => copy("curl", curlOf(id))}>curl<//>
    <${Button} look="compact" icon="copy"
      onClick=${() => copy("mosquitto_sub", mosquittoOf(id))}>mosquitto_sub<//>
    <${Button} look="compact" icon="copy"
      onClick=${() => copy("Mermaid", mermaid(told))}>Mermaid<//>
  </div>`;
}

function Cancel({ order, reload }) {
  const [asks, setAsks] = useState(false);
  const isAway = useFresh().state === "away";
  const { id } = order;
  if (!CAN_CANCEL.includes(orderState(order))) return null;
  return html`<${Button} look="compact" icon="close" disabled=${isAway}
      title=${isAway ? t("office.away.button") : undefined}
      onClick=${() => setAsks(true)}>${t("order.cancel")}<//>
    ${asks && html`<${Confirm} title=${t("order.cancel.ask", { id })} word=${String(id)}
      confirm=${t("order.cancel.do", { id })} keep=${t("order.cancel.keep")}
      onClose=${() => setAsks(false)}
      onConfirm=${() => send("DELETE", `/rentals/${id}`).then(reload)}>
      <p>${t("order.cancel.say", { goods: goodsName(order) })}</p><//>`}`;
}

function Known({ id, value, reload }) {
  const { order, delivery, story } = value;
  const steps = storySteps(order, story);
  const told = messages(story);
  return html`
    <div class="page-head">
      <${Back} /><h1>${t("order.title", { id })}</h1>
      <${OrderBadge} order=${order} loud=${orderState(order) === "READY"} />
      <span class="push"></span>
      <${CopyAs} id=${id} told=${told} /><${Cancel} order=${order} reload=${reload} />
    </div>
    ${order.reason && html`<${Notice} tone="warn"><${Said} text=${order.reason} /><//>`}
    <${Head} order=${order} delivery=${delivery} steps=${steps} />
    <${Story} steps=${steps} />
    <${Waterfall} story=${story} />
    ${told.rows.length > 0 && html`<section class="card" aria-labelledby="told-title">
      <div class="card-head"><h2 id="told-title">${t("order.told")}</h2><span class="push"></span>
        <span class="cap">${t("order.told.say")}</span></div>
      <${Sequence} id=${id} ...${told} /></section>`}`;
}

const Back = () => html`<a class="button quiet square compact" href="/ui/office/orders"
  aria-label=${t("order.back")}><${Icon} name="back" /></a>`;

const Title = ({ id }) => html`<div class="page-head"><${Back} />
  <h1>${t("order.title", { id })}</h1></div>`;

const Unknown = ({ id }) => html`<${Title} id=${id} />
  <${Blank} icon="unknown" title=${t("order.unknown")}>${t("order.unknown.say")}<//>`;

export function Order({ id }) {
  const isNumber = /^[1-9]\d{0,15}$/.test(id);
  const live = useLive({
    name: `story ${id}`,
    load: () => (isNumber ? load(id) : Promise.resolve({ order: null })),
    kinds: ["order", "door"],
    apply: (value, events) => (events.some(({ subject, data }) =>
      subject === `order/${id}` || data.deliveryId === Number(id)) ? RELOAD : value),
  });
  const waits = whileLoading(live, 8);
  if (waits) return html`<${Title} id=${id} />${waits}`;
  if (!live.value.order) return html`<${Unknown} id=${id} />`;
  return html`<${Known} id=${id} value=${live.value} reload=${live.reload} />`;
}
