// The face of warehouse staff: what to pick, the scan station, the desk, labels.
import { html, useEffect } from "../lib.js";
import { match } from "../router.js";
import { Nothing } from "../parts/notice.js";
import "./words.js";
import { later } from "./later.js";
import { PicksPage } from "./picks.js";
import { ScanPage } from "./scan.js";

export const styles = ["../../css/staff.css"];

const PAGES = [
  ["/ui/staff", PicksPage],
  ["/ui/staff/picks", PicksPage],
  ["/ui/staff/scan", ScanPage],
  ["/ui/staff/desk", later("desk", () => import("./desk.js"))],
  ["/ui/staff/desk/:id", later("desk", () => import("./desk.js"))],
  ["/ui/staff/labels", later("labels", () => import("./labels.js"))],
];

export default function Face({ path }) {
  useEffect(() => {
    document.documentElement.dataset.mode = "warehouse";
    return () => delete document.documentElement.dataset.mode;
  }, []);
  for (const [pattern, Page] of PAGES) {
    const values = match(pattern, path);
    if (values) return html`<${Page} key=${pattern} ...${values} />`;
  }
  return html`<${Nothing} />`;
}
