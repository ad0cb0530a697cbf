// The keys of a page, as a list.
import { html } from "../lib.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { Modal } from "../parts/dialog.js";

const KEYS = {
  arrows: ["←", "↑", "↓", "→"],
  move: ["j", "k"],
  go: ["Enter"],
  close: ["Esc"],
  pause: ["p"],
  search: ["/"],
  help: ["?"],
};

// keys: names of what this page has beside search and help.
export const KeysHelp = ({ keys, onClose }) => html`<${Modal} className="dialog"
  labelledby="keys-title" onClose=${onClose}>
  <div class="dialog-body">
    <h2 id="keys-title">${t("keys.title")}</h2>
    <dl class="keys">${[...keys, "search", "help"].map((name) => html`
      <dt>${KEYS[name].map((key) => html`<kbd class="key">${key}</kbd> `)}</dt>
      <dd>${t("keys." + name)}</dd>`)}</dl>
  </div>
  <div class="dialog-foot"><${Button} onClick=${onClose}>${t("app.close")}<//></div>
<//>`;
