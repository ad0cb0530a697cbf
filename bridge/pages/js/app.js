// The frame of all pages: which face an address belongs to, loaded when it is wanted, and whether
// whoever is there may see it.
import { askWho } from "./api.js";
import { Component, html, render, useEffect, useRef, useState } from "./lib.js";
import { onRefused, start as startLive } from "./live.js";
import { onRemembered } from "./keep.js";
import { navigate, start as startRouter, usePath } from "./router.js";
import { useSignal } from "./signal.js";
import { applyTheme } from "./theme.js";
import { facesOf, isSignedIn, useWho, who } from "./who.js";
import { language, t } from "./words.js";
import { Home } from "./home.js";
import { Blank, Bones, Nothing } from "./parts/notice.js";
import { Button } from "./parts/button.js";
import { Toasts } from "./parts/toast.js";

// A face: default export Face({path}), and `styles`, which it needs before it shows. name: of those
// that not everybody may see.
const FACES = [
  { name: "customer", under: ["/ui/shop", "/ui/orders"],
    load: () => import("./customer/face.js") },
  { name: "staff", under: ["/ui/staff"], load: () => import("./staff/face.js") },
  { name: "office", under: ["/ui/office"], load: () => import("./office/face.js") },
  { under: ["/ui/me"], load: () => import("./person/face.js") },
];
const WELCOME = { load: () => import("./person/welcome.js") };
const SIGN_IN = { load: () => import("./person/sign_in.js") };
const NOT_YOURS = { load: () => import("./person/not_yours.js") };
const loaded = new Map(); // face -> its module, with its styles there

const isUnder = (path) => ({ under }) =>
  under.some((one) => path === one || path.startsWith(one + "/"));

function faceOf(path, person) {
  if (path === "/ui/welcome") return WELCOME;
  if (person.out) return SIGN_IN;
  const face = FACES.find(isUnder(path));
  const isHidden = face?.name && isSignedIn(person) && !facesOf(person).includes(face.name);
  return isHidden ? NOT_YOURS : face;
}

function addStyle(href) {
  return new Promise((done, failed) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href, onload: done, onerror: failed });
    document.head.append(link);
  });
}

async function loadFace(face) {
  if (!loaded.has(face)) {
    const module = await face.load();
    await Promise.all((module.styles || []).map(addStyle));
    loaded.set(face, module);
  }
  return loaded.get(face);
}

class Boundary extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ error });
  }

  componentDidUpdate(before) {
    if (before.path !== this.props.path && this.state.error) this.setState({ error: null });
  }

  render({ children }, { error }) {
    if (!error) return children;
    return html`<main class="plain"><${Blank} whole icon="jammed" title=${t("app.fault")}
      action=${html`<${Button} look="compact" icon="turn" onClick=${() => location.reload()}>
        ${t("app.reload")}<//>`}>
      ${t("app.fault.say")} <code>${String(error.message || error)}</code><//></main>`;
  }
}

function Page({ path, person }) {
  const face = faceOf(path, person);
  const [, loadedNow] = useState(0);
  const [failed, setFailed] = useState(null);
  useEffect(() => {
    if (!face || loaded.has(face)) return;
    loadFace(face).then(() => loadedNow((n) => n + 1), setFailed);
  }, [face]);
  if (!face && /^\/ui\/?$/.test(path)) return html`<${Home} />`;
  if (!face) return html`<${Nothing} />`;
  if (failed) throw failed;
  if (!loaded.has(face)) return html`<main class="plain"><${Bones} /></main>`;
  const { default: Face } = loaded.get(face);
  return html`<${Face} path=${path} />`;
}

// On a new page the heading takes the focus, so that a screen reader says where one is.
function useArrival(path) {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (history.state?.still) return;
    requestAnimationFrame(() => {
      const heading = document.querySelector("h1");
      if (!heading) return;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    });
  }, [path]);
}

function App() {
  const path = usePath();
  const words = useSignal(language);
  const person = useWho();
  useArrival(path);
  if (person === null) return html`<main class="plain"><${Bones} /></main>`;
  return html`<${Boundary} path=${path}>
    <${Page} key=${words} path=${path} person=${person} /><//><${Toasts} />`;
}

document.documentElement.lang = language.get();
applyTheme();
onRemembered((name) => (name === "language" || name === "theme") && location.reload());
startRouter();
onRefused(askWho);
const goLive = (person) => person && !person.out && startLive();
goLive(who.get());
who.follow(goLive);
askWho();
// Without a connection pages still open. Where the browser forbids it (no HTTPS), they do not.
addEventListener("load", () => navigator.serviceWorker?.register("/ui/sw.js").catch(() => {}));
if (location.pathname === "/") navigate("/ui/", { replace: true });
render(html`<${App} />`, document.getElementById("app"));
