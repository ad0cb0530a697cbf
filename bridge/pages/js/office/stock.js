import { html } from "../lib.js";
import { t } from "../words.js";
import { Blank } from "../parts/notice.js";
import { Shell } from "./shell.js";

export default function Later() {
  return html`<${Shell} at="stock" title=${t("office.stock")} single>
    <${Blank} whole icon="clock" title=${t("face.later")}>${t("face.later.say")}<//><//>`;
}
