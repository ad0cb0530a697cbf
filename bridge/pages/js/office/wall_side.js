// The wall's side panel: the chosen door and its story, or what somebody should look at.
import { find } from "../api.js";
import { useLive } from "../data.js";
import { html } from "../lib.js";
import { useFresh } from "../live.js";
import { goodsName } from "../names.js";
import { useSignal } from "../signal.js";
import { compartmentStates, doorReports } from "../states.js";
import { clockSeconds, dateTime, duration, useNow } from "../time.js";
import { t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Facts } from "../parts/card.js";
import { useStale } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { DemoSlot } from "../demo/slot.js";
import { Acts } from "./acts.js";
import { copy } from "./copy.js";
import { lockers, statesOf, worries } from "./lockers.js";
import { ROWS } from "./packing.js";
import { doorName, exactly, reportSays } from "./report.js";
import { reports, reportsOf } from "./reports.js";
import { SideNote } from "./side.js";
import { ServiceButtons, useOut } from "./wall_service.js";
import { WalkLink, WalkSide } from "./wall_walk.js";

const LATELY_MAX = 12;
// The reports that a state began with.
const BEGAN = {
  open: ["opened", "already_open", "forced", "still_open"],
  ajar: ["open_too_long", "open_alarm"],
  jammed: ["jammed"],
};

// "Jammed for 25 s"; while the stream is away "Jammed at 14:20:31".
function Headline({ state, since }) {
  const { tone, icon, word, loud } = compartmentStates[state];
  const isAway = useFresh().state === "away";
  const now = useNow(1000);
  const values = { state: t(word), age: since && duration(now - new Date(since)),
    at: since && clockSeconds(since) };
  const text = !since ? t(word) : t(isAway ? "door.at" : "door.for", values);
  return html`<${Badge} tone=${tone} icon=${icon} loud=${loud}>${text}<//>`;
}

const applyOrder = (order, events) => {
  const mine = events.filter(({ subject }) => subject === `order/${order.id}`);
  return mine.length ? mine.at(-1).data : order;
};

function OrderLink({ id }) {
  const live = useLive({ name: `order ${id}`, load: () => find(`/myOrders/${id}`),
    kinds: ["order"], apply: (order, events) => (order ? applyOrder(order, events) : order) });
  return html`<a href=${"/ui/office/orders/" + id}>${id}</a>${live.value
    ? ", " + goodsName(live.value) : ""}`;
}

export const Lately = ({ events }) => html`<ol class="timeline dense">
  ${events.map(({ data }) => {
    const { tone, icon, word } = doorReports[data.what] || doorReports.started;
    return html`<li data-step=${["bad", "warn"].includes(tone) ? "ended" : "done"}>
      <span class="timeline-mark"><${Icon} name=${icon} /></span>
      <div class="timeline-text"><strong>${t(word)}</strong><p>${reportSays(data)}</p></div>
      <time datetime=${data.at}>${exactly(data.at)}</time>
    </li>`;
  })}
</ol>`;

function Door({ locker, door, state, all }) {
  const stale = useStale();
  const lately = reportsOf(all, locker.device, door.number);
  const began = BEGAN[state] && lately.find(({ data }) => BEGAN[state].includes(data.what));
  const id = door.deliveryId;
  const outSince = useOut(locker.device).get(door.number);
  const address = `${location.origin}/lockers/${locker.device}`;
  return html`<div class=${"card" + stale}>
    <div class="side-title">
      <${Headline} state=${state} since=${began?.data.at} />
      <h2>${doorName(locker.device, door.number)}</h2>
      <p class="small second">${t(`door.${state}.say`)}</p>
    </div>
    <div class="card-body"><${Facts} facts=${[
      [t("door.size"), t("door.size.value", { size: door.size, n: ROWS[door.size] })],
      [t("door.order"), id && html`<${OrderLink} key=${id} id=${id} />`],
      [t("door.inside"), t("door.inside." + door.presence)],
      [t("door.door"), t("door.door." + door.door)],
      [t("door.use"), t("door.use." + door.use)],
      [t("service.since"), outSince && dateTime(outSince)],
      [t("door.locker"), locker.device],
    ]} /></div>
    <div class="card-body"><h3>${t("door.lately")}</h3>
      ${lately.length ? html`<${Lately} events=${lately.slice(0, LATELY_MAX)} />`
        : html`<p class="small faint">${t("door.lately.none")}</p>`}
    </div>
    <${Acts} device=${locker.device} number=${door.number} />
    <div class="card-foot">
      ${id && html`<${ButtonLink} look="primary compact" icon="orders"
        href=${"/ui/office/orders/" + id}>${t("door.openOrder", { id })}<//>`}
      <${Button} look="compact" icon="copy"
        onClick=${() => copy("curl", `curl -s ${address}`)}>${t("door.curl")}<//>
      <${ServiceButtons} device=${locker.device} door=${door} isOut=${Boolean(outSince)} />
      <${WalkLink} device=${locker.device} />
      <${DemoSlot} part="DoorAct" device=${locker.device} compartment=${door.number} />
    </div>
  </div>`;
}

function Worry({ one: { locker, number, state }, onChoose }) {
  const { tone, icon, word } = compartmentStates[state];
  return html`<li><button type="button" class="worry" data-tone=${tone}
    onClick=${() => onChoose(locker.device, number ?? locker.compartments[0]?.number)}>
    <${Icon} name=${icon} /><span><strong>${doorName(locker.device, number)}</strong>
    <small>${number ? t(word) : t("wall." + locker.status)}</small></span><${Icon} name="next" />
  </button></li>`;
}

function LookAt({ value, onChoose }) {
  const stale = useStale();
  const found = worries(value);
  if (!found.length) {
    return html`<${SideNote} look="fine" icon="check" title=${t("wall.fine")}>
      ${t("wall.fine.say")}<//>`;
  }
  return html`<div class=${"card" + stale}>
    <div class="card-head"><h2>${t("wall.lookAt")}</h2></div>
    <ul class="worries">${found.map((one) => html`<${Worry} onChoose=${onChoose}
      key=${one.locker.device + "/" + one.number} one=${one} />`)}</ul>
  </div>`;
}

// chosen: {device, number}, or null; walk: the device whose doors somebody walks along.
export function WallSide({ chosen, walk, onChoose, onClose }) {
  const all = useSignal(reports);
  const { value } = useSignal(lockers);
  const locker = chosen && value.find(({ device }) => device === chosen.device);
  const walked = walk && value.find(({ device }) => device === walk);
  if (walked) return html`<${WalkSide} key=${walk} locker=${walked} onClose=${onClose} />`;
  const index = locker
    ? locker.compartments.findIndex(({ number }) => number === chosen.number) : -1;
  if (index < 0) return html`<${LookAt} value=${value} onChoose=${onChoose} />`;
  return html`<${Door} key=${chosen.device + chosen.number} locker=${locker} all=${all}
    door=${locker.compartments[index]} state=${statesOf(locker)[index]} />`;
}
