// 10, 11 Notice and blank: each says what it is and what one can do.
import { html } from "../lib.js";
import { again } from "../live.js";
import { t } from "../words.js";
import { Button, ButtonLink } from "./button.js";
import { Icon } from "./icon.js";
import { Said } from "./said.js";

// A notice stays until its cause is gone.
export const Notice = ({ tone = "warn", icon = "info", title, children, ...rest }) =>
  html`<p class="notice" data-tone=${tone} ...${rest}><${Icon} name=${icon} />
    <span>${title && html`<strong>${title} </strong>`}${children}</span></p>`;

// A problem in its own words. Servers speak English.
export const ProblemNotice = ({ problem, children }) => (problem ? html`
  <div class="notice" data-tone="bad" role="alert"><${Icon} name="jammed" />
    <${Said} text=${problem.message} own=${!problem.status} />
    ${children}</div>` : null);

// whole: it is all that the page has, so its title is the page's.
export const Blank = ({ icon, title, children, action, whole }) => html`<div class="card blank">
  <${Icon} name=${icon} />${whole ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}
  <p>${children}</p>${action}</div>`;

// What an address shows that no page has.
export const Nothing = () => html`<main class="plain">
  <${Blank} whole icon="unknown" title=${t("app.nothing")}
  action=${html`<${ButtonLink} look="compact" href="/ui/">${t("app.home")}<//>`}>
  ${t("app.nothing.say")}<//></main>`;

export const Bones = ({ lines = 5 }) =>
  html`<div class="card blank" aria-busy="true">
    <span class="said" role="status">${t("app.loading")}</span>
    ${Array.from({ length: lines }, (_, i) =>
      html`<span class=${"bone " + ["half", "", "short"][i % 3]} />`)}
  </div>`;

// What to show of something loaded by useLive: its bones, why there is nothing, or nothing of
// these.
export function whileLoading({ value, problem, reload }, lines) {
  if (value !== undefined) return null;
  if (!problem) return html`<${Bones} lines=${lines} />`;
  const retry = () => {
    again();
    reload();
  };
  return html`<${Blank} icon="away" title=${t("api.none")}
    action=${html`<${Button} look="compact" icon="turn" onClick=${retry}>${t("app.retry")}<//>`}>
    <${Said} text=${problem.message} own=${!problem.status} /><//>`;
}
