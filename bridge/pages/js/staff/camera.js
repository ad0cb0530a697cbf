// The camera as a scanner, where the browser itself can read codes (BarcodeDetector). Loaded when
// it is wanted.
import { html, useEffect, useRef, useState } from "../lib.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";

const LOOK_MS = 150;
const GONE_MS = 1500; // a label counts again when it was out of sight for so long
const WANTED = ["qr_code", "code_128", "ean_13", "ean_8", "data_matrix"];
const AIM = { ean_13: "]E0", ean_8: "]E4" }; // as scanners name them (rules/devices.md 3.2)

/** Pure but for the clock: tells labels that are new from those that are still in sight. */
export class Sight {
  constructor() {
    this.seen = new Map();
  }

  // texts in sight now -> those that have just come in
  fresh(texts, now) {
    const found = texts.filter((text) => !(now - this.seen.get(text) < GONE_MS));
    for (const text of texts) this.seen.set(text, now);
    return found;
  }
}

async function detector() {
  const known = await globalThis.BarcodeDetector.getSupportedFormats();
  return new globalThis.BarcodeDetector({ formats: WANTED.filter((one) => known.includes(one)) });
}

const textOf = ({ format, rawValue }) => (AIM[format] || "") + rawValue;

// Looks until stop() is called; onText(text) for each label that comes into sight.
async function watch(video, onText, isOver) {
  const reader = await detector(), sight = new Sight();
  while (!isOver()) {
    const codes = video.readyState >= 2 ? await reader.detect(video).catch(() => []) : [];
    if (isOver()) return;
    sight.fresh(codes.map(textOf), Date.now()).forEach(onText);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

export default function Camera({ onText, onClose }) {
  const video = useRef();
  const [problem, setProblem] = useState(false);
  useEffect(() => {
    let over = false, stream = null;
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then((made) => {
      stream = made;
      if (over) {
        stop();
        return undefined;
      }
      video.current.srcObject = made;
      return watch(video.current, onText, () => over);
    }).catch(() => over || setProblem(true));
    return () => {
      over = true;
      stop();
    };
  }, []);
  return html`<div class="camera">
    ${problem ? html`<p class="notice" data-tone="bad" role="alert">${t("camera.none")}</p>`
      : html`<video ref=${video} autoplay playsinline muted
          aria-label=${t("camera.view")}></video>`}
    <${Button} look="touch" icon="close" onClick=${onClose}>${t("camera.close")}<//>
  </div>`;
}
