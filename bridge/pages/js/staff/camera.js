// The camera as a scanner. Codes are read by the browser where it can (BarcodeDetector), else by
// zxing. Loaded when it is wanted.
import { html, useEffect, useRef, useState } from "../lib.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { Notice } from "../parts/notice.js";
import { aimed, fromTheMiddle, inSight, Sight } from "./sight.js";

const LOOK_MS = 120;
const SIDE_MAX = 1280;
const HAS_PICTURE = 2; // readyState
const WANTED = ["qr_code", "code_128", "ean_13", "ean_8", "upc_a", "data_matrix"];
const OURS = ["qr_code", "code_128"]; // what our labels are printed in
const PICTURE = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
// Why there is no picture: what browsers call it, and what we say.
const REASONS = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none",
  OverconstrainedError: "none" };

class NoReader extends Error {}

// ---- reading ----

// The browser's own reader, or null: canvas -> [{text, x, y}].
async function browserReader() {
  const known = (await globalThis.BarcodeDetector?.getSupportedFormats?.()) || [];
  if (!OURS.every((format) => known.includes(format))) return null;
  const formats = WANTED.filter((format) => known.includes(format));
  const detector = new globalThis.BarcodeDetector({ formats });
  return async (canvas) => (await detector.detect(canvas)).map(
    ({ format, rawValue, boundingBox: { x, y, width, height } }) =>
      ({ text: aimed(format, rawValue), x: x + width / 2, y: y + height / 2 }));
}

async function ourReader() {
  try {
    return await (await import("./zxing.js")).zxingReader();
  } catch (cause) {
    throw new NoReader("the program that reads codes is not here", { cause });
  }
}

// Reads with what the browser has, and with ours from when that fails on.
async function anyReader() {
  let own = await browserReader().catch(() => null), ours = own ? null : await ourReader();
  return async (canvas) => {
    if (own) {
      const found = await own(canvas).catch(() => null);
      if (found) return found;
      own = null;
    }
    ours ||= await ourReader();
    return ours(canvas);
  };
}

// What is seen of the video, onto the canvas; false while nothing is.
function draw(video, canvas) {
  const part = video.readyState >= HAS_PICTURE && !document.hidden && inSight(video, SIDE_MAX);
  if (!part) return false;
  const { x, y, width, height, scale } = part;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d", { willReadFrequently: true })
    .drawImage(video, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return true;
}

// Looks until isOver(); onText(text) for each label that somebody aims at.
async function watch(video, { onReady, onText, isOver }) {
  const read = await anyReader(), sight = new Sight();
  const canvas = document.createElement("canvas");
  if (!isOver()) onReady();
  while (!isOver()) {
    const codes = draw(video, canvas) ? await read(canvas) : [];
    if (isOver()) return;
    const texts = fromTheMiddle(codes, canvas).map(({ text }) => text);
    const taken = sight.take(texts, Date.now());
    if (taken !== null) onText(taken);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

// ---- the picture ----

async function open() {
  // Browsers give no camera to a page that came over plain HTTP from another computer.
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "insecure");
  return navigator.mediaDevices.getUserMedia({ video: PICTURE });
}

const hasLight = (track) => Boolean(track.getCapabilities?.().torch);

function reasonOf(fault) {
  if (fault instanceof NoReader) return "reader";
  return fault.name === "insecure" ? "insecure" : REASONS[fault.name] || "taken";
}

// The camera while the page wants it: {state, track}; state: "opens", "looks", or why not.
function useCamera(video, onText) {
  const [state, setState] = useState("opens");
  const [track, setTrack] = useState(null);
  const [tries, setTries] = useState(0);
  const told = useRef();
  told.current = onText;
  useEffect(() => {
    let over = false, stream = null;
    const stop = () => stream?.getTracks().forEach((one) => one.stop());
    const fail = (reason) => {
      if (over) return;
      over = true;
      stop();
      setState(reason);
    };
    const begin = async () => {
      setState("opens");
      stream = await open();
      if (over) return stop();
      const [made] = stream.getVideoTracks();
      made.addEventListener("ended", () => fail("gone"));
      video.current.srcObject = stream;
      setTrack(made);
      return watch(video.current, { isOver: () => over, onReady: () => setState("looks"),
        onText: (text) => told.current(text) });
    };
    begin().catch((fault) => fail(reasonOf(fault)));
    return () => {
      over = true;
      stop();
    };
  }, [tries]);
  return { state, track, again: () => setTries(tries + 1) };
}

function Light({ track, onMissing }) {
  const [on, setOn] = useState(false);
  const turn = () => track.applyConstraints({ advanced: [{ torch: !on }] })
    .then(() => setOn(!on), onMissing);
  return html`<${Button} look="touch" icon="light" aria-pressed=${String(on)}
    aria-label=${t("camera.light")} onClick=${turn} />`;
}

export default function Camera({ onText, onClose }) {
  const video = useRef();
  const { state, track, again } = useCamera(video, onText);
  const [isDark, setDark] = useState(false); // it said it had a light, and has none
  if (state !== "opens" && state !== "looks") {
    return html`<div class="camera"><${Notice} tone="warn" icon="camera" role="alert"
      title=${t("camera." + state)}>${t(`camera.${state}.say`)}<//>
      <div class="camera-actions">${state !== "insecure" && html`<${Button} look="touch" icon="turn"
        onClick=${again}>${t("app.retry")}<//>`}<${Button} look="touch" icon="close"
        onClick=${onClose}>${t("camera.leave")}<//></div></div>`;
  }
  const light = track && hasLight(track) && !isDark;
  return html`<div class="camera">
    <div class="camera-view" data-state=${state}>
      <video ref=${video} autoplay playsinline muted aria-label=${t("camera.view")}></video>
      ${light && html`<${Light} track=${track} onMissing=${() => setDark(true)} />`}</div>
    <p class="camera-hint" role="status">${t("camera." + state)}
      ${state === "looks" && !light && html` <span>${t("camera.noLight")}</span>`}</p>
  </div>`;
}
