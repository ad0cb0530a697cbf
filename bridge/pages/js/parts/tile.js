// 8 Compartment: one door, seen from the front. Readable without any colour.
import { html } from "../lib.js";
import { addWords, t } from "../words.js";
import { compartmentStates } from "../states.js";
import { Icon } from "./icon.js";

addWords({ "tile.size": ["size", "크기"] });

// Its name is said by a label: text that is only heard would be a clip of its own in each tile.
export function Tile({ number, size, state, note, current, ...rest }) {
  const { tone, icon, word } = compartmentStates[state];
  const shown = String(number).padStart(2, "0");
  const said = [shown, `${t("tile.size")} ${size}`, t(word), note].filter(Boolean).join(", ");
  return html`<button class="tile" type="button" data-state=${state} data-size=${size}
    data-tone=${tone} aria-label=${said} aria-current=${current ? "true" : undefined} ...${rest}>
    <span class="tile-number">${shown}</span>
    <span class="tile-size">${size}</span>
    <span class="tile-state"><${Icon} name=${icon} />${t(word)}</span>
    ${note && html`<span class="tile-note">${note}</span>`}
  </button>`;
}
