// 1 Button. One primary in a view; danger only inside a dialog; busy keeps its width.
import { html } from "../lib.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

// look: "primary", "danger", "quiet", "touch", "wide", "compact", "square", several with spaces.
export function Button({ look = "", icon, busy, children, ...rest }) {
  const shown = busy ? "turn" : icon;
  return html`<button type="button" class=${"button " + look} aria-busy=${busy ? "true" : undefined}
    ...${busy ? { ...rest, onClick: undefined, "aria-disabled": "true" } : rest}>
    ${shown && html`<${Icon} name=${shown} />`}${children}
  </button>`;
}

export const ButtonLink = ({ look = "", icon, children, ...rest }) =>
  html`<a class=${"button " + look} ...${rest}>
    ${icon && html`<${Icon} name=${icon} />`}${children}</a>`;

// One of several: options [{value, label, icon}].
export const Choices = ({ label, options, value, onChange }) =>
  html`<div class="choices" role="group" aria-label=${label}>
    ${options.map((option) => html`<button type="button"
      aria-pressed=${String(option.value === value)} onClick=${() => onChange(option.value)}>
      ${option.icon && html`<${Icon} name=${option.icon} />`}${option.label}
    </button>`)}
  </div>`;

// A small number: by one, or typed.
export function Stepper({ labelledby, value, min = 1, max, onChange }) {
  const onInput = ({ target }) => {
    if (target.value === "") return; // more is to come
    const typed = Number(target.value.replace(/\D/g, "")) || min;
    const next = Math.min(Math.max(typed, min), max);
    target.value = next;
    onChange(next);
  };
  return html`<div class="stepper push" role="group" aria-labelledby=${labelledby}>
    <button type="button" aria-label=${t("stepper.less")} disabled=${value <= min}
      onClick=${() => onChange(value - 1)}><${Icon} name="minus" /></button>
    <input aria-labelledby=${labelledby} inputmode="numeric" autocomplete="off" maxlength="7"
      value=${value} onInput=${onInput} onFocus=${({ target }) => target.select()}
      onBlur=${({ target }) => (target.value = value)} />
    <button type="button" aria-label=${t("stepper.more")} disabled=${value >= max}
      onClick=${() => onChange(value + 1)}><${Icon} name="plus" /></button>
  </div>`;
}
