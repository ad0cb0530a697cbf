// What to do now: what went wrong first, then what to pick, to load, to check.
import { html, useState } from "../lib.js";
import { goodsName, lockerName } from "../names.js";
import { recall, remember } from "../keep.js";
import { ListKeys } from "../keys.js";
import { useSignal } from "../signal.js";
import { duration, useNow } from "../time.js";
import { number, t } from "../words.js";
import { Count } from "../parts/badge.js";
import { Choices } from "../parts/button.js";
import { useStale } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { Blank, whileLoading } from "../parts/notice.js";
import { Said } from "../parts/said.js";
import { Shell } from "./shell.js";
import { station } from "./station.js";
import { askedFor, useFloor, useLookAgain, usePicks } from "./work.js";

const LATE_MS = 20 * 60 * 1000;
const TROUBLE = {
  jammedFull: { tone: "bad", icon: "jammed", flow: "RETURN" },
  jammed: { tone: "bad", icon: "jammed" },
  lost: { tone: "warn", icon: "ajar", flow: "LOAD" },
  ajar: { tone: "warn", icon: "ajar" },
  offline: { tone: "warn", icon: "offline" },
  waits: { tone: "warn", icon: "clock" },
};

export const doorOf = ({ locker, compartment }) =>
  (compartment ? t("staff.door", { locker: lockerName(locker), n: compartment,
    nn: String(compartment).padStart(2, "0") })
    : lockerName(locker));

const toScan = (flow, order) => `/ui/staff/scan?do=${flow}` + (order ? `&order=${order.id}` : "");

function Trouble({ asked }) {
  const { kind, order } = asked;
  const { tone, icon, flow } = TROUBLE[kind];
  const values = { door: asked.locker ? doorOf(asked) : "", id: order?.id,
    goods: order ? goodsName(order) : "" };
  const say = kind === "waits" ? html`<${Said} text=${order.reason} />`
    : html`<span>${order && html`${t("staff.order", values)}. `}
      ${t(`trouble.${kind}.say`, values)}</span>`;
  const href = flow && order ? toScan(flow, order)
    : order ? `/ui/staff/desk/${order.id}` : `/ui/office/wall/${asked.locker}`;
  return html`<li><a class="trouble" href=${href} data-tone=${tone}><${Icon} name=${icon} />
    <strong>${t("trouble." + kind, values)}</strong>${say}</a></li>`;
}

// What a card shows at its right edge: a bin, or a door.
const Spot = ({ said, children }) =>
  html`<span class="task-bin"><span class="said">${said} </span>${children}</span>`;

function binsOf(pick) {
  const bins = [...new Set(pick.units.map(({ bin }) => bin))];
  return { first: bins[0], more: bins.length - 1 };
}

// A pick is named as scanners show it, in 20 letters at most; its order has the whole of that.
export function nameOf({ name, productId }, order) {
  const whole = order?.productName;
  return whole?.startsWith(name) ? whole : name || t("name.product", { id: productId });
}

export const pieces = (n, name) => t("name.pieces", { n: number(n), name });

const unitNames = (pick) =>
  pick.units.map(({ label }) => label.slice(label.indexOf(":") + 1)).join(", ");

function With({ pick, mine }) {
  if (pick.with === mine) {
    return html`<span>${t("pick.mine", { n: pick.picked, of: pick.qty })}</span>`;
  }
  const begun = pick.picked ? t("pick.begun", { n: pick.picked, of: pick.qty }) : "";
  if (pick.with) {
    const who = t("pick.with", { name: pick.with });
    return html`<span>${begun ? `${who}, ${begun}` : who}</span>`;
  }
  return begun ? html`<span>${begun}</span>` : null;
}

