// 8 Compartment: one door, seen from the front. Readable without any colour.
import { html } from "../lib.js";
import { addWords, t } from "../words.js";
import { compartmentStates } from "../states.js";
import { Icon } from "./icon.js";

addWords({ "tile.size": ["size", "크기"] });

export function Tile({ number, size, state, note, current, ...rest }) {
  const { tone, icon, word } = compartmentStates[state];
  return html`<button class="tile" type="button" data-state=${state} data-size=${size}
    data-tone=${tone} aria-current=${current ? "true" : undefined} ...${rest}>
    <span class="tile-number">${String(number).padStart(2, "0")}</span>
    <span class="tile-size"><span class="said">${t("tile.size")} </span>${size}</span>
    <span class="tile-state"><${Icon} name=${icon} />${t(word)}</span>
    ${note && html`<span class="tile-note">${note}</span>`}
  </button>`;
}
