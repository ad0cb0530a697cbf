// The wall: every locker as it stands, what somebody should look at, and what doors just did.
import { Component, html, useEffect, useLayoutEffect, useMemo, useRef } from "../lib.js";
import { navigate } from "../router.js";
import { useSignal, useSignalFor } from "../signal.js";
import { compartmentStates } from "../states.js";
import { t } from "../words.js";
import { useStale } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { Blank, whileLoading } from "../parts/notice.js";
import { step } from "./keys.js";
import { doorId, LockerGroups } from "./locker.js";
import { lockers, stateCounts, statesOf, worries } from "./lockers.js";
import { ReportLine } from "./report.js";
import { reports } from "./reports.js";
import { Shell } from "./shell.js";
import { NotThere } from "./side.js";
import { DemoSlot } from "../demo/slot.js";
import { Tail } from "./tail.js";
import { isArrow, tileBeside } from "./wall_keys.js";
import { WallSide } from "./wall_side.js";

const TAIL_LINES = 8;
const SHOW_TRIES = 20; // frames
const LIT = ["ajar", "jammed"];

const tileOf = (device, number) =>
  document.querySelector(`[data-door="${CSS.escape(doorId(device, number))}"]`);

// How many are in a state. Drawn anew only when that has changed.
class Cell extends Component {
  shouldComponentUpdate({ n }) {
    return n !== this.props.n;
  }

  render({ state, n }) {
    const { tone, icon, word } = compartmentStates[state];
    return html`<button type="button" data-tone=${tone} data-counts=${state} disabled=${!n}
      title=${n ? t("wall.next", { n, state: t(word) }) : undefined}
      data-lit=${n && LIT.includes(state) ? "" : undefined}>
      <${Icon} name=${icon} /><b><i>${n}</i></b><span>${t(word)}</span></button>`;
  }
}

// One cell for each state; a click leads to the next door of it.
function Annunciator({ chosen, onChoose }) {
  const stale = useStale();
  const counts = useSignal(stateCounts);
  const onClick = ({ target }) => {
    const state = target.closest("button")?.dataset.counts;
    const doors = lockers.get().value.flatMap((locker) => statesOf(locker).flatMap((one, i) =>
      (one === state ? [{ device: locker.device, number: locker.compartments[i].number }] : [])));
    const index = doors.findIndex((one) => one.device === chosen?.device &&
      one.number === chosen.number);
    const door = doors[(index + 1) % doors.length];
    if (door) onChoose(door.device, door.number, { focus: true });
  };
  return html`<div class=${"annunciator" + stale} role="group" aria-label=${t("wall.counts")}
    onClick=${onClick}>
    ${Object.keys(compartmentStates).map((state) => html`
      <${Cell} key=${state} state=${state} n=${counts[state] || 0} />`)}
  </div>`;
}

// One tile takes the focus by Tab; arrow keys lead from it to the others.
let roving = null;

function rove(tile) {
  if (roving) roving.tabIndex = -1;
  roving = tile;
  if (tile) tile.tabIndex = 0;
}

function useRoving(wall, chosen) {
  useLayoutEffect(() => { // an effect that waits for the next frame would make one, each time
    const wanted = chosen && tileOf(chosen.device, chosen.number);
    if (wanted) rove(wanted);
    else if (!roving?.isConnected) rove(wall.current?.querySelector(".tile"));
  });
}

// Lets groups that are not drawn be as high as the first one.
function useGroupHeight(wall) {
  useEffect(() => {
    const watcher = new ResizeObserver(([{ contentRect }]) =>
      wall.current.style.setProperty("--group", contentRect.height + "px"));
    watcher.observe(wall.current.firstElementChild);
    return () => watcher.disconnect();
  }, []);
}

