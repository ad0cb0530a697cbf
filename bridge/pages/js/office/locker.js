// One locker, drawn as it stands. Drawn anew only when it has changed, or a door of it is chosen.
// Of hundreds only groups in sight have their doors: the frames of the others are as high.
import { Component, html, useEffect, useRef, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { lockerName } from "../names.js";
import { useSignalFor } from "../signal.js";
import { lockerStates } from "../states.js";
import { t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Tile } from "../parts/tile.js";
import { lockers, statesOf } from "./lockers.js";
import { packDoors } from "./packing.js";

const ALL_NEAR_MAX = 60; // so many lockers may always have their doors

export const doorId = (device, number) => `${device}/${number}`;

const KEYS = [1, 10, 19].flatMap((x) => [1, 9.2, 17.4, 25.6].map((y) => [x, y]));

function Pad({ locker, states }) {
  const free = states.filter((state) => state === "free").length;
  return html`<div class="locker-pad">
    <svg viewBox="0 0 26 33" aria-hidden="true">
      ${KEYS.map(([x, y]) => html`<rect x=${x} y=${y} width="6" height="6" rx="1" />`)}</svg>
    <span><span class="said">${t("wall.pad")}</span>
      ${t("wall.wrong", { n: locker.wrongCodes })}<br />
      ${t("wall.freeOf", { n: free, of: states.length })}</span>
  </div>`;
}

export function LockerBadge({ status }) {
  const isAway = useFresh().state === "away";
  if (isAway && status === "online") {
    return html`<${Badge} tone="calm" icon="clock">${t("wall.was")}<//>`;
  }
  const { tone, icon, word } = lockerStates[status];
  return html`<${Badge} tone=${tone} icon=${icon}>${t(word)}<//>`;
}

const nameOf = ({ device, site }) => (site === device ? device : `${device}, ${site}`);

const GROUP = 12; // lockers that are compared, watched and laid out at once: whole rows of them

const seen = new Map(); // element -> fn(is it near)
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) seen.get(target)?.(isIntersecting);
}, { rootMargin: "300px" });

// current: the number of the chosen door, or undefined. isNear: its doors are drawn.
class Locker extends Component {
  shouldComponentUpdate({ locker, current, isNear }) {
    const before = this.props;
    return isNear !== before.isNear || current !== before.current ||
      (locker !== before.locker && (isNear || locker.status !== before.locker.status));
  }

  render({ locker, current, isNear }) {
    const states = statesOf(locker);
    const { rows, padAfter } = packDoors(locker.compartments.map(({ size }) => size));
    const shown = isNear ? locker.compartments : [];
    const doors = shown.map(({ number, size, deliveryId }, i) => html`
      <${Tile} key=${number} number=${number} size=${size} state=${states[i]} tabindex="-1"
        data-door=${doorId(locker.device, number)} current=${current === number}
        note=${deliveryId && t("wall.order", { id: deliveryId })} />`);
    const pad = html`<${Pad} key="pad" locker=${locker} states=${states} />`;
    if (isNear) doors.splice(padAfter, 0, pad);
    return html`<section class="locker" aria-labelledby=${"name-" + locker.device}>
      <div class="locker-name">
        <h2 id=${"name-" + locker.device}>${lockerName(locker.device)}</h2>
        <span class="small faint">${nameOf(locker)}</span><span class="push"></span>
        <${LockerBadge} status=${locker.status} />
      </div>
      <div class="locker-doors" data-rows=${rows}>${doors}</div>
    </section>`;
  }
}

// Some of the lockers, of so many: drawn anew only when one of them has changed, or was chosen.
function LockerGroup({ from, of, chosen }) {
  const element = useRef();
  const [isNear, setIsNear] = useState(of <= ALL_NEAR_MAX);
  const pick = ({ value }) => (value || []).slice(from, from + GROUP);
  const some = pick(useSignalFor(lockers, pick));
  useEffect(() => {
    if (isNear) return undefined;
    const { current } = element;
    seen.set(current, setIsNear);
    watcher.observe(current);
    return () => {
      seen.delete(current);
      watcher.unobserve(current);
    };
  }, []);
  const look = of > ALL_NEAR_MAX ? "locker-group many" : "locker-group";
  return html`<div class=${look} ref=${element}>
    ${some.map((locker) => html`
      <${Locker} key=${locker.device} locker=${locker} isNear=${isNear}
        current=${chosen?.device === locker.device ? chosen.number : undefined} />`)}</div>`;
}

// All of them, so many. chosen: {device, number}, or null.
export function LockerGroups({ count, chosen }) {
  const groups = [];
  for (let from = 0; from < count; from += GROUP) {
    groups.push(html`<${LockerGroup} key=${from} from=${from} of=${count} chosen=${chosen} />`);
  }
  return groups;
}
