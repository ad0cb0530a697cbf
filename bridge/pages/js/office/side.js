// What the side panel says when nothing is chosen, when all is well, and of what is not there.
import { html } from "../lib.js";
import { t } from "../words.js";
import { Icon } from "../parts/icon.js";

// look: "fine"; "choose", which a narrow screen has no room for.
export const SideNote = ({ look = "", icon, title, children }) => html`
  <div class=${"card side-title side-note " + look}><${Icon} name=${icon} /><h2>${title}</h2>
    <p class="small second">${children}</p></div>`;

export const NotThere = () => html`<${SideNote} icon="unknown" title=${t("office.notThere")}>
  ${t("app.nothing.say")}<//>`;
