// Who one is here, and how to leave.
import { send } from "../api.js";
import { html, useEffect, useState } from "../lib.js";
import { dateTime } from "../time.js";
import { facesOf, forgetPerson, useWho } from "../who.js";
import { t } from "../words.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Confirm } from "../parts/dialog.js";
import { Brand, LanguageButton, Skip, ThemeButton } from "../parts/nav.js";
import "./words.js";

async function leave(path) {
  await send("DELETE", path);
  forgetPerson();
  location.replace("/ui/");
}

const HOMES = { customer: "/ui/shop", staff: "/ui/staff/picks", office: "/ui/office/wall" };

export function MePage() {
  const who = useWho();
  const [asks, setAsks] = useState(false);
  const home = facesOf(who).length === 1 ? HOMES[facesOf(who)[0]] : "/ui/";
  useEffect(() => {
    document.title = `${t("me.title")} – ${t("app.name")}`;
  }, []);
  return html`<div class="phone">
    <${Skip} />
    <header class="topbar"><${Brand} href=${home} /><span class="push"></span>
      <${ThemeButton} /><${LanguageButton} /></header>
    <main id="main">
      <div class="me-head"><h1>${who.name || t("me.number", who)}</h1>
        <p class="second">${t("me.as", { role: t("role." + who.role) })}
          ${who.until && html`<br />${t("me.until", { at: dateTime(who.until) })}`}</p></div>
      <div class="me-acts">
        <${ButtonLink} look="touch" href=${home}>${t("me.home")}<//>
        <${Button} look="touch primary" onClick=${() => leave("/sessions/current")}>
          ${t("me.out")}<//></div>
      <${Button} look="touch wide" onClick=${() => setAsks(true)}>${t("me.everywhere")}<//>
    </main>
    ${asks && html`<${Confirm} title=${t("me.everywhere.ask")} confirm=${t("me.everywhere")}
      keep=${t("me.keep")} onConfirm=${() => leave("/sessions")} onClose=${() => setAsks(false)}>
      <p>${t("me.everywhere.say")}</p><//>`}
  </div>`;
}
