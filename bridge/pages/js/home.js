// Where one says who one is. There are no accounts yet: a persona is chosen.
import { html, useEffect } from "./lib.js";
import { t } from "./words.js";
import { Brand, LanguageButton, ThemeButton } from "./parts/nav.js";
import { Icon } from "./parts/icon.js";
import { Notice } from "./parts/notice.js";

const PERSONAS = [
  { href: "/ui/shop", icon: "person", word: "home.customer" },
  { href: "/ui/staff/picks", icon: "scanner", word: "home.staff" },
  { href: "/ui/office/wall", icon: "wall", word: "home.office" },
];

export function Home() {
  useEffect(() => {
    document.title = t("app.name");
  }, []);
  return html`<div class="start">
    <header class="topbar">
      <${Brand} /><span class="push"></span><${ThemeButton} /><${LanguageButton} />
    </header>
    <main id="main">
      <h1>${t("home.title")}</h1>
      <ul class="personas">${PERSONAS.map(({ href, icon, word }) => html`<li>
        <a class="card" href=${href}><${Icon} name=${icon} />
          <span><strong>${t(word)}</strong><small>${t(word + ".say")}</small></span>
          <${Icon} name="next" /></a></li>`)}</ul>
      <${Notice} tone="calm">${t("home.open")}<//>
    </main>
  </div>`;
}