function Lockers({ chosen, onChoose }) {
  const stale = useStale();
  const { value } = useSignalFor(lockers, ({ value: all }) => [all?.length]);
  const wall = useRef();
  useRoving(wall, chosen);
  useGroupHeight(wall);
  const onClick = (event) => {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const [device, number] = tile.dataset.door.split("/");
    onChoose(device, Number(number));
  };
  const onKeyDown = (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || !isArrow(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = tileBeside(tile, event.key);
    if (!next) return;
    rove(next);
    next.focus();
  };
  return html`<div class=${"wall" + stale} ref=${wall} onClick=${onClick} onKeyDown=${onKeyDown}>
    <${LockerGroups} count=${value?.length || 0} chosen=${chosen} />
  </div>`;
}

function LatelyAtDoors() {
  const all = useSignal(reports);
  return html`<${Tail} label=${t("wall.lately")} lines=${all || []} most=${TAIL_LINES}
    idOf=${({ seq }) => seq} empty=${t("wall.quiet")}
    line=${({ seq, data }) => html`<${ReportLine} key=${seq} data=${data} />`} />`;
}

const None = () => html`<${Blank} icon="wall" title=${t("wall.noLockers")}>
  ${t("wall.noLockers.say")}<//>`;

// Brings a door into sight. One that lies far away is drawn first.
function show(device, number, withFocus, tries = SHOW_TRIES) {
  const tile = tileOf(device, number);
  if (tile) {
    tile.scrollIntoView({ block: "nearest" });
    if (withFocus) tile.focus({ preventScroll: true });
  } else if (tries > 0) {
    const name = document.getElementById("name-" + device);
    if (name) name.scrollIntoView({ block: "center" });
    requestAnimationFrame(() => show(device, number, withFocus, tries - 1));
  }
}

function choose(device, number, { focus } = {}) {
  navigate(`/ui/office/wall/${device}/${number}`, { replace: true, still: true });
  show(device, number, focus);
}

function unchoose(chosen) {
  navigate("/ui/office/wall", { replace: true, still: true });
  if (chosen) tileOf(chosen.device, chosen.number)?.focus();
}

export default function WallPage({ locker: device, number }) {
  const isWalk = number === "walk"; // along all doors of the locker
  // What changes every moment is drawn by the parts that show it, and not with the whole page.
  const isThere = (all) => Boolean(all?.some((one) => one.device === device &&
    (!number || isWalk || one.compartments.some((door) => door.number === Number(number)))));
  const live = useSignalFor(lockers, ({ value: all, problem }) => [problem, Boolean(all),
    Boolean(all?.length), isThere(all)]);
  const value = live.value;
  const chosen = useMemo(
    () => (device && number && !isWalk ? { device, number: Number(number) } : null),
    [device, number]);
  const isGone = Boolean(value?.length && device && !isThere(value));
  useEffect(() => {
    if (!value || !device || history.state?.still) return;
    if (chosen) show(device, number, false);
    else document.getElementById("name-" + device)?.scrollIntoView({ block: "center" });
  }, [Boolean(value), device, number]);
  const move = (by) => {
    const list = worries(lockers.get().value || []).filter((one) => one.number);
    const next = step(list, (one) => doorId(one.locker.device, one.number),
      chosen && doorId(device, chosen.number), by);
    if (!next) return false;
    return choose(next.locker.device, next.number, { focus: true });
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    Escape: () => (device ? unchoose(chosen) : false),
  };
  const waits = whileLoading(live, 10);
  const has = value && value.length > 0;
  return html`<${Shell} at="wall" title=${t("office.wall")} keys=${keys} single=${!has}
    help=${["arrows", "go", "move", "close"]}
    head=${has && html`<${Annunciator} chosen=${chosen} onChoose=${choose} />`}
    side=${has && (isGone ? html`<${NotThere} />` : html`<${WallSide} chosen=${chosen}
      walk=${isWalk && device} onClose=${() => unchoose(chosen)}
      onChoose=${(one, n) => choose(one, n, { focus: true })} />`)}
    sideLabel=${chosen ? doorId(device, chosen.number) : t(isWalk ? "walk.start" : "wall.lookAt")}
    sideIsOpen=${Boolean(chosen || isGone || isWalk)} onCloseSide=${() => unchoose(chosen)}>
    <h1 class="said">${t("office.wall")}</h1>
    <${DemoSlot} />
    ${waits || (has ? html`<${Lockers} chosen=${chosen} onChoose=${choose} />`
      : html`<${None} />`)}
    ${has && html`<${LatelyAtDoors} />`}
  <//>`;
}
