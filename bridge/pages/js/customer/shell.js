// The customers' frame: a bar at the top, the page, a bar under the thumb.
import { html, useEffect } from "../lib.js";
import { isUnderWay, orderState } from "../states.js";
import { t } from "../words.js";
import { Fresh } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { Brand, LanguageButton, PersonButton, Skip, Thumbbar } from "../parts/nav.js";
import { useMyOrders } from "./mine.js";

export const hasCode = (order) => ["READY", "RETURNING"].includes(orderState(order));

// title: of the browser's tab. back: where the arrow leads; without it the mark is shown.
export function Shell({ title, heading, back, at, broad, children }) {
  const orders = useMyOrders().value || [];
  const underWay = orders.filter(isUnderWay).length;
  const withCode = orders.find(hasCode);
  useEffect(() => {
    document.title = `${title} – ${t("app.name")}`;
  }, [title]);
  const items = [
    { href: "/ui/shop", icon: "home", label: t("nav.shop"), current: at === "shop" },
    { href: "/ui/orders", icon: "orders", label: t("nav.orders"), current: at === "orders",
      count: underWay, say: t("nav.underWay", { n: underWay }) },
    { href: `/ui/orders/${withCode ? withCode.id + "/code" : "code"}`, icon: "qr",
      label: t("nav.code"), current: at === "code" },
  ];
  return html`<div class="phone">
    <${Skip} />
    <header class="topbar">
      ${back ? html`<a class="button quiet square" href=${back} aria-label=${t("app.back")}>
          <${Icon} name="back" /></a><h1>${heading || title}</h1>`
        : html`<${Brand} />`}
      <${Fresh} brief />
      ${!back && html`<${PersonButton} /><${LanguageButton} />`}
    </header>
    <main id="main" class=${broad ? "broad" : undefined}>
      ${!back && html`<h1 class="said">${heading || title}</h1>`}
      ${children}
    </main>
    <${Thumbbar} label=${t("nav.main")} items=${items} />
  </div>`;
}
