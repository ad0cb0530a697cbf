// A page that is there, but not for the role of whoever is signed in.
import { html } from "../lib.js";
import { useWho } from "../who.js";
import { t } from "../words.js";
import { ButtonLink } from "../parts/button.js";
import { Blank } from "../parts/notice.js";
import "./words.js";

export default function NotYours() {
  const { role } = useWho();
  return html`<main class="plain">
    <${Blank} whole icon="person" title=${t("notyours.title")}
      action=${html`<${ButtonLink} look="compact" href="/ui/">${t("app.home")}<//>`}>
      ${t("notyours.say", { role: t("role." + role) })}<//></main>`;
}
