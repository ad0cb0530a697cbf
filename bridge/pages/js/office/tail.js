// Lines that come in at the top. While somebody points at them they wait, and are counted.
import { html, useState } from "../lib.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { useStale } from "../parts/fresh.js";

/**
 * lines: newest first; idOf tells them apart; line(one) draws it. paused: nothing new comes in
 * until it is false again; onResume() asks for that.
 */
export function Tail({ label, lines, idOf, line, most, paused, onResume, empty }) {
  const [held, setHeld] = useState(null); // what was shown when somebody began to point
  const stale = useStale();
  const isHeld = paused || held;
  const [kept, setKept] = useState(lines);
  if (!isHeld && kept !== lines) setKept(lines);
  const shown = isHeld ? kept : lines;
  const first = shown.length ? idOf(shown[0]) : null;
  const fresh = isHeld && shown !== lines
    ? Math.max(0, lines.findIndex((one) => idOf(one) === first)) : 0;
  const resume = () => {
    setHeld(null);
    setKept(lines);
    if (paused && onResume) onResume();
  };
  return html`<section class="card tail-card" aria-label=${label}
    onPointerEnter=${(event) => event.pointerType === "mouse" && setHeld(true)}
    onPointerLeave=${() => setHeld(null)}>
    <div class="card-head"><h2>${label}</h2><span class="push"></span>
      ${fresh > 0 && html`<${Button} look="compact" onClick=${resume}>
        ${t("wall.new", { n: fresh })}<//>`}</div>
    ${shown.length
      ? html`<ol class=${"tail" + stale}>${shown.slice(0, most).map(line)}</ol>`
      : html`<p class="tail-empty">${empty}</p>`}
  </section>`;
}
