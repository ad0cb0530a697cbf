// Where one begins: the parts of the system that one may see.
import { html, useEffect } from "./lib.js";
import { navigate } from "./router.js";
import { facesOf, isSignedIn, useWho } from "./who.js";
import { t } from "./words.js";
import { Icon } from "./parts/icon.js";
import { DemoSlot } from "./demo/slot.js";
import { Gate } from "./person/gate.js";

const PERSONAS = [
  { face: "customer", href: "/ui/shop", icon: "person", word: "home.customer" },
  { face: "staff", href: "/ui/staff/picks", icon: "scanner", word: "home.staff" },
  { face: "office", href: "/ui/office/wall", icon: "wall", word: "home.office" },
];

export function Home() {
  const who = useWho();
  const mine = PERSONAS.filter(({ face }) => facesOf(who).includes(face));
  const only = mine.length === 1 ? mine[0].href : null;
  useEffect(() => {
    if (only) navigate(only, { replace: true });
  }, [only]);
  const title = isSignedIn(who) ? t("home.hello", { name: who.name }) : t("home.title");
  return html`<${Gate} title=${title} tab=${t("app.name")}>
    <ul class="personas">${mine.map(({ href, icon, word }) => html`<li>
      <a class="card" href=${href}><${Icon} name=${icon} />
        <span><strong>${t(word)}</strong><small>${t(word + ".say")}</small></span>
        <${Icon} name="next" /></a></li>`)}
      ${isSignedIn(who) && html`<li><a class="card" href="/ui/me"><${Icon} name="person" />
        <span><strong>${t("home.me")}</strong><small>${t("home.me.say")}</small></span>
        <${Icon} name="next" /></a></li>`}</ul>
    <${DemoSlot} />
    ${!isSignedIn(who) && html`<p class="small second">${t("home.open")}</p>`}
  <//>`;
}
