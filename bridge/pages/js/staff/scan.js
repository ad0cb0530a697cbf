// The scan station: one field that a scanner types into, one big answer, one next step.
import { html, useEffect, useRef, useState } from "../lib.js";
import { navigate } from "../router.js";
import { useSignal } from "../signal.js";
import { clockSeconds } from "../time.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { Notice } from "../parts/notice.js";
import { Said } from "../parts/said.js";
import { Verdict } from "../parts/verdict.js";
import { FLOWS } from "./flows.js";
import { doorOf, nameOf, pieces } from "./picks.js";
import { Prompt } from "./prompts.js";
import { Shell } from "./shell.js";
import { setSound, soundIsOn } from "./sound.js";
import { station, StationForm } from "./station.js";
import { Session } from "./session.js";
import { placeOf, useFloor, usePicks } from "./work.js";
import { empty, isEnter, Keys, typedBy } from "./wedge.js";

const IS_TOUCH = matchMedia("(pointer: coarse)").matches; // its own keyboard is in the way
const SLOW_MS = 700; // longer than that without an answer, the page says so

const kindWord = (label) => (label ? t("label." + label.kind) + " " : "");
export const labelText = ({ label, text }) =>
  (label ? kindWord(label) + label.value : text);

const focusField = () => document.getElementById("scan")?.focus({ preventScroll: true });

function SoundButton() {
  const on = useSignal(soundIsOn);
  return html`<${Button} look="quiet square" icon=${on ? "sound" : "mute"}
    aria-label=${t(on ? "scan.sound.on" : "scan.sound.off")} onClick=${() => {
      setSound(!on);
      focusField();
    }} />`;
}

const Head = ({ name, onRename }) => html`<${SoundButton} />
  <${Button} look="quiet station-button" icon="scanner" aria-label=${t("station.is", { name })}
    onClick=${onRename}><span class="wide-only">${name}</span><//>`;

function Flow({ session }) {
  const { flow, step, order } = session;
  if (!flow) return null;
  const { icon, steps } = FLOWS[flow];
  const at = steps.indexOf(step);
  return html`<p class="station-flow"><${Icon} name=${icon} /><strong>${t("flow." + flow)}</strong>
    ${order && html`<span>${t("staff.order", { id: order })}</span>`}
    ${steps.length > 1 && html`<span class="station-steps" role="img"
      aria-label=${t("scan.step", { n: at + 1, of: steps.length })}>
      ${steps.map((_, i) => html`<i data-done=${i < at ? "" : undefined}
        data-now=${i === at ? "" : undefined}></i>`)}</span>`}</p>`;
}

// What a station was in the midst of before this page was loaded, and its last prompt.
const GoesOn = ({ told }) => html`<${Verdict} tone="calm" word=${t("scan.goesOn")}
  label=${t("scan.goesOn.at", { time: clockSeconds(told.scannedAt) })}
  say=${html`<${Prompt} text=${told.prompt} />`} />`;

// The last answer, or that one is waited for. told: what was under way here when the page came.
function Answer({ last, waiting, told }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!waiting) return undefined;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [waiting > 0, last]);
  if (waiting && slow) {
    return html`<${Verdict} tone="warn" word=${t("scan.stored")} label=${t("scan.waits",
      { n: waiting })} />`;
  }
  if (!last && told) return html`<${GoesOn} told=${told} />`;
  if (!last) {
    return html`<${Verdict} tone="calm" word=${t("scan.ready")} label=${t("scan.first")} />`;
  }
  if (last.problem) {
    return html`<${Verdict} key=${last.key} tone="bad" word=${t("scan.failed")}
      label=${labelText(last)} say=${html`<${Said} text=${last.problem.message}
        own=${!last.problem.status} />`} />`;
  }
  const { result, signal, prompt } = last.verdict;
  const isGood = result === "accepted";
  return html`<${Verdict} key=${last.key} tone=${isGood ? "good" : "bad"}
    word=${t(isGood ? (signal === "done" ? "scan.done" : "scan.accepted") : "scan.refused")}
    label=${labelText(last) + (isGood ? "" : " · " + t("result." + result))}
    say=${html`<${Prompt} text=${prompt} />`} />`;
}

