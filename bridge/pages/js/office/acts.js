// What staff do with compartments without an order: sent, asked for, and told as a history.
import { find, send } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { recall, remember } from "../keep.js";
import { html, useState } from "../lib.js";
import { dateTime } from "../time.js";
import { addWords, t } from "../words.js";
import { Confirm } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { Icon } from "../parts/icon.js";

addWords({
  "acts.reason": ["Why?", "사유"],
  "acts.reason.hint": ["It stays in the history.", "기록에 남음."],
  "acts.by": ["Your name", "이름"],
  "acts.none": ["Nobody has done anything here yet.", "아직 기록 없음."],
  "acts.title": ["What staff did", "직원 작업"],
  "acts.out": ["Taken out of service", "사용 중지"],
  "acts.in": ["Back into service", "사용 재개"],
  "acts.open": ["Opened without an order", "주문 없이 열기"],
  "acts.open.goods": ["Opened with goods inside", "상품 둔 채 열기"],
  "acts.walk": ["Walk: door {n} opened", "문 점검: {n}번 문 열림"],
  "acts.walk.none": ["Walk: no door opened", "문 점검: 안 열림"],
  "acts.nobody": ["not said", "이름 없음"],
});

const LATELY_MAX = 8;

export const recallWho = () => recall("who", "");

// act: {act, compartment, reason, by, goods, opened}
export function actAt(device, act) {
  if (act.by) remember("who", act.by);
  return send("POST", `/lockers/${device}/acts`, act);
}

// The newest acts of a locker; undefined until they are there.
export function useActs(device) {
  const live = useLive({ name: `acts at ${device}`, kinds: ["locker", "door"],
    load: async () => (await find(`/lockers/${device}/acts`))?._embedded.acts || [],
    apply: (acts, events) =>
      (events.some(({ data }) => (data.device || data.locker) === device) ? RELOAD : acts) });
  return live;
}

// Of each compartment, what somebody said who walked to it last: Map(number -> act).
export function lastWalks(acts) {
  const walks = new Map();
  for (const act of acts || []) {
    if (act.act === "walk" && !walks.has(act.compartment)) walks.set(act.compartment, act);
  }
  return walks;
}

function says({ act, opened, goods }) {
  if (act === "walk") return opened ? t("acts.walk", { n: opened }) : t("acts.walk.none");
  return t(act === "open" && goods ? "acts.open.goods" : "acts." + act);
}

const ICONS = { out: "out", in: "check", open: "door", walk: "person" };
const isBad = ({ act, compartment, opened }) => act === "walk" && opened !== compartment;

// The history of one door.
export function Acts({ device, number }) {
  const { value } = useActs(device);
  const acts = (value || []).filter(({ compartment }) => compartment === number);
  return html`<div class="card-body"><h3>${t("acts.title")}</h3>
    ${acts.length ? html`<ol class="timeline dense">${acts.slice(0, LATELY_MAX).map((act) => html`
      <li key=${act.at + act.act} data-step=${isBad(act) ? "ended" : "done"}>
        <span class="timeline-mark"><${Icon} name=${ICONS[act.act]} /></span>
        <div class="timeline-text"><strong>${says(act)}</strong>
          <p>${[act.by || t("acts.nobody"), act.reason].filter(Boolean).join(": ")}</p></div>
        <time datetime=${act.at}>${dateTime(act.at)}</time>
      </li>`)}</ol>` : html`<p class="small faint">${t("acts.none")}</p>`}
  </div>`;
}

/**
 * Asks why and who, and then onConfirm({reason, by}). The rest as Confirm has it; without `asksWhy`
 * only who.
 */
export function AskWhy({ asksWhy = true, children, onConfirm, ...rest }) {
  const [reason, setReason] = useState("");
  const [by, setBy] = useState(recallWho());
  const go = () => onConfirm({ by: by.trim(), ...asksWhy && { reason: reason.trim() } });
  const typed = (set) => ({ target }) => set(target.value);
  return html`<${Confirm} ...${rest} onConfirm=${go}>
    ${children}
    ${asksWhy && html`<${Field} id="act-reason" label=${t("acts.reason")} value=${reason} required
      pattern=".*\\S.*" maxlength="200" autocomplete="off" hint=${t("acts.reason.hint")}
      onInput=${typed(setReason)} />`}
    <${Field} id="act-by" label=${t("acts.by")} value=${by} required maxlength="40"
      pattern=".*\\S.*" autocomplete="name" onInput=${typed(setBy)} /><//>`;
}
