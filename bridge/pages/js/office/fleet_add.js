// How one more device comes into the fleet: the command to copy.
import { html, useState } from "../lib.js";
import { t } from "../words.js";
import { Button, Choices } from "../parts/button.js";
import { Modal } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { copy } from "./copy.js";

// As deploy/add-device takes them; a locker's name stands on the labels of its compartments.
const LONGEST = { locker: 21, scanner: 47 };

// Pure: the next name that nobody has, "scanner-3".
export function nextName(kind, devices) {
  const taken = new Set(devices.map(({ device }) => device));
  let n = 1;
  while (taken.has(`${kind}-${n}`)) n++;
  return `${kind}-${n}`;
}

export const isName = (kind, name) =>
  /^[a-z][a-z0-9-]*$/.test(name) && name.length <= LONGEST[kind];

export function AddDevice({ devices, onClose }) {
  const [kind, setKind] = useState("locker");
  const [typed, setTyped] = useState(null);
  const name = (typed ?? nextName(kind, devices)).trim();
  const isKnown = devices.some(({ device }) => device === name);
  const isRight = isName(kind, name);
  const command = `deploy/add-device ${kind} ${name}`;
  const become = (wanted) => {
    setKind(wanted);
    setTyped(null);
  };
  return html`<${Modal} className="dialog" labelledby="add-title" onClose=${onClose}>
    <div class="dialog-body">
      <h2 id="add-title" tabindex="-1" autofocus>${t("fleet.add")}</h2>
      <${Choices} label=${t("fleet.add.kind")} value=${kind} onChange=${become}
        options=${["locker", "scanner"].map((value) => ({ value, label: t("fleet.add." + value),
    icon: value === "locker" ? "door" : "scanner" }))} />
      <${Field} id="add-name" label=${t("fleet.add.name")} value=${typed ?? name}
        autocomplete="off" autocapitalize="none" spellcheck=${false} hint=${t("fleet.add.hint")}
        error=${isRight ? isKnown && t("fleet.add.known")
    : t("fleet.add.wrong", { n: LONGEST[kind] })}
        onInput=${({ target }) => setTyped(target.value)} />
      <div><p class="small second">${t("fleet.add.run")}</p>
        <pre class="log-lines command" tabindex="0" role="region"
          aria-label=${t("fleet.add.command")}>${isRight ? command : "…"}</pre></div>
      <p class="small second">${t("fleet.add.then")} ${t("fleet.add.station")}${" "}
        <a href="/ui/staff/scan">${t("fleet.add.open")}</a></p>
    </div>
    <div class="dialog-foot">
      <${Button} onClick=${onClose}>${t("app.close")}<//>
      <${Button} look="primary" icon="copy" disabled=${!isRight || isKnown}
        onClick=${() => copy(t("fleet.add.command"), command)}>${t("fleet.add.copy")}<//>
    </div>
  <//>`;
}
