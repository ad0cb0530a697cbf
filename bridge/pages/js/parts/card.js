// 5 Card, figures, facts. Nothing inside floats: rules divide, space groups.
import { html } from "../lib.js";

export const Card = ({ title, aside, foot, children, ...rest }) =>
  html`<section class="card" ...${rest}>
    ${title && html`<div class="card-head">
      <h3>${title}</h3><span class="push"></span>${aside}</div>`}
    <div class="card-body">${children}</div>
    ${foot && html`<div class="card-foot">${foot}</div>`}
  </section>`;

export const Stat = ({ label, value, of }) => html`<div class="stat">
  <span class="stat-label">${label}</span>
  <span class="stat-value">${value}${of && html` <small>${of}</small>`}</span>
</div>`;

// facts: [[name, value]...]; those without a value are left out.
export const Facts = ({ facts }) => html`<dl class="facts">
  ${facts.filter(([, value]) => value || value === 0)
    .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
</dl>`;

export const Meter = ({ label, value, high = 0.8 }) =>
  html`<meter min="0" max="1" high=${high} optimum="0" value=${value} aria-label=${label}></meter>`;
