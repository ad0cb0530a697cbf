// These pages come later; until then their addresses say so.
import { html } from "../lib.js";
import { t } from "../words.js";
import { Blank } from "../parts/notice.js";
import { ButtonLink } from "../parts/button.js";

export const styles = [];

export default function Face() {
  return html`<main class="plain"><${Blank} whole icon="clock" title=${t("face.later")}
    action=${html`<${ButtonLink} look="compact" href="/ui/">${t("app.home")}<//>`}>
    ${t("face.later.say")}<//></main>`;
}
