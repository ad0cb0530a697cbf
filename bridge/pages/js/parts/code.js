// 13 Code: four and four, as one says them; read digit by digit.
import { html } from "../lib.js";

export const Code = ({ digits }) => html`<p class="code">
  <span class="said">${digits.split("").join(" ")}</span>
  <span aria-hidden="true">${digits.slice(0, 4)}</span>
  <span aria-hidden="true">${digits.slice(4)}</span>
</p>`;