// The one next step, in words; of a pick what to take, and from where.
function nextOf(session, { picks, floor, wish, target }) {
  const { flow, step, order } = session;
  const place = floor && placeOf(floor, order || target);
  if (!flow && wish) {
    return { title: t("scan.wish." + wish.flow, { id: wish.order }), say: t("scan.wish.say") };
  }
  if (!flow) return { title: t("scan.next.none"), say: t("scan.next.none.say") };
  const pick = flow === "PICK" && step === "units" && picks?.find((one) => one.rentalId === order);
  if (pick && pick.qty > pick.picked) {
    const [unit] = pick.units;
    return { title: pieces(pick.qty - pick.picked, nameOf(pick, floor?.orders[order])),
      say: unit ? t("scan.fromBin", { bin: unit.bin }) : t("scan.fromShelf"),
      unit: unit && unit.label.slice(unit.label.indexOf(":") + 1) };
  }
  if (place && (step === "compartment" || (step === "back" && place.use === "loaded"))) {
    return { title: doorOf(place), say: t("scan.door") };
  }
  return { title: t("step.scan." + step), say: t(step === "check" ? "scan.check.say"
    : "scan.next") };
}

const START = ["PICK", "LOAD", "RETURN", "RECEIVE", "PUTAWAY", "COUNT", "HANDOVER"];

