// 6 Timeline: done, now, wait, ended, next. Only the step under way moves.
import { html } from "../lib.js";
import { Icon } from "./icon.js";
import { Said } from "./said.js";

// steps: [{step, icon, title, say, isReason, at (for datetime), when}]; step is one of those above;
// isReason: a service says it.
export const Timeline = ({ steps }) => html`<ol class="timeline">
  ${steps.map(({ step, icon, title, say, isReason, at, when }) => html`
    <li data-step=${step} aria-current=${step === "now" ? "step" : undefined}>
      <span class="timeline-mark"><${Icon} name=${step === "done" ? "check" : icon} /></span>
      <div class="timeline-text"><strong>${title}</strong>
        ${say && html`<p><${Said} text=${say} own=${!isReason} /></p>`}</div>
      ${at ? html`<time datetime=${at}>${when}</time>`
        : when && html`<span class="timeline-when">${when}</span>`}
    </li>`)}
</ol>`;
