// The office's face: wall, orders, stock, events. Each page loads when it is wanted.
import { html, useEffect, useState } from "../lib.js";
import { match } from "../router.js";
import { Bones, Nothing } from "../parts/notice.js";
import { LetterCountKeeper } from "./letters_data.js";
import { LockersKeeper } from "./lockers.js";
import { ReportsKeeper } from "./reports.js";
import { Shell } from "./shell.js";
import { t } from "../words.js";
import "./words.js";

export const styles = ["../../css/console.css"];

const wall = () => import("./wall.js");
const orders = () => import("./orders.js");
const stock = () => import("./stock.js");
const events = () => import("./events.js");
const topology = () => import("./topology.js");
const letters = () => import("./letters.js");
const fleet = () => import("./fleet.js");

const PAGES = [
  ["/ui/office", "wall", wall],
  ["/ui/office/wall", "wall", wall],
  ["/ui/office/wall/:locker", "wall", wall],
  ["/ui/office/wall/:locker/:number", "wall", wall],
  ["/ui/office/orders", "orders", orders],
  ["/ui/office/orders/:id", "orders", orders],
  ["/ui/office/stock", "stock", stock],
  ["/ui/office/stock/products/:product", "stock", stock],
  ["/ui/office/stock/units", "stock", stock],
  ["/ui/office/stock/units/:unit", "stock", stock],
  ["/ui/office/fleet", "fleet", fleet],
  ["/ui/office/fleet/:kind/:device", "fleet", fleet],
  ["/ui/office/events", "events", events],
  ["/ui/office/topology", "topology", topology],
  ["/ui/office/topology/:chosen", "topology", topology],
  ["/ui/office/letters", "letters", letters],
];
const loaded = new Map(); // load -> the page's component

function pageOf(path) {
  for (const [pattern, name, load] of PAGES) {
    const values = match(pattern, path);
    if (values) return { name, load, values };
  }
  return null;
}

function Page({ name, load, values }) {
  const [, loadedNow] = useState(0);
  const [failed, setFailed] = useState(null);
  useEffect(() => {
    if (loaded.has(load)) return;
    load().then((module) => {
      loaded.set(load, module.default);
      loadedNow((n) => n + 1);
    }, setFailed);
  }, [load]);
  if (failed) throw failed;
  const Known = loaded.get(load);
  if (Known) return html`<${Known} ...${values} />`;
  return html`<${Shell} at=${name} title=${t("office." + name)} single>
    <div class="page-body"><${Bones} lines=${8} /></div><//>`;
}

export default function Face({ path }) {
  const page = pageOf(path);
  if (!page) return html`<${Nothing} />`;
  return html`<${LockersKeeper} /><${ReportsKeeper} /><${LetterCountKeeper} />
    <${Page} key=${page.name} ...${page} />`;
}
