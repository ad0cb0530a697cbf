// 3 Badge of state: colour, shape and word. Loud only where a person must act.
import { html } from "../lib.js";
import { t } from "../words.js";
import { compartmentStates, orderState, orderStates } from "../states.js";
import { Icon } from "./icon.js";

export const Badge = ({ tone, icon, loud, plain, children }) =>
  html`<span class=${"badge" + (loud ? " loud" : "") + (plain ? " plain" : "")} data-tone=${tone}>
    <${Icon} name=${icon} />${children}
  </span>`;

export function OrderBadge({ order, loud }) {
  const { tone, icon, word } = orderStates[orderState(order)];
  return html`<${Badge} tone=${tone} icon=${icon} loud=${loud}>${t(word)}<//>`;
}

export function CompartmentBadge({ state }) {
  const { tone, icon, word, loud } = compartmentStates[state];
  return html`<${Badge} tone=${tone} icon=${icon} loud=${loud}>${t(word)}<//>`;
}

export const Count = ({ n, tone, say }) => (n ? html`
  <span class="count" data-tone=${tone} aria-hidden=${say ? "true" : undefined}>${n}</span>
  ${say && html`<span class="said">${say}</span>`}` : null);