function Pick({ pick, order, now, mine, withoutBin }) {
  const { first, more } = binsOf(pick);
  const waits = now - new Date(pick.reservedAt);
  const left = pick.qty - pick.picked;
  return html`<li><a class="task" href=${toScan("PICK", { id: pick.rentalId })}
    data-late=${waits > LATE_MS ? "" : undefined} data-mine=${pick.with === mine ? "" : undefined}>
    <span class="task-what">${pieces(left, nameOf(pick, order))}</span>
    <span class="task-where"><span>${t("staff.order", { id: pick.rentalId })}</span>
      <time datetime=${pick.reservedAt}>${t("pick.waits", { age: duration(waits) })}</time>
      <${With} pick=${pick} mine=${mine} />
      ${withoutBin && pick.units.length > 0 && html`<span class="task-units">
        ${unitNames(pick)}</span>`}
    </span>
    ${!withoutBin && first && html`<${Spot} said=${t("staff.bin")}>${first}
      ${more > 0 && html`<small>${t("pick.moreBins", { n: more })}</small>`}<//>`}
  </a></li>`;
}

// The tour: a heading for each bin, in walking order.
function stops(picks) {
  const found = [];
  for (const pick of picks) {
    const bin = binsOf(pick).first || "";
    if (found.at(-1)?.bin !== bin) found.push({ bin, picks: [] });
    found.at(-1).picks.push(pick);
  }
  return found;
}

const Tour = ({ picks, orders, ...rest }) => stops(picks).map(({ bin, picks: here }) => html`
  <h3 class="stop">${bin ? html`<span class="task-bin"><span class="said">${t("staff.bin")} </span>
    ${bin}</span>` : t("pick.noBin")}<small>${t("staff.orders", { n: here.length })}</small></h3>
  <ul>${here.map((pick) => html`<${Pick} key=${pick.rentalId} pick=${pick}
    order=${orders[pick.rentalId]} withoutBin=${bin !== ""} ...${rest} />`)}</ul>`);

const ByOrder = ({ picks, orders, ...rest }) => html`<ul>${picks.map((pick) => html`
  <${Pick} key=${pick.rentalId} pick=${pick} order=${orders[pick.rentalId]} ...${rest} />`)}</ul>`;

const Section = ({ title, n, tone, aside, children }) => html`
  <h2>${title} <${Count} n=${n} tone=${tone} />${aside}</h2>${children}`;

function Doors({ title, list, flow }) {
  if (!list.length) return null;
  return html`<${Section} title=${title} n=${list.length}>
    <ul>${list.map((one) => html`<li key=${one.order.id}>
      <a class="task" href=${toScan(flow, one.order)}>
        <span class="task-what">${goodsName(one.order)}</span>
        <span class="task-where"><span>${t("staff.order", one.order)}</span>
          <span>${t("asked." + one.kind)}</span></span>
        <${Spot} said=${lockerName(one.locker)}><small>${lockerName(one.locker)}</small>
          ${String(one.compartment).padStart(2, "0")}<//>
      </a></li>`)}</ul><//>`;
}

function ToPick({ picks, orders, sort, setSort }) {
  const now = useNow(15000);
  const mine = useSignal(station);
  const choice = html`<${Choices} label=${t("pick.sort")} value=${sort} onChange=${setSort}
    options=${["oldest", "tour"].map((value) => ({ value, label: t("pick.sort." + value) }))} />`;
  const View = sort === "tour" ? Tour : ByOrder;
  return html`<${Section} title=${t("pick.toPick")} n=${picks.length}
    aside=${picks.length > 1 && choice}>
    <${View} picks=${picks} orders=${orders} now=${now} mine=${mine} /><//>`;
}

export function PicksPage() {
  const [sort, setSortNow] = useState(recall("staff.sort", "oldest"));
  const live = usePicks(sort);
  useLookAgain(live, sort);
  const floor = useFloor();
  const stale = useStale();
  const setSort = (next) => {
    remember("staff.sort", next);
    setSortNow(next);
  };
  let page = whileLoading(live, 8) || whileLoading(floor, 8);
  if (!page) {
    const { troubles, loads, returns } = askedFor(floor.value);
    const isQuiet = !troubles.length && !loads.length && !returns.length && !live.value.length;
    page = isQuiet
      ? html`<${Blank} icon="check" title=${t("pick.quiet")}>${t("pick.quiet.say")}<//>`
      : html`<div class=${"tasks-list" + stale}>
        ${troubles.length > 0 && html`<${Section} title=${t("trouble.first")} tone="bad"
          n=${troubles.length}><ul>${troubles.map((asked) => html`
            <${Trouble} key=${asked.kind + asked.locker + asked.compartment + asked.order?.id}
              asked=${asked} />`)}</ul><//>`}
        ${live.value.length > 0 && html`<${ToPick} picks=${live.value}
          orders=${floor.value.orders} sort=${sort} setSort=${setSort} />`}
        <${Doors} title=${t("asked.toLoad")} list=${loads} flow="LOAD" />
        <${Doors} title=${t("asked.toCheck")} list=${returns} flow="RETURN" />
      </div>`;
  }
  return html`<${Shell} at="picks" title=${t("staff.picks")}>
    <${ListKeys} list=".tasks :is(.task, .trouble)" />${page}<//>`;
}
