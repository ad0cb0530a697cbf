// The station's name: chosen once, kept. Under it the server keeps what is under way here.
import { recall, remember } from "../keep.js";
import { html, useState } from "../lib.js";
import { signal } from "../signal.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { Field } from "../parts/field.js";

const NAME = /^[a-z][a-z0-9-]{0,41}$/; // and room for "-desk"

export const station = signal(recall("staff.station", ""));

export function setStation(name) {
  remember("staff.station", name);
  station.set(name);
}

// The name under which the desk hands over: what is under way at the station stays as it is.
export const deskOf = (name) => name + "-desk";

// Which station is this? onChosen() when it is known.
export function StationForm({ onChosen = () => {} }) {
  const [name, setName] = useState(station.get() || "desk-1");
  const [wrong, setWrong] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    const wanted = name.trim().toLowerCase().replaceAll(" ", "-");
    setWrong(!NAME.test(wanted));
    if (!NAME.test(wanted)) return;
    setStation(wanted);
    onChosen();
  };
  return html`<form class="station-name" onSubmit=${submit}>
    <h2>${t("station.which")}</h2>
    <p class="second">${t("station.which.say")}</p>
    <${Field} id="station" label=${t("station.name")} value=${name} touch autocomplete="off"
      autocapitalize="none" spellcheck=${false} maxlength="42" hint=${t("station.hint")}
      error=${wrong && t("station.wrong")} onInput=${({ target }) => setName(target.value)} />
    <${Button} look="primary touch" type="submit">${t("station.use")}<//>
  </form>`;
}
