// The fleet's side panel: one device, what it does now, what it reported lately.
import { html } from "../lib.js";
import { lockerName } from "../names.js";
import { useSignal } from "../signal.js";
import { clock, dateTime } from "../time.js";
import { number, t } from "../words.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Facts } from "../parts/card.js";
import { CompartmentBadge } from "../parts/badge.js";
import { useStale } from "../parts/fresh.js";
import { Notice } from "../parts/notice.js";
import { copy } from "./copy.js";
import { DeviceBadge, Doing, Heard } from "./fleet_parts.js";
import { worries } from "./lockers.js";
import { doorName } from "./report.js";
import { reports } from "./reports.js";
import { Lately } from "./wall_side.js";

const LATELY_MAX = 8;

const counted = (n) => (n ? number(n) : undefined); // what never happened is not told

function facts(one) {
  const { since, firmware, starts, missing, scans, refused, failed } = one;
  return [
    [t("fleet.heard"), html`<${Heard} at=${one.heardAt} />`],
    [t("fleet.since"), since && dateTime(since)],
    [t("fleet.firmware"), firmware],
    [t("fleet.protocol"), one.protocol],
    [t("fleet.starts"), starts && number(starts)],
    [t("fleet.missing"), missing ? t("fleet.missing.n", { n: missing }) : number(0)],
    [t("fleet.scans"), scans !== undefined && t("fleet.scans.of",
      { n: number(scans), refused: number(refused) })],
    [t("fleet.failed"), counted(failed)],
    [t("fleet.wrong"), one.wrongCodes !== undefined && number(one.wrongCodes)],
    [t("fleet.bounced"), counted(one.bounced)],
    [t("fleet.unreadable"), counted(one.unreadable)],
    [t("fleet.overflowed"), counted(one.overflowed)],
    [t("fleet.dropped"), counted(one.dropped)],
  ];
}

// What it does to others, or another one to it: somebody has to mend that by hand.
function Trouble({ one: { twinsAt, dropped, protocol } }) {
  if (!twinsAt && !dropped && protocol !== 1) return null;
  return html`<div class="card-body">
    ${protocol === 1 && html`<${Notice} tone="warn" icon="ajar">${t("fleet.protocol.old")}<//>`}
    ${twinsAt && html`<${Notice} tone="bad" icon="jammed">
      ${t("fleet.twins", { at: dateTime(twinsAt) })}<//>`}
    ${dropped && html`<${Notice} tone="warn" icon="ajar">${t("fleet.flood")}<//>`}</div>`;
}

function Work({ one }) {
  if (!one.doing && !one.prompt) return null;
  return html`<div class="card-body"><h3>${t("fleet.now")}</h3><${Facts} facts=${[
    [t("fleet.doing"), one.doing && html`<${Doing} one=${one} />`],
    [t("fleet.tote"), one.tote], [t("fleet.bin"), one.bin],
    [t("fleet.prompt"), one.prompt && html`<span lang="en">${one.prompt}</span>`],
  ]} /></div>`;
}

function Doors({ locker }) {
  const found = worries([locker]).filter((worry) => worry.number);
  if (!found.length) return null;
  return html`<div class="card-body"><h3>${t("fleet.doors")}</h3>
    <ul class="units">${found.map((worry) => html`<li key=${worry.number}>
      <a href=${`/ui/office/wall/${locker.device}/${worry.number}`}>
        ${doorName(locker.device, worry.number)}</a>
      <${CompartmentBadge} state=${worry.state} /></li>`)}</ul></div>`;
}

function Told({ device }) {
  const mine = (useSignal(reports) || []).filter(({ data }) => data.locker === device);
  if (!mine.length) return null;
  return html`<div class="card-body"><h3>${t("fleet.lately")}</h3>
    <${Lately} events=${mine.slice(0, LATELY_MAX)} /></div>`;
}

export function DeviceSide({ one }) {
  const stale = useStale();
  const { kind, device, state, locker, pausedUntil } = one;
  const owner = kind === "locker" ? "delivery" : "stock";
  const isFine = state !== "online" || !(one.twinsAt || one.dropped);
  const say = t("fleet.say." + state, { at: pausedUntil && clock(pausedUntil) });
  return html`<div class=${"card" + stale}>
    <div class="side-title"><${DeviceBadge} state=${state} /><h2>${device}</h2>
      ${isFine && html`<p class="small second">${say}</p>`}</div>
    <${Trouble} one=${one} />
    <div class="card-body"><${Facts} facts=${facts(one)} /></div>
    <${Work} one=${one} />
    ${locker && html`<${Doors} locker=${locker} />`}
    ${kind === "locker" && html`<${Told} device=${device} />`}
    <div class="card-foot">
      ${locker && html`<${ButtonLink} look="primary compact" icon="wall"
        aria-label=${`${t("fleet.toWall")}: ${lockerName(device)}`}
        href=${"/ui/office/wall/" + device}>${t("fleet.toWall")}<//>`}
      <${Button} look="compact" icon="copy"
        onClick=${() => copy("curl", `curl -s ${location.origin}/devices/${owner}/${device}`)}>
        curl<//>
      ${kind !== "station" && html`<${Button} look="compact" icon="copy"
        onClick=${() => copy(t("fleet.add.command"),
    `deploy/add-device ${kind} ${device} --remove`)}>${t("fleet.remove")}<//>`}
    </div>
  </div>`;
}
