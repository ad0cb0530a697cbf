// 14 Navigation: a rail for the console, a bar under the thumb for phones, the bar at the top.
import { html } from "../lib.js";
import { nextTheme, theme } from "../theme.js";
import { useSignal } from "../signal.js";
import { isSignedIn, useWho } from "../who.js";
import { language, setLanguage, t } from "../words.js";
import { Count } from "./badge.js";
import { Button, ButtonLink } from "./button.js";
import { Icon, Mark } from "./icon.js";

export const Brand = ({ href = "/ui/" }) =>
  html`<a class="brand" href=${href}><${Mark} />${t("app.name")}</a>`;

export const LanguageButton = () => html`<${Button} look="quiet square" icon="globe"
  aria-label=${t("app.language")}
  onClick=${() => setLanguage(language.get() === "en" ? "ko" : "en")} />`;

export const ThemeButton = () => html`<${Button} look="quiet square" icon="moon"
  aria-label=${t("app.theme.is", { now: t("app.theme." + useSignal(theme)) })}
  onClick=${nextTheme} />`;

// Leads whoever is signed in to the page about themselves.
export function PersonButton() {
  const who = useWho();
  if (!isSignedIn(who)) return null;
  return html`<${ButtonLink} look="quiet square" icon="person" href="/ui/me"
    aria-label=${t("app.person", who)} title=${who.name} />`;
}

export const Skip = ({ to = "main" }) =>
  html`<a class="skip" href=${"#" + to}>${t("app.skip")}</a>`;

const Item = ({ href, icon, label, current, count, say, tone }) =>
  html`<a href=${href} aria-current=${current ? "page" : undefined}><${Icon} name=${icon} />
    <span>${label}</span><${Count} n=${count} say=${say} tone=${tone} /></a>`;

// items: [{href, icon, label, current, count, say, tone}]
export const Thumbbar = ({ label, items }) =>
  html`<nav class="thumbbar" aria-label=${label}>
    ${items.map((item) => html`<${Item} ...${item} />`)}
  </nav>`;

// groups: [{head, items}]
export const Rail = ({ label, home, groups }) => html`<nav class="rail" aria-label=${label}>
  <${Brand} href=${home} />
  ${groups.map(({ head, items }) => html`
    ${head && html`<span class="rail-head">${head}</span>`}
    ${items.map((item) => html`<${Item} ...${item} />`)}`)}
</nav>`;
