// How a device is, in small: its badge, when it was heard, what it does.
import { html } from "../lib.js";
import { useFresh } from "../live.js";
import { deviceStates } from "../states.js";
import { clockOrDate, duration, useNow } from "../time.js";
import { t } from "../words.js";
import { Badge } from "../parts/badge.js";
import "./fleet_words.js";

export function DeviceBadge({ state }) {
  const { tone, icon, word } = deviceStates[state];
  return html`<${Badge} plain=${state === "station"} tone=${tone} icon=${icon}>${t(word)}<//>`;
}

// "4 s ago"; while the stream is away, when it was.
export function Heard({ at }) {
  const isAway = useFresh().state === "away";
  const now = useNow(1000);
  if (!at) return t("fleet.never");
  const text = isAway ? clockOrDate(at) : t("fleet.ago", { age: duration(now - new Date(at)) });
  return html`<time datetime=${at} title=${clockOrDate(at)}>${text}</time>`;
}

export function Doing({ one: { doing, rentalId } }) {
  if (!doing) return t("fleet.none");
  return html`${t("fleet.doing." + doing)}${rentalId && html`, <a
    href=${"/ui/office/orders/" + rentalId}>${t("fleet.order", { id: rentalId })}</a>`}`;
}

// What it runs; of a protocol that the operator may end, a word behind it.
export function Firmware({ one: { firmware, protocol } }) {
  if (!firmware) return t("fleet.none");
  return protocol === 1 ? html`${firmware} <${Badge} plain tone="warn" icon="ajar">
    ${t("fleet.protocol.n", { n: protocol })}<//>` : firmware;
}
