// 2 Field. The error is a sentence that says what to do, below the field, with a shape.
import { html } from "../lib.js";
import { Icon } from "./icon.js";

export function Field({ id, label, hint, error, touch, ...input }) {
  const says = error ? id + "-error" : hint ? id + "-hint" : undefined;
  return html`<div class=${touch ? "field touch" : "field"} data-tone=${error ? "bad" : undefined}>
    <label for=${id}>${label}</label>
    <input id=${id} aria-invalid=${error ? "true" : undefined} aria-describedby=${says}
      ...${input} />
    ${error && html`<p class="field-error" id=${id + "-error"}><${Icon} name="jammed" />
      <span>${error}</span></p>`}
    ${!error && hint && html`<span class="field-hint" id=${id + "-hint"}>${hint}</span>`}
  </div>`;
}

// shortcut: shows the key that brings one here ("/").
export const Search = ({ label, shortcut, ...input }) =>
  html`<div class="search" role="search"><${Icon} name="search" />
    <input type="search" aria-label=${label} placeholder=${label} autocomplete="off"
      aria-keyshortcuts=${shortcut} ...${input} />
    ${shortcut && html`<kbd class="key" aria-hidden="true">${shortcut}</kbd>`}
  </div>`;
