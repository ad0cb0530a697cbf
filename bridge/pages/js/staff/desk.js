// The desk: an order by its number or label, what it needs; hand over, and a receipt to print.
import { find, lookFor, send } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { html, useEffect, useRef, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { goodsName } from "../names.js";
import { navigate } from "../router.js";
import { useSignal } from "../signal.js";
import { orderState, orderStates } from "../states.js";
import { dateTime } from "../time.js";
import { t } from "../words.js";
import { OrderBadge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Facts } from "../parts/card.js";
import { Confirm } from "../parts/dialog.js";
import { useStale } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { Blank, whileLoading } from "../parts/notice.js";
import { Said } from "../parts/said.js";
import { QrCode } from "./codes.js";
import { labelOf, readLabel } from "./label.js";
import { doorOf } from "./picks.js";
import { Shell } from "./shell.js";
import { deskOf, station, StationForm } from "./station.js";
import { empty, isEnter, Keys } from "./wedge.js";

const NEEDS_SOMEBODY = ["lost", "waits", "fetch"];
const UNITS_MAX = 1000; // of one order

async function load(id) {
  const [order, delivery] = await Promise.all([find(`/myOrders/${id}`), find(`/deliveries/${id}`)]);
  if (!order) return { order: null };
  const units = delivery?.fulfilment === "direct" ? []
    : (await lookFor(`/assets?order=${id}&size=100`, "assets", UNITS_MAX)).items;
  return { order, delivery, units: units.map(({ label }) => label.slice(label.indexOf(":") + 1)) };
}

const useOrder = (id) => useLive({ name: "desk:" + id, kinds: ["order"], load: () => load(id),
  apply: (value, events) => (events.some(({ data }) => data.id === id) ? RELOAD : value) });

/**
 * Pure: what an order needs of staff: {need, flow, canHandOver, canPrint}. need is a word's key;
 * flow: what to scan for it, and the word for that when it is not the flow's.
 */
export function needOf({ order, delivery }) {
  const state = orderState(order);
  const direct = delivery?.fulfilment === "direct";
  const use = delivery?.compartmentUse;
  if (state === "RESERVED") {
    return direct ? { need: "ORDERED" } : { need: "RESERVED", flow: "PICK" };
  }
  if (state === "PICKED") {
    return { need: order.compartment ? "PICKED" : "waits", flow: order.compartment ? "LOAD" : null,
      canHandOver: true };
  }
  if (state === "READY") {
    return use === "assigned" ? { need: "lost", flow: "LOAD" } : { need: "READY" };
  }
  if (state === "DELIVERED" && direct) return { need: "direct", canPrint: true };
  if (state === "DELIVERED") {
    return { need: "DELIVERED", canPrint: true, flow: "RETURN", word: "back" };
  }
  if (state === "RETURNING") {
    return use === "loaded" ? { need: "check", flow: "RETURN" } : { need: "RETURNING" };
  }
  if (state === "ORDERED" || state === "RETURNED") return { need: state };
  return use === "loaded" ? { need: "fetch", flow: "RETURN" } : { need: "ended" };
}

// The two scans of a hand-over. What the flow refuses is a sentence.
async function handOver(id) {
  const name = deskOf(station.get());
  for (const label of [labelOf("command", "HANDOVER"), labelOf("order", String(id))]) {
    const { result, prompt } = await send("POST", "/scans", { station: name, label });
    if (result !== "accepted") throw Object.assign(new Error(prompt), { status: 200 });
  }
}

function HandOver({ order, onClose }) {
  const name = useSignal(station);
  if (!name) return html`<div class="card card-body"><${StationForm} /></div>`;
  return html`<${Confirm} title=${t("desk.handOver.ask", { id: order.id })} danger=${false}
    word=${String(order.id)} confirm=${t("desk.handOver")} keep=${t("desk.handOver.keep")}
    onClose=${onClose} onConfirm=${() => handOver(order.id)}>
    ${t("desk.handOver.say", { goods: goodsName(order) })}<//>`;
}

const Receipt = ({ shown: { order, units } }) => html`
  <section class="receipt" aria-label=${t("desk.receipt")}>
    <p class="receipt-mark">${t("app.name")}</p>
    <h2>${t("desk.receipt")}</h2>
    <p><strong>${goodsName(order)}</strong></p>
    <${Facts} facts=${[[t("label.order"), order.id], [t("desk.units"), units.join(", ")],
      [t("desk.ordered"), dateTime(order.orderedAt)],
      [t("desk.handed"), dateTime(order.updatedAt)]]} />
    <div class="receipt-code"><${QrCode} text=${labelOf("order", String(order.id))}
      label=${t("staff.order", order)} /><p>${t("desk.receipt.say")}</p></div>
  </section>`;

function Actions({ shown, asks, setAsks }) {
  const away = useFresh().state === "away";
  const { flow, word = flow, canHandOver, canPrint } = needOf(shown);
  const { order } = shown;
  const why = away ? { disabled: true, title: t("desk.away") } : {};
  return html`<div class="desk-actions">
    ${flow && html`<${ButtonLink} icon="scan"
      look=${canHandOver || canPrint ? "touch" : "touch primary"}
      href=${`/ui/staff/scan?do=${flow}&order=${order.id}`}>${t("desk.do." + word)}<//>`}
    ${canHandOver && html`<${Button} look="touch primary" icon="counter" ...${why}
      onClick=${() => setAsks(true)}>${t("desk.handOver")}<//>`}
    ${canPrint && html`<${Button} look="touch primary" icon="print" onClick=${() => print()}>
      ${t("desk.print")}<//>`}
    <${ButtonLink} look="touch" icon="orders" href=${"/ui/office/orders/" + order.id}>
      ${t("desk.story")}<//>
    ${asks && html`<${HandOver} order=${order} onClose=${() => setAsks(false)} />`}
  </div>`;
}

function Order({ shown }) {
  const [asks, setAsks] = useState(false);
  const stale = useStale();
  const { order, units } = shown;
  const { need, canPrint } = needOf(shown);
  const values = { door: order.locker ? doorOf(order) : "" };
  return html`<article class=${"desk-order" + stale}>
      <div class="desk-need" data-tone=${NEEDS_SOMEBODY.includes(need) ? "warn"
        : orderStates[orderState(order)].tone} role="status">
        <${OrderBadge} order=${order} />
        <h2>${t("need." + need, values)}</h2>
        ${order.reason && html`<p><${Said} text=${order.reason} /></p>`}
      </div>
      <div class="card card-body"><p class="desk-goods">${goodsName(order)}</p>
        <${Facts} facts=${[[t("label.order"), order.id],
          [t("desk.units"), (units || []).join(", ")],
          [t("desk.where"), order.compartment && doorOf(order)],
          [t("desk.ordered"), dateTime(order.orderedAt)],
          [t("desk.collectBy"), order.collectBy && dateTime(order.collectBy)]]} /></div>
    </article>
    <${Actions} shown=${shown} asks=${asks} setAsks=${setAsks} />
    ${canPrint && html`<${Receipt} shown=${shown} />`}`;
}

function Found({ id }) {
  const live = useOrder(id);
  const waits = whileLoading(live, 6);
  if (waits) return waits;
  if (!live.value.order) {
    return html`<${Blank} icon="unknown" title=${t("desk.unknown", { id })}>
      ${t("desk.unknown.say")}<//>`;
  }
  return html`<${Order} shown=${live.value} />`;
}

