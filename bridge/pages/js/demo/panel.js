// The bar of the demo: what a visitor can make happen in the simulated world.
import { html, useEffect, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { lockerName } from "../names.js";
import { useEvery } from "../poll.js";
import { useSignal } from "../signal.js";
import { t } from "../words.js";
import { Button, Choices } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { act, look, speeds, world } from "./world.js";
import { doorName } from "./words.js";

const LOOK_MS = 2000;
const SAID_MS = 12000;
const QUIET = { busy: null, said: "", failed: "" };

// What a press has brought about, in a sentence for the status line.
function happened(action, before, after) {
  const jammed = after.jammed.find(({ device, compartment }) => !before.jammed.some((one) =>
    one.device === device && one.compartment === compartment));
  if (action === "jam" && jammed) {
    return t("demo.jam.done", { door: doorName(jammed.device, jammed.compartment) });
  }
  return t(`demo.${action}.done`);
}

const nameOf = (action, { device = "", compartment = "" } = {}) =>
  `${action} ${device} ${compartment}`;

// {busy, said, failed, wish(action, members)}: one wish at a time, and what became of it. busy: its
// nameOf(). What is said is so for a while only.
function useWish() {
  const [state, setState] = useState(QUIET);
  useEffect(() => {
    if (!state.said) return undefined;
    const timer = setTimeout(() => setState(QUIET), SAID_MS);
    return () => clearTimeout(timer);
  }, [state]);
  async function wish(action, members = {}) {
    const before = world.get();
    setState({ ...QUIET, busy: nameOf(action, members) });
    try {
      const after = await act(action, members);
      setState({ ...QUIET, said: happened(action, before, after) });
    } catch (problem) {
      setState({ ...QUIET, failed: problem.message });
    }
  }
  return { ...state, wish };
}

function Speed({ value, onChange }) {
  return html`<div class="demo-speed"><span aria-hidden="true">${t("demo.speed")}</span>
    <${Choices} label=${t("demo.speed")} value=${value} onChange=${onChange}
      options=${speeds.map((percent) => ({ value: percent,
        icon: percent === 0 ? "pause" : undefined,
        label: percent === 0 ? t("demo.pause") : `${percent / 100}×` }))} /></div>`;
}

// Cut, or back again: one button for each locker.
function Networks({ devices, busy, off, wish }) {
  return devices.filter(({ kind }) => kind === "locker").map(({ device, network }) => {
    const action = network === "cut" ? "restore" : "cut";
    return html`<${Button} key=${device} look="touch" icon=${network === "cut" ? "link" : "offline"}
      busy=${busy === nameOf(action, { device })} disabled=${off}
      onClick=${() => wish(action, { device })}>
      ${t("demo." + action, { name: lockerName(device) })}<//>`;
  });
}

function Jammed({ doors, busy, off, wish }) {
  return doors.map((door) => html`<${Button} look="touch" icon="check" key=${nameOf("free", door)}
    busy=${busy === nameOf("free", door)} disabled=${off} onClick=${() => wish("free", door)}>
    ${t("demo.free", { door: doorName(door.device, door.compartment) })}<//>`);
}

// The impatient customer is under way: with which order.
function Visitor({ order }) {
  return html`<p class="demo-visitor"><${Icon} name="person" /><span>${t("demo.visitor.away")}
    ${order ? html` <a href=${"/ui/office/orders/" + order}>${t("demo.order", { id: order })}</a>`
      : ""}</span></p>`;
}

export default function DemoPanel() {
  useEvery(look, LOOK_MS);
  const now = useSignal(world);
  const off = useFresh().state === "away";
  const { busy, said, failed, wish } = useWish();
  if (!now) return null;
  const isUnderWay = now.visitor === "under_way";
  return html`<section class="demo card" aria-labelledby="demo-title">
    <div class="demo-head"><${Icon} name="demo" />
      <h2 id="demo-title">${t("demo.title")}</h2><p>${t("demo.say")}</p></div>
    <div class="demo-acts">
      <${Button} look="touch primary" icon="jammed" busy=${busy === nameOf("jam")}
        disabled=${off} onClick=${() => wish("jam")}>${t("demo.jam")}<//>
      <${Button} look="touch" icon="person" busy=${busy === nameOf("visitor")}
        disabled=${off || isUnderWay} onClick=${() => wish("visitor")}>${t("demo.visitor")}<//>
      <${Networks} devices=${now.devices} busy=${busy} off=${off} wish=${wish} />
      <${Jammed} doors=${now.jammed} busy=${busy} off=${off} wish=${wish} />
    </div>
    ${isUnderWay && html`<${Visitor} order=${now.visitorOrder} />`}
    <${Speed} value=${now.speedPercent}
      onChange=${(speedPercent) => wish("speed", { speedPercent })} />
    <p class="demo-said" role="status">${said}</p>
    ${failed && html`<p class="demo-said" role="alert" data-tone="bad">
      <${Icon} name="jammed" />${failed}</p>`}
  </section>`;
}

// Beside the chosen door on the wall, which has the bar as well.
export function DoorAct({ device, compartment }) {
  const now = useSignal(world);
  const off = useFresh().state === "away";
  const { busy, failed, wish } = useWish();
  if (!now?.devices.some((one) => one.device === device)) return null;
  const isJammed = now.jammed.some((one) => one.device === device &&
    one.compartment === compartment);
  const action = isJammed ? "free" : "jam";
  return html`<${Button} look="compact" icon=${isJammed ? "check" : "jammed"} disabled=${off}
      busy=${Boolean(busy)} onClick=${() => wish(action, { device, compartment })}>
      ${t(isJammed ? "demo.free.this" : "demo.jam.this")}<//>
    ${failed && html`<p class="small" role="alert">${failed}</p>`}`;
}
