// The waterfall of an order: who or what held it, when and how long. A table, so that it is read
// as well as seen; the bars are beside the words.
import { html } from "../lib.js";
import { clockExact, dateTime, took, useNow } from "../time.js";
import { addWords, number, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Stat } from "../parts/card.js";
import { useStale } from "../parts/fresh.js";
import { heldBy, longestOf, phases, placed, UNSCALED } from "./order_phases.js";
import { doorName } from "./report.js";

addWords({
  "fall.title": ["Who held it", "누가 얼마나"],
  "fall.phase": ["Phase", "단계"],
  "fall.who": ["Held by", "담당"],
  "fall.began": ["Began", "시작"],
  "fall.took": ["Took", "걸린 시간"],
  "fall.bar": ["Of all waits", "전체 대기 중"],
  "fall.longest": ["Longest", "가장 오래"],
  "fall.soFar": ["{took} so far", "{took}째"],
  "fall.system": ["System", "시스템"],
  "fall.floor": ["Warehouse", "창고"],
  "fall.customer": ["Customer", "고객"],
  "fall.share": ["{n} %", "{n}%"],
  "fall.unscaled": ["“With its customer” is no wait and has no bar",
    "고객 사용 시간은 대기가 아니라 막대 없음"],
  "fall.find": ["Looked for in stock", "재고 확인"],
  "fall.pick": ["Waited to be picked", "꺼내기 대기"],
  "fall.compartment": ["Waited for a compartment", "빈 칸 대기"],
  "fall.load": ["Waited to be loaded", "적재 대기"],
  "fall.loading": ["Put into the locker", "보관함에 넣기"],
  "fall.wait": ["Waited for its customer", "고객 대기"],
  "fall.collect": ["Collected", "수령"],
  "fall.lent": ["With its customer", "고객 사용 중"],
  "fall.bring": ["Waited to be brought back", "반납 대기"],
  "fall.back": ["Put back into the locker", "보관함에 반납"],
  "fall.check": ["Waited to be checked", "반납 확인 대기"],
  "fall.shelf": ["On its way back to the shelf", "선반으로 되돌리는 중"],
  "fall.stock": ["stock", "stock"],
  "fall.lockers": ["lockers, all taken", "보관함 가득 참"],
  "fall.staff": ["staff", "직원"],
  "fall.its": ["customer", "고객"],
});

const AT_DOOR = ["loading", "wait", "collect", "bring", "back", "check"];
const WIDTH = 1000; // of a bar's drawing
const NARROWEST = 4;

function whoOf({ phase, holder, actor, door }) {
  const who = phase === "find" ? t("fall.stock") : phase === "compartment" ? t("fall.lockers")
    : holder === "floor" ? actor || t("fall.staff") : t("fall.its");
  return door && AT_DOOR.includes(phase) ? `${who}, ${doorName(door.locker, door.compartment)}`
    : who;
}

function Bar({ kind, x, width }) {
  const wide = Math.max(NARROWEST, width * WIDTH);
  const left = Math.min(x * WIDTH, WIDTH - wide);
  return html`<svg class="bar" viewBox=${`0 0 ${WIDTH} 20`} preserveAspectRatio="none"
    aria-hidden="true"><path class="grid" d="M0 -7v34M250 -7v34M500 -7v34M750 -7v34M1000 -7v34" />
    ${kind === "cut" ? html`<path class="wait" d=${`M${x * WIDTH} -7v34`} />`
      : html`<rect class=${kind} x=${left} y="3" width=${wide} height="14" />`}</svg>`;
}

const kindOf = (one, longest) => (one.phase === UNSCALED ? "cut" : one === longest ? "slow"
  : one.holder === "customer" ? "span" : "critical");

function Row({ one, bar, longest }) {
  const isLongest = one === longest;
  return html`<tr aria-current=${isLongest ? "true" : undefined}>
    <th scope="row"><b>${t("fall." + one.phase)}</b>
      ${isLongest && html` <${Badge} tone="warn" icon="clock">${t("fall.longest")}<//>`}
      <small>${whoOf(one)}</small></th>
    <td><time datetime=${new Date(one.from).toISOString()} title=${dateTime(one.from)}>
      ${clockExact(one.from)}</time></td>
    <td>${one.isOpen ? t("fall.soFar", { took: took(one.ms) }) : took(one.ms)}</td>
    <td><${Bar} kind=${kindOf(one, longest)} ...${bar} /></td>
  </tr>`;
}

function Figures({ list }) {
  const sums = heldBy(list);
  const whole = sums.system + sums.floor + sums.customer || 1;
  return html`<div class="fall-figures">${["system", "floor", "customer"].map((holder) => html`
    <${Stat} key=${holder} label=${t("fall." + holder)} value=${took(sums[holder])}
      of=${t("fall.share", { n: number(Math.round(100 * sums[holder] / whole)) })} />`)}</div>`;
}

const KINDS = [["critical", ["system", "floor"]], ["span", ["customer"]]];

function Legend({ hasLent }) {
  return html`<div class="legend">
    ${KINDS.map(([kind, of]) => html`<span><i class="swatch" data-kind=${kind}></i>
      ${of.map((one) => t("fall." + one)).join(", ")}</span>`)}
    <span><i class="swatch" data-kind="slow"></i>${t("fall.longest")}</span>
    ${hasLent && html`<span class="push">${t("fall.unscaled")}</span>`}
  </div>`;
}

export function Waterfall({ story }) {
  const stale = useStale();
  const now = useNow(1000);
  const list = phases(story, now);
  if (!list.length) return null;
  const longest = longestOf(list);
  const bars = placed(list);
  return html`<section class=${"card" + stale} aria-labelledby="fall-title">
    <div class="card-head"><h2 id="fall-title">${t("fall.title")}</h2></div>
    <${Figures} list=${list} />
    <table class="fall">
      <thead><tr><th scope="col">${t("fall.phase")}</th><th scope="col">${t("fall.began")}</th>
        <th scope="col">${t("fall.took")}</th>
        <th scope="col"><span class="said">${t("fall.bar")}</span>
          <span class="axis" aria-hidden="true">
            ${[0, 25, 50, 75].map((n) => html`<i>${n} %</i>`)}</span></th></tr></thead>
      <tbody>${list.map((one, i) => html`<${Row} key=${one.from + one.phase} one=${one}
        bar=${bars[i]} longest=${longest} />`)}</tbody>
    </table>
    <${Legend} hasLent=${list.some(({ phase }) => phase === UNSCALED)} />
  </section>`;
}
