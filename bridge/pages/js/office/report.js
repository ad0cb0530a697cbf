// What a door reported, in words.
import { html } from "../lib.js";
import { lockerName } from "../names.js";
import { doorReports } from "../states.js";
import { clockExact, clockSeconds, dateTime } from "../time.js";
import { hasWord, t } from "../words.js";
import { Badge } from "../parts/badge.js";

const padded = (number) => String(number).padStart(2, "0");

// "Locker 1 / 03"
export const doorName = (device, number) =>
  lockerName(device) + (number ? " / " + padded(number) : "");

const opener = ({ by, deliveryId }) => (by
  ? t(`report.by.${deliveryId ? "" : "nobody."}${by}`, { order: deliveryId })
  : deliveryId ? t("report.of", { order: deliveryId }) : "");

// The words of a report beside its badge: who or what, what lies inside, why it was refused.
export function reportSays(data) {
  const words = [opener(data)];
  if (data.board !== undefined) words.push(t("report.board", { n: data.board }));
  if (data.presence) words.push(t("report.inside." + data.presence));
  if (data.refusal && hasWord("refusal." + data.refusal)) words.push(t("refusal." + data.refusal));
  if (data.pauseUntil) words.push(t("report.pause", { at: clockSeconds(data.pauseUntil) }));
  return words.filter(Boolean).join(", ");
}

const capOf = ({ by, board, compartment }) =>
  t("report.cap." + (by || (board !== undefined ? "board" : compartment ? "door" : "locker")));

// Is it of today? Then the clock says enough.
const isToday = (at) => new Date(at).toDateString() === new Date().toDateString();
export const exactly = (at) => (isToday(at) ? clockExact(at) : dateTime(at));

export function ReportBadge({ what }) {
  const { tone, icon, word } = doorReports[what] || doorReports.started;
  return html`<${Badge} plain tone=${tone} icon=${icon}>${doorReports[what] ? t(word) : what}<//>`;
}

export const ReportLine = ({ data }) => html`<li>
  <time datetime=${data.at}>${exactly(data.at)}</time>
  <span><${ReportBadge} what=${data.what} /></span>
  <span class="tail-text"><strong>${doorName(data.locker, data.compartment)}</strong>
    ${" "}${reportSays(data)}</span>
  <span class="cap">${capOf(data)}</span>
</li>`;
