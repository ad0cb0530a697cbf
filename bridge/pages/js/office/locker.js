// One locker, drawn as it stands. Drawn anew only when it has changed, or a door of it is chosen.
import { Component, html } from "../lib.js";
import { useFresh } from "../live.js";
import { lockerName } from "../names.js";
import { lockerStates } from "../states.js";
import { t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Tile } from "../parts/tile.js";
import { statesOf } from "./lockers.js";
import { packDoors } from "./packing.js";

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

// current: the number of the chosen door, or undefined.
export class Locker extends Component {
  shouldComponentUpdate({ locker, current }) {
    return locker !== this.props.locker || current !== this.props.current;
  }

  render({ locker, current }) {
    const states = statesOf(locker);
    const { rows, padAfter } = packDoors(locker.compartments.map(({ size }) => size));
    const doors = locker.compartments.map(({ number, size, deliveryId }, i) => html`
      <${Tile} key=${number} number=${number} size=${size} state=${states[i]} tabindex="-1"
        data-door=${doorId(locker.device, number)} current=${current === number}
        note=${deliveryId && t("wall.order", { id: deliveryId })} />`);
    doors.splice(padAfter, 0, html`<${Pad} key="pad" locker=${locker} states=${states} />`);
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
