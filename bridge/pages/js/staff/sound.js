// A verdict can be heard and felt; that repeats what is seen, and can be turned off.
import { recall, remember } from "../keep.js";
import { signal } from "../signal.js";

export const soundIsOn = signal(recall("staff.sound", true) !== false);

export function setSound(on) {
  remember("staff.sound", on);
  soundIsOn.set(on);
}

// [from (s), for (s), Hz] of each tone, and milliseconds of vibration.
const SOUNDS = {
  ok: { tones: [[0, 0.09, 1320]], shape: "sine", feel: [60] },
  done: { tones: [[0, 0.09, 1320], [0.11, 0.16, 1760]], shape: "sine", feel: [60, 60, 120] },
  error: { tones: [[0, 0.2, 220], [0.26, 0.3, 185]], shape: "square", feel: [250, 90, 250] },
};
const LOUDNESS = 0.22;
let context = null;

function tone(shape, [from, length, pitch]) {
  const oscillator = context.createOscillator(), gain = context.createGain();
  const at = context.currentTime + from;
  Object.assign(oscillator, { type: shape });
  oscillator.frequency.value = pitch;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.01);
  gain.gain.setValueAtTime(LOUDNESS, at + length - 0.02);
  gain.gain.linearRampToValueAtTime(0, at + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + length);
}

// what: "ok", "done" or "error". Before anybody has touched the page, browsers allow neither.
export function play(what) {
  if (!soundIsOn.get() || navigator.userActivation?.hasBeenActive === false) return;
  const { tones, shape, feel } = SOUNDS[what];
  navigator.vibrate?.(feel);
  const Context = globalThis.AudioContext;
  if (!Context) return;
  context ||= new Context();
  if (context.state === "suspended") context.resume();
  tones.forEach((one) => tone(shape, one));
}
