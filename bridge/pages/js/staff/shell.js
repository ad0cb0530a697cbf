// The frame of staff: a bar at the top, the page, a bar under the thumb.
import { html, useEffect } from "../lib.js";
import { useFresh } from "../live.js";
import { t } from "../words.js";
import { Fresh } from "../parts/fresh.js";
import { Mark } from "../parts/icon.js";
import { LanguageButton, PersonButton, Skip, ThemeButton, Thumbbar } from "../parts/nav.js";
import { useWork } from "./work.js";

const item = (name, at, icon, rest) => ({ href: "/ui/staff/" + name, icon,
  label: t("staff." + name), current: at === name, ...rest });

// at: which page. head: what stands in the top bar instead of language and theme.
export function Shell({ at, title, heading, head, className = "tasks", children }) {
  const n = useWork()?.count || 0;
  const away = useFresh().state === "away";
  useEffect(() => {
    document.title = `${title} – ${t("app.name")}`;
  }, [title]);
  const items = [
    item("picks", at, "list", { count: n, say: t("staff.toDo", { n }) }),
    item("scan", at, "scan"), item("desk", at, "counter"), item("labels", at, "print"),
  ];
  return html`<div class="floor" data-away=${away ? "" : undefined}>
    <${Skip} />
    <header class="topbar">
      <a class="floor-home" href="/ui/" aria-label=${t("app.home")}><${Mark} /></a>
      <h1>${heading || title}</h1>
      <${Fresh} brief />
      ${head || html`<span class="wide-only"><${ThemeButton} /></span><${PersonButton} />
        <${LanguageButton} />`}
    </header>
    <main id="main" class=${className}>${children}</main>
    <${Thumbbar} label=${t("staff.main")} items=${items} />
  </div>`;
}
