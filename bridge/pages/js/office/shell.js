// The office's frame: the menu, the bar with the search, the page and its side panel.
import { find } from "../api.js";
import { html, useEffect, useRef, useState } from "../lib.js";
import { again, useFresh } from "../live.js";
import { navigate } from "../router.js";
import { useSignal } from "../signal.js";
import { clockSeconds } from "../time.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { Search } from "../parts/field.js";
import { Fresh } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { LanguageButton, PersonButton, Rail, Skip, ThemeButton } from "../parts/nav.js";
import { KeysHelp } from "./help.js";
import { useKeys } from "./keys.js";
import { letterCount } from "./letters_data.js";
import { lockers, toLookAt } from "./lockers.js";

const item = (name, at, rest) => ({ href: "/ui/office/" + name, icon: name,
  label: t("office." + name), current: at === name, ...rest });

// On a narrow screen the menu is a strip: the page that is shown comes into sight.
function showCurrent() {
  const link = document.querySelector(".rail [aria-current]");
  const { left, right } = link.getBoundingClientRect();
  if (left < 0 || right > innerWidth) link.parentElement.scrollLeft += right - innerWidth + 16;
}

function Menu({ at }) {
  const n = useSignal(toLookAt);
  const dead = useSignal(letterCount);
  useEffect(showCurrent, [at, dead > 0]);
  const groups = [
    { head: t("office.now"), items: [
      item("wall", at, { count: n, say: t("office.look", { n }), tone: "bad" }),
      item("orders", at), item("stock", at), item("fleet", at)] },
    { head: t("office.inside"), items: [item("topology", at), item("events", at),
      item("letters", at, { count: dead, say: t("office.letters.count", { n: dead }),
        tone: "warn" })] },
  ];
  return html`<${Rail} label=${t("office.main")} home="/ui/" groups=${groups} />`;
}

// "locker-1/3", "locker-1", "1/3": the address of a door on the wall, or null.
export function doorNamed(text, all) {
  const [, name, number] = /^([a-z0-9-]+?)(?:\s*[/ ]\s*(\d{1,2}))?$/i.exec(text) || [];
  if (!name) return null;
  const wanted = name.toLowerCase();
  const locker = all.find(({ device }) => device === wanted || device === "locker-" + wanted);
  if (!locker) return null;
  const has = locker.compartments.some((one) => one.number === Number(number));
  return `/ui/office/wall/${locker.device}` + (number && has ? "/" + Number(number) : "");
}

// Where what somebody typed leads to, or null.
async function addressOf(text) {
  if (/^#?[1-9]\d{0,15}$/.test(text)) return "/ui/office/orders/" + text.replace("#", "");
  const door = doorNamed(text, lockers.get().value || []);
  if (door) return door;
  const label = text.includes(":") ? text : "asset:" + text.toUpperCase();
  if (!/^[a-z]{4,5}:[ -~]{1,64}$/.test(label)) return null;
  const found = await find(`/assets?label=${encodeURIComponent(label)}`).catch(() => null);
  const [unit] = found?._embedded?.assets || [];
  return unit ? "/ui/office/stock/units/" + unit.id : null;
}

// search: {label, value, onInput(text), onEnter()} of a page that filters; else it leads anywhere.
function Find({ search }) {
  const [text, setText] = useState("");
  const [unfound, setUnfound] = useState("");
  async function go() {
    const wanted = text.trim();
    const address = wanted && await addressOf(wanted);
    setUnfound(address || !wanted ? "" : wanted);
    if (!address) return;
    setText("");
    navigate(address);
  }
  const onInput = ({ target: { value } }) => {
    setUnfound("");
    if (search) search.onInput(value);
    else setText(value);
  };
  const onKeyDown = (event) => {
    if (event.key === "Escape") {
      onInput({ target: { value: "" } });
      event.target.blur();
      event.preventDefault();
    }
    if (event.key !== "Enter") return;
    if (search) search.onEnter();
    else go();
  };
  return html`<div class="find">
    <${Search} id="search" label=${search ? search.label : t("office.search")} shortcut="/"
      value=${search ? search.value : text} onInput=${onInput} onKeyDown=${onKeyDown} />
    <p class="find-none" role="status">${unfound && t("office.search.none", { text: unfound })}</p>
  </div>`;
}

function AwayNotice() {
  const { state, heardAt } = useFresh();
  if (state !== "away") return null;
  return html`<div class="notice" data-tone="warn" role="alert"><${Icon} name="away" />
    <span><strong>${t("office.away", { at: clockSeconds(heardAt) })} </strong>
      ${t("office.away.say")}</span>
    <${Button} look="compact" icon="turn" onClick=${again}>${t("app.retry")}<//></div>`;
}

/**
 * at, title: which page, and of the browser's tab. head: above both columns; side: the panel, with
 * sideLabel, onCloseSide and sideIsOpen (on narrow screens it lies over the page). keys: of
 * useKeys; help: which of them the list shows.
 */
export function Shell(props) {
  const { at, title, head, side, sideLabel, sideIsOpen, onCloseSide, single, search, keys = {},
    help = [], children } = props;
  const [helping, setHelping] = useState(false);
  const panel = useRef();
  useEffect(() => {
    document.title = `${title} – ${t("app.name")}`;
  }, [title]);
  useKeys({
    "/": () => document.getElementById("search").focus(),
    "?": () => setHelping(true),
    ...keys,
  });
  return html`<div class="console">
    <${Skip} />
    <${Menu} at=${at} />
    <header class="topbar">
      <${Find} search=${search} />
      <span class="push"></span>
      <${Fresh} />
      <${Button} look="quiet square keys-button" icon="keyboard" aria-label=${t("keys.open")}
        aria-keyshortcuts="?" onClick=${() => setHelping(true)} />
      <${ThemeButton} /><${PersonButton} /><${LanguageButton} />
    </header>
    <main id="main" class=${[single && "single", !head && "bare"].filter(Boolean).join(" ")}>
      ${head}
      <div class="page-body"><${AwayNotice} />${children}</div>
      ${side && html`<aside class="page-side" aria-label=${sideLabel} ref=${panel}
        data-open=${sideIsOpen ? "" : undefined}>
        ${sideIsOpen && html`<${Button} look="quiet square side-close" icon="close"
          aria-label=${t("office.closeSide")} onClick=${onCloseSide} />`}
        ${side}</aside>`}
    </main>
    ${helping && html`<${KeysHelp} keys=${help} onClose=${() => setHelping(false)} />`}
  </div>`;
}
