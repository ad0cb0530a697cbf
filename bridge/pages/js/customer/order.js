// One order: its next step, why it waits or ended, how it goes, and what one can do.
import { html, useEffect, useState } from "../lib.js";
import { send } from "../api.js";
import { useFresh } from "../live.js";
import { goodsName, lockerName } from "../names.js";
import { navigate } from "../router.js";
import { hasEnded, orderState, orderStates } from "../states.js";
import { dateTime, duration, useNow } from "../time.js";
import { t } from "../words.js";
import { OrderBadge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Confirm } from "../parts/dialog.js";
import { useStale } from "../parts/fresh.js";
import { Drawing, Icon } from "../parts/icon.js";
import { Blank, Notice, whileLoading } from "../parts/notice.js";
import { Said } from "../parts/said.js";
import { Timeline } from "../parts/timeline.js";
import { toast } from "../parts/toast.js";
import { keepOrder, mine, useOrder } from "./mine.js";
import { hasCode, Shell } from "./shell.js";
import { next, timeline } from "./story.js";

const CAN_CANCEL = ["ORDERED", "RESERVED", "PICKED", "READY"];

function NextStep({ shown }) {
  const { order } = shown;
  const now = useNow(15000);
  const left = order.collectBy
    ? t("code.left", { time: duration(new Date(order.collectBy) - now) }) : "";
  const { title, say, tone, code, quiet } = next(shown, left);
  const fromServer = say && say === order.reason;
  const body = html`<${OrderBadge} order=${order} loud=${!quiet && !hasEnded(order)} />
    <h2>${title}</h2>${code && html`<${Icon} name="next" />`}
    ${say && html`<p><${Said} text=${say} own=${!fromServer} /></p>`}`;
  const shade = tone || orderStates[orderState(order)].tone;
  return code
    ? html`<a class="next-step" href=${`/ui/orders/${order.id}/code`}
        data-tone=${shade}>${body}</a>`
    : html`<section class="next-step" data-tone=${shade}>${body}</section>`;
}

export async function share(title, url) {
  if (navigator.share) {
    await navigator.share({ title, url }).catch(() => {}); // closed without sharing
    return;
  }
  await navigator.clipboard.writeText(url);
  toast(t("order.shared"));
}

export const canShare = () => Boolean(navigator.share || navigator.clipboard);

export function CancelQuestion({ shown, onClose, onDone }) {
  const { order, direct } = shown;
  const back = direct && orderState(order) === "DELIVERED";
  const words = back ? "cancel.direct.say" : hasCode(order) ? "cancel.say.code" : "cancel.say";
  return html`<${Confirm} title=${back ? t("cancel.direct") : t("cancel.ask", order)}
    confirm=${back ? t("cancel.direct") : t("cancel.do")} keep=${t("cancel.keep")}
    onClose=${onClose} onConfirm=${() => send("DELETE", `/rentals/${order.id}`).then(onDone)}>
    ${t(words, { goods: goodsName(order) })}<//>`;
}

const ReturnQuestion = ({ shown: { order }, onClose, onDone }) =>
  html`<${Confirm} title=${t("return.ask", { goods: goodsName(order) })} danger=${false}
    confirm=${t("return.do")} keep=${t("return.keep")} onClose=${onClose}
    onConfirm=${() => send("POST", `/deliveries/${order.id}/return`, {}).then(onDone)}>
    ${t("return.say")}<//>`;

function Actions({ shown, reload }) {
  const [asks, setAsks] = useState(null);
  const away = useFresh().state === "away";
  const { order, direct } = shown;
  const state = orderState(order);
  const why = away ? { disabled: true, title: t("order.away") } : {};
  const close = () => setAsks(null);
  return html`<div class="actions">
    ${state === "DELIVERED" && !direct && html`<${Button} look="primary touch full" icon="returning"
      ...${why} onClick=${() => setAsks("return")}>${t("return.do")}<//>`}
    ${next(shown).code && html`<${ButtonLink} look="primary touch full" icon="qr"
      href=${`/ui/orders/${order.id}/code`}>${t("order.showCode")}<//>`}
    ${canShare() && html`<${Button} look="touch" icon="share"
      onClick=${() => share(t("order.title", order), location.href)}>${t("order.share")}<//>`}
    ${CAN_CANCEL.includes(state) && html`<${Button} look="touch" icon="close" ...${why}
      onClick=${() => setAsks("cancel")}>${t("cancel.do")}<//>`}
    ${direct && state === "DELIVERED" && html`<${Button} look="touch" icon="returning" ...${why}
      onClick=${() => setAsks("cancel")}>${t("cancel.direct")}<//>`}
    ${asks === "cancel" && html`<${CancelQuestion} shown=${shown} onClose=${close}
      onDone=${reload} />`}
    ${asks === "return" && html`<${ReturnQuestion} shown=${shown} onClose=${close}
      onDone=${reload} />`}
  </div>`;
}

function Item({ order, direct }) {
  const where = order.locker || mine.get().find(({ id }) => id === order.id)?.locker;
  const word = orderState(order) === "RETURNING" ? "order.back" : "order.to";
  return html`<div class="card card-body item">
    <${Drawing} of=${order.productName} />
    <div>
      <strong>${goodsName(order)}</strong>
      ${(where || direct) && html`<small>
        ${direct ? t("order.toCounter") : t(word, { locker: lockerName(where) })}</small>`}
      <small>${t("order.at", { at: dateTime(order.orderedAt) })}</small>
    </div>
  </div>`;
}

function Order({ shown, reload }) {
  const stale = useStale();
  const { order } = shown;
  const said = order.reason && next(shown).say !== order.reason;
  useEffect(() => {
    if (mine.get().some(({ id }) => id === order.id)) return;
    keepOrder({ id: order.id, productId: order.productId, productName: order.productName,
      rentalQty: order.rentalQty, orderedAt: order.orderedAt });
  }, [order.id]);
  return html`
    <div class="live" aria-live="polite"><${NextStep} shown=${shown} /></div>
    <${Item} order=${order} direct=${shown.direct} />
    ${said && html`<${Notice} tone="warn"><${Said} text=${order.reason} /><//>`}
    <section class=${"card card-body" + stale} aria-label=${t("order.story")}>
      <${Timeline} steps=${timeline(shown)} />
    </section>
    <${Actions} shown=${shown} reload=${reload} />`;
}

export function OrderPage({ id }) {
  const number = Number(id);
  const shown = useOrder(number);
  const title = t("order.title", { id });
  let page = whileLoading(shown, 8);
  if (!page && !shown.value.order) {
    page = html`<${Blank} icon="unknown" title=${t("order.unknown")}
      action=${html`<${Button} look="compact" onClick=${() => navigate("/ui/orders")}>
        ${t("nav.orders")}<//>`}>${t("order.unknown.say")}<//>`;
  }
  return html`<${Shell} title=${title} back="/ui/orders" at="orders">
    ${page || html`<${Order} shown=${shown.value} reload=${shown.reload} />`}
  <//>`;
}