// The number of what was typed or scanned, or null.
function numberOf(text) {
  const label = readLabel(text);
  if (label) return label.kind === "order" ? Number(label.value) : null;
  const [, digits] = /^#?([1-9]\d{0,15})$/.exec(text.trim()) || [];
  return digits ? Number(digits) : null;
}

function FindOrder({ id }) {
  const [wrong, setWrong] = useState(false);
  const field = useRef();
  const keys = useRef(new Keys());
  useEffect(() => field.current.focus({ preventScroll: true }), [id]);
  const go = () => {
    const text = keys.current.read(field.current.value);
    const found = numberOf(text);
    keys.current.clear();
    empty(field.current);
    setWrong(text && !found);
    if (found) navigate("/ui/staff/desk/" + found, { replace: Boolean(id), still: true });
  };
  const onKeyDown = (event) => {
    if (!isEnter(event)) {
      keys.current.press(event);
      return;
    }
    event.preventDefault();
    go();
  };
  const onInput = ({ target, inputType }) => {
    if (!target.value) keys.current.clear();
    else if (/Paste|Drop|Cut|Undo|Redo/.test(inputType || "")) keys.current.spoil();
  };
  const submit = (event) => {
    event.preventDefault();
    go();
  };
  return html`<form class="station-input" onSubmit=${submit} role="search">
    <div class="search"><${Icon} name="search" /><input ref=${field} id="order"
      aria-label=${t("desk.find")} placeholder=${t("desk.number")} autocomplete="off"
      spellcheck=${false} maxlength="64" enterkeyhint="search" aria-invalid=${String(wrong)}
      aria-describedby=${wrong ? "order-wrong" : undefined}
      onKeyDown=${onKeyDown} onInput=${onInput} /></div>
    <${Button} look="touch" type="submit">${t("desk.go")}<//>
    ${wrong && html`<p class="field-error" data-tone="bad" id="order-wrong" role="alert">
      <${Icon} name="jammed" /><span>${t("desk.wrong")}</span></p>`}
  </form>`;
}

export default function DeskPage({ id }) {
  const number = /^[1-9]\d{0,15}$/.test(id || "") ? Number(id) : null;
  return html`<${Shell} at="desk" className="tasks desk"
    title=${number ? t("staff.order", { id: number }) : t("staff.desk")} heading=${t("staff.desk")}>
    <${FindOrder} id=${number} />
    ${number ? html`<${Found} key=${number} id=${number} />`
      : html`<${Blank} icon="counter" title=${t("desk.empty")}>${t("desk.empty.say")}<//>`}<//>`;
}