// What can be said without a printed command.
function Commands({ session, onCommand, wish, onWish }) {
  const { flow, step } = session;
  const button = (value, icon, look = "") => html`<${Button} look=${"touch " + look} icon=${icon}
    onClick=${() => onCommand(value)}>${t("command." + value)}<//>`;
  if (!flow) {
    return html`<div class="station-commands">
      ${wish && html`<${Button} look="primary touch full" icon=${FLOWS[wish.flow].icon}
        onClick=${onWish}>${t("scan.begin")}<//>`}
      ${START.map((value) => button(value, FLOWS[value].icon))}</div>`;
  }
  return html`<div class="station-commands">
    ${step === "check" && html`${button("OK", "check", "tall")}
      ${button("DAMAGED", "jammed", "tall")}`}
    ${step === "counted" && button("DONE", "check", "primary full")}
    ${step !== "check" && html`<${Button} look="touch full" icon="close"
      onClick=${() => onCommand("CANCEL")}>${t("stop." + flow)}<//>`}</div>`;
}

const Last = ({ list }) => (list.length ? html`
  <ol class="station-last" aria-label=${t("scan.last")}>${list.map((one) => {
    const isGood = one.verdict?.result === "accepted";
    return html`<li key=${one.key} data-tone=${isGood ? "good" : "bad"}>
      <${Icon} name=${isGood ? "check" : "jammed"} />
      <span><b>${labelText(one)}</b> ${one.problem
        ? one.problem.message : html`<${Prompt} text=${one.verdict.prompt} />`}</span>
      <time datetime=${new Date(one.at).toISOString()}>${clockSeconds(one.at)}</time></li>`;
  })}</ol>` : null);

// The camera's part of the page, loaded when it is wanted.
function CameraPlace({ onText, onClose }) {
  const [Camera, setCamera] = useState(null);
  useEffect(() => {
    import("./camera.js").then((module) => setCamera(() => module.default));
  }, []);
  return Camera && html`<${Camera} onText=${onText} onClose=${onClose} />`;
}

// The field. Keys that nobody else wants come here, wherever the focus is.
function ScanField({ session, sees, onText, onCamera }) {
  const [text, setText] = useState("");
  const [typing, setTyping] = useState(!IS_TOUCH);
  const keys = useRef(new Keys());
  const field = useRef();
  const submit = () => {
    const read = keys.current.read(field.current.value);
    keys.current.clear();
    empty(field.current);
    setText("");
    onText(read);
  };
  useEffect(() => {
    focusField();
    const onKey = (event) => {
      const { target } = event;
      if (document.querySelector("dialog[open]")) return;
      const isHere = target === field.current;
      const sign = typedBy(event);
      if (!isHere) {
        if (!sign || sign === " " || target.closest?.("input, select, textarea")) return;
        focusField(); // this very key arrives in the field
      }
      if (isHere && (isEnter(event) || (event.code === "Tab" && keys.current.isFast()))) {
        event.preventDefault();
        submit();
        return;
      }
      if (event.ctrlKey && sign) event.preventDefault();
      keys.current.press(event);
    };
    addEventListener("keydown", onKey, true);
    return () => removeEventListener("keydown", onKey, true);
  }, [onText]);
  const onInput = ({ target, inputType }) => {
    if (!target.value) keys.current.clear();
    else if (/Paste|Drop|Cut|Undo|Redo/.test(inputType || "")) keys.current.spoil();
    setText(target.value);
  };
  const keyboard = () => {
    setTyping(!typing);
    requestAnimationFrame(() => {
      field.current.blur();
      focusField();
    });
  };
  return html`<form class="station-input" onSubmit=${(event) => {
    event.preventDefault();
    submit();
  }}>
    <div class="search"><${Icon} name="scan" /><input id="scan" ref=${field} value=${text}
      aria-label=${t("scan.field")} placeholder=${t("scan.placeholder." +
        (session.flow ? "go" : "start"))} autocomplete="off" autocapitalize="none"
      autocorrect="off" spellcheck=${false} enterkeyhint="send"
      inputmode=${typing ? undefined : "none"} maxlength="128" onInput=${onInput} /></div>
    ${text && html`<${Button} look="touch primary" type="submit">${t("scan.send")}<//>`}
    ${!text && IS_TOUCH && html`<${Button} look="touch" icon="keyboard"
      aria-pressed=${String(typing)} aria-label=${t("scan.keyboard")} onClick=${keyboard} />`}
    ${!text && html`<${Button} look="touch" icon=${sees ? "close" : "camera"}
      aria-label=${t(sees ? "camera.close" : "camera.open")} onClick=${() => {
        onCamera(!sees);
        focusField();
      }} />`}
  </form>`;
}

const isUnderWay = (wish, { flow, order }) => wish.flow === flow && wish.order === order;

// What another page asked to begin here: /ui/staff/scan?do=PICK&order=3
function wishOf(search) {
  const asked = new URLSearchParams(search);
  const flow = asked.get("do"), order = asked.get("order");
  const isAsked = ["PICK", "LOAD", "RETURN"].includes(flow) && /^[1-9]\d{0,15}$/.test(order);
  return isAsked && { flow, order: Number(order) };
}

function Station({ name }) {
  const scans = useRef();
  scans.current ||= new Session(name);
  const [, moved] = useState(0);
  const [sees, setSees] = useState(false);
  const [wish, setWish] = useState(wishOf(location.search));
  const [target, setTarget] = useState(null); // the order of a wish that was begun
  const picks = usePicks("oldest");
  const floor = useFloor().value;
  useEffect(() => {
    const leave = scans.current.follow(() => {
      moved((n) => n + 1);
      setWish((one) => (one && isUnderWay(one, scans.current.session) ? null : one));
      if (!scans.current.session.flow && !scans.current.waiting) setTarget(null);
      picks.reload();
    });
    scans.current.resume();
    return leave;
  }, []);
  const { session, last, waiting, told } = scans.current;
  const onWish = () => {
    scans.current.command(wish.flow);
    // What lies in a locker begins at its door: only who stands there opens it.
    const isInLocker = floor && placeOf(floor, wish.order)?.use === "loaded";
    if (wish.flow !== "RETURN" || !isInLocker) scans.current.label("order", wish.order);
    setTarget(wish.order);
    setWish(null);
    navigate("/ui/staff/scan", { replace: true, still: true });
    focusField();
  };
  const onText = (text) => {
    if (text) scans.current.scan(text);
    else if (wish && !session.flow) onWish();
    focusField();
  };
  const onCommand = (value) => {
    scans.current.command(value);
    focusField();
  };
  const isLater = wish && session.flow && (session.flow !== wish.flow || session.order);
  const next = nextOf(session, { picks: picks.value, floor, wish, target });
  return html`
    <${Flow} session=${session} />
    <${Answer} last=${last[0]} waiting=${waiting} told=${told} />
    <section class="station-next" aria-label=${t("scan.next.head")}>
      <p class="second small">${next.say}</p>
      <h2>${next.title}${next.unit && html` <small>${next.unit}</small>`}</h2>
      ${isLater && html`<${Notice} tone="calm" icon=${FLOWS[wish.flow].icon}
        title=${t("scan.wish." + wish.flow, { id: wish.order })}>${t("scan.wish.later")}<//>`}
      ${sees && html`<${CameraPlace} onText=${onText} onClose=${() => setSees(false)} />`}
      <${ScanField} session=${session} sees=${sees} onText=${onText} onCamera=${setSees} />
    </section>
    <${Commands} session=${session} onCommand=${onCommand} wish=${wish} onWish=${onWish} />
    <${Last} list=${last} />`;
}

export function ScanPage() {
  const name = useSignal(station);
  const [renames, setRenames] = useState(false);
  if (!name || renames) {
    return html`<${Shell} at="scan" title=${t("staff.scan")}>
      <${StationForm} onChosen=${() => setRenames(false)} /><//>`;
  }
  return html`<${Shell} at="scan" title=${t("staff.scan")} className="station"
    head=${html`<${Head} name=${name} onRename=${() => setRenames(true)} />`}>
    <${Station} key=${name} name=${name} /><//>`;
}
