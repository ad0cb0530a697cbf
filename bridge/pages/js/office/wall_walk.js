// The commissioning walk: door by door, does the wire open the door that it should? Somebody walks
// along the locker, and says of each which one opened.
import { html, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { lockerName } from "../names.js";
import { dateTime } from "../time.js";
import { addWords, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { useStale } from "../parts/fresh.js";
import { ProblemNotice } from "../parts/notice.js";
import { toast } from "../parts/toast.js";
import { actAt, AskWhy, lastWalks, recallWho, useActs } from "./acts.js";
import { doorName } from "./report.js";
import { useOut } from "./wall_service.js";

addWords({
  "walk.start": ["Walk along the doors", "문 점검"],
  "walk.title": ["Walk along {locker}", "{locker} 문 점검"],
  "walk.say": ["Each door opens in turn. Say which one did: so wires and numbers agree.",
    "문을 하나씩 열고 실제로 열린 문을 확인. 배선과 번호가 맞는지 점검."],
  "walk.in": ["Out of service first, so that no order gets a door meanwhile.",
    "먼저 사용 중지: 점검 중에는 주문에 배정되지 않음."],
  "walk.out": ["Take {locker} out of service…", "{locker} 사용 중지…"],
  "walk.out.ask": ["Take all of {locker} out of service?", "{locker} 전체 사용을 중지할까요?"],
  "walk.back": ["{locker} back into service…", "{locker} 사용 재개…"],
  "walk.back.ask": ["Take all of {locker} back into service?", "{locker} 전체 사용을 재개할까요?"],
  "walk.now": ["Door {n} should open", "{n}번 문이 열려야 함"],
  "walk.open": ["Open door {n}", "{n}번 문 열기"],
  "walk.again": ["Open it again", "다시 열기"],
  "walk.which": ["Which one opened?", "어느 문이 열렸나요?"],
  "walk.right": ["Door {n}, as named", "{n}번 문, 맞음"],
  "walk.other": ["Another one", "다른 문"],
  "walk.none": ["None", "안 열림"],
  "walk.number": ["Number on the door that opened", "열린 문의 번호"],
  "walk.done": ["Every door was walked to.", "모든 문 점검 완료."],
  "walk.is.right": ["Right", "맞음"],
  "walk.is.other": ["Door {n}", "{n}번 문"],
  "walk.is.none": ["None", "안 열림"],
  "walk.is.open": ["Not yet", "점검 전"],
  "walk.reason": ["walk along the doors", "문 점검"],
  "walk.close": ["End the walk", "점검 끝내기"],
});

const stateOf = (number, walk) => (!walk ? "open" : walk.opened === number ? "right"
  : walk.opened ? "other" : "none");
const TONES = { open: "", right: "good", other: "bad", none: "bad" };
const MARKS = { open: "clock", right: "check", other: "jammed", none: "jammed" };

function Result({ device, number, walk, current, onChoose }) {
  const state = stateOf(number, walk);
  return html`<li><button type="button" class="worry walk-door"
    aria-current=${current ? "step" : undefined}
    onClick=${() => onChoose(number)}>
    <span><strong>${doorName(device, number)}</strong>
      ${walk && html`<small>${walk.by}, ${dateTime(walk.at)}</small>`}</span>
    <${Badge} tone=${TONES[state]} icon=${MARKS[state]}>
      ${t("walk.is." + state, { n: walk?.opened })}<//></button></li>`;
}

// The door that is to open now, and what came of it.
function Now({ locker, number, onDone }) {
  const { device } = locker;
  const [step, setStep] = useState("shut"); // then "told", then "other"
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const isAway = useFresh().state === "away";
  const door = locker.compartments.find((one) => one.number === number);
  const go = (deed) => async () => {
    setBusy(true);
    setProblem(null);
    try {
      await deed();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  const by = recallWho();
  const open = go(async () => {
    const goods = door.use === "loaded" || door.presence === "present" ? { goods: "stay" } : {};
    await actAt(device, { act: "open", compartment: number, reason: t("walk.reason"), by,
      ...goods });
    setStep("told");
  });
  const say = (opened) => go(async () => {
    await actAt(device, { act: "walk", compartment: number, opened, by });
    onDone();
  });
  const others = locker.compartments.map((one) => one.number).filter((one) => one !== number);
  const button = (look, icon, text, onClick) => html`<${Button} look=${look} icon=${icon}
    busy=${busy} disabled=${isAway} onClick=${onClick}>${text}<//>`;
  return html`<div class="card-body walk-now" aria-live="polite">
    <h3>${t("walk.now", { n: number })}</h3>
    <${ProblemNotice} problem=${problem} />
    ${step === "shut" && button("touch primary", "door", t("walk.open", { n: number }), open)}
    ${step !== "shut" && html`<p>${t("walk.which")}</p><div class="row wrap">
      ${button("touch primary", "check", t("walk.right", { n: number }), say(number))}
      ${button("touch", "jammed", t("walk.other"), () => setStep("other"))}
      ${button("touch", "close", t("walk.none"), say(0))}
      ${button("compact", "turn", t("walk.again"), open)}</div>`}
    ${step === "other" && html`<p id="walk-number">${t("walk.number")}</p>
      <div class="row wrap" role="group" aria-labelledby="walk-number">${others.map((one) =>
        html`<span key=${one}>${button("touch", null, String(one), say(one))}</span>`)}</div>`}
  </div>`;
}

// All of the locker, out or in.
function Whole({ locker, act, onClose }) {
  const name = lockerName(locker.device);
  const isOut = act === "out";
  return html`<${AskWhy} asksWhy=${isOut} danger=${isOut} onClose=${onClose}
    title=${t(isOut ? "walk.out.ask" : "walk.back.ask", { locker: name })}
    confirm=${t(isOut ? "service.do" : "service.in")}
    keep=${t(isOut ? "service.keep" : "service.keepOut")}
    onConfirm=${async (said) => {
      await actAt(locker.device, { act, ...said });
      toast(t(isOut ? "service.isOut" : "service.isIn", { door: name }));
    }}>
    <p>${t(isOut ? "service.say" : "service.in.say")}</p><//>`;
}

export function WalkSide({ locker, onClose }) {
  const stale = useStale();
  const acts = useActs(locker.device);
  const out = useOut(locker.device);
  const [asks, setAsks] = useState(null);
  const [chosen, setChosen] = useState(null);
  const isAway = useFresh().state === "away";
  const walks = lastWalks(acts.value);
  const numbers = locker.compartments.map(({ number }) => number);
  const isOut = numbers.every((number) => out.has(number));
  const isSince = (number) => walks.has(number) && walks.get(number).at >= out.get(number);
  const next = chosen ?? numbers.find((number) => !isSince(number));
  const name = lockerName(locker.device);
  const whole = (act, icon, text, look) => html`<${Button} look=${look} icon=${icon}
    disabled=${isAway} onClick=${() => setAsks(act)}>${text}<//>`;
  return html`<div class=${"card" + stale}>
    <div class="side-title"><h2>${t("walk.title", { locker: name })}</h2>
      <p class="small second">${t(isOut ? "walk.say" : "walk.in")}</p></div>
    ${isOut && next !== undefined && html`<${Now} key=${next + "/" + walks.get(next)?.at}
      locker=${locker} number=${next} onDone=${() => { setChosen(null); acts.reload(); }} />`}
    ${isOut && next === undefined && html`<div class="card-body"><p>${t("walk.done")}</p></div>`}
    <ul class="worries">${numbers.map((number) => html`<${Result} key=${number}
      device=${locker.device} number=${number} walk=${walks.get(number)}
      current=${isOut && number === next} onChoose=${isOut ? setChosen : () => {}} />`)}</ul>
    <div class="card-foot">
      ${!isOut && whole("out", "out", t("walk.out", { locker: name }), "primary compact")}
      ${out.size > 0 && whole("in", "check", t("walk.back", { locker: name }), "compact")}
      <${Button} look="compact" icon="close" onClick=${onClose}>${t("walk.close")}<//>
    </div>
    ${asks && html`<${Whole} locker=${locker} act=${asks} onClose=${() => setAsks(null)} />`}
  </div>`;
}

export const WalkLink = ({ device }) => html`<${ButtonLink} look="compact" icon="person"
  href=${`/ui/office/wall/${device}/walk`}>${t("walk.start")}<//>`;
