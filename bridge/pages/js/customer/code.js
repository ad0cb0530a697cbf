// The code: the largest thing on its page. It stays when the connection goes, and says how old it
// is.
import { html, useEffect, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { compartmentName, goodsName, lockerName } from "../names.js";
import { navigate } from "../router.js";
import { orderState, orderStates } from "../states.js";
import { clockOrDate, dayTime, duration, useNow } from "../time.js";
import { t } from "../words.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Code } from "../parts/code.js";
import { Icon } from "../parts/icon.js";
import { Blank, Notice, whileLoading } from "../parts/notice.js";
import { Said } from "../parts/said.js";
import { useCode, useLockers, useMyOrders, useOrder } from "./mine.js";
import { Minimap } from "./minimap.js";
import { CancelQuestion, canShare, share } from "./order.js";
import { hasCode, Shell } from "./shell.js";
import { next } from "./story.js";

const HURRY_MS = 60 * 60 * 1000;

function Ticket({ code }) {
  const leftMs = new Date(code.expiresAt) - useNow(5000);
  return html`<section class="card ticket" aria-label=${t("code.label")}>
    <p class="small second">${t("code.type")}</p>
    <${Code} digits=${code.code} />
    <div class="ticket-left" data-tone=${leftMs < HURRY_MS ? "warn" : "good"}>
      <span class="row"><${Icon} name="clock" />
        ${leftMs > 0 ? t("code.left", { time: duration(leftMs) }) : t("code.over")}</span>
      <span>${t("code.until", { at: dayTime(code.expiresAt) })}</span>
    </div>
  </section>`;
}

function Where({ code }) {
  const lockers = useLockers().value || [];
  const locker = lockers.find(({ device }) => device === code.locker);
  const shown = `${code.code.slice(0, 4)} ${code.code.slice(4)}`;
  return html`<section class="card card-body ticket-where" aria-label=${t("code.where")}>
    ${code.image && html`<img class="qr" alt=${t("code.qr", { code: shown })}
      src=${"data:image/svg+xml," + encodeURIComponent(code.image)} />`}
    <div>
      <span class="small second">${lockerName(code.locker)}</span>
      <strong>${compartmentName(code.compartment)}</strong>
      <${Minimap} locker=${locker} number=${code.compartment} />
    </div>
  </section>`;
}

const HowTo = ({ code }) => html`<ol class="howto" aria-label=${t("code.how")}>
  <li>${t("code.how.type")}</li>
  <li>${t(code.purpose === "return" ? "code.how.put" : "code.how.take",
    { n: code.compartment })}</li>
  <li>${t("code.how.shut")}</li>
</ol>`;

function Saved({ code }) {
  const age = duration(useNow(5000) - new Date(code.at));
  return html`<${Notice} icon="away" title=${t("code.saved")}>
    ${t("code.saved.say", { at: clockOrDate(code.at), age })}<//>`;
}

function Others({ id }) {
  const others = (useMyOrders().value || []).filter((order) => hasCode(order) && order.id !== id);
  if (!others.length) return null;
  return html`<section class="group"><h2>${t("code.others")}</h2>
    ${others.map((order) => html`<${ButtonLink} look="touch wide" icon="qr"
      href=${`/ui/orders/${order.id}/code`}>${goodsName(order)}<//>`)}</section>`;
}

function CodeActions({ shown, reload, away }) {
  const [asks, setAsks] = useState(false);
  const { order } = shown;
  return html`<div class="actions">
    ${canShare() && html`<${Button} look="touch" icon="share"
      onClick=${() => share(t("code.label"), location.href)}>${t("order.share")}<//>`}
    ${orderState(order) === "READY" && html`<${Button} look="touch" icon="close"
      disabled=${away || undefined} title=${away ? t("order.away") : undefined}
      onClick=${() => setAsks(true)}>${t("cancel.do")}<//>`}
    ${asks && html`<${CancelQuestion} shown=${shown} onClose=${() => setAsks(false)}
      onDone=${reload} />`}
  </div>`;
}

const NoCode = ({ id, why }) => html`<${Blank} icon="qr" title=${t("code.none")}
  action=${html`<${ButtonLink} look="compact" href=${id ? `/ui/orders/${id}` : "/ui/orders"}>
    ${id ? t("code.toOrder") : t("nav.orders")}<//>`}>
  ${why ? html`<${Said} text=${why} />` : t("code.none.say")}<//>`;

// The code was used, or is needed no more: what comes now.
function Done({ shown }) {
  const { title, say } = next(shown);
  return html`<div role="status"><${Blank} icon=${orderStates[orderState(shown.order)].icon}
    title=${title} action=${html`<${ButtonLink} look="primary"
      href=${"/ui/orders/" + shown.order.id}>${t("code.toOrder")}<//>`}>${say}<//></div>`;
}

export function CodePage({ id }) {
  const number = Number(id);
  const loaded = useCode(number);
  const shown = useOrder(number).value;
  const away = useFresh().state === "away";
  const code = loaded.value;
  const isOld = away || (loaded.problem && !loaded.at);
  const order = shown?.order;
  const goods = order ? goodsName(order) : "";
  const title = order
    ? t(code?.purpose === "return" ? "code.back" : "code.title", { goods }) : t("code.label");
  const isDone = order && !next(shown).code;
  if (isDone || !code || code.none) {
    return html`<${Shell} title=${title} back=${"/ui/orders/" + id} at="code">
      ${isDone ? html`<${Done} shown=${shown} />`
        : code ? html`<${NoCode} id=${id} why=${code.none} />` : whileLoading(loaded, 6)}<//>`;
  }
  return html`<${Shell} title=${title} back=${"/ui/orders/" + id} at="code">
    ${isOld && html`<${Saved} code=${code} />`}
    ${order?.reason && html`<${Notice} tone="warn" role="status">
      <${Said} text=${order.reason} /><//>`}
    <${Ticket} code=${code} />
    <${Where} code=${code} />
    <${HowTo} code=${code} />
    ${order && html`<${CodeActions} shown=${shown} reload=${loaded.reload} away=${away} />`}
    <${Others} id=${number} />
  <//>`;
}

// The code, whichever order has one.
export function NoCodePage() {
  const orders = useMyOrders();
  const found = orders.value?.find((order) => next({ order }).code);
  useEffect(() => {
    if (found) navigate(`/ui/orders/${found.id}/code`, { replace: true });
  }, [found]);
  return html`<${Shell} title=${t("code.label")} back="/ui/orders" at="code">
    ${whileLoading(orders, 6) || html`<${NoCode} />`}<//>`;
}
