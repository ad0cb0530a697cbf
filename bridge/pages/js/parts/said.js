// What a service said in a sentence: in Korean where it is known, else as it came.
import { html } from "../lib.js";
import { reasonInKorean } from "../reasons.js";
import { language } from "../words.js";

const isPlain = () => /^\/ui\/(staff|office)\b/.test(location.pathname);

/** text: a reason, or a problem's sentence. own: it is the page's, and needs nothing. */
export function Said({ text, own }) {
  if (own) return html`<span>${text}</span>`;
  const korean = language.get() === "ko" && text && reasonInKorean(text, isPlain());
  return korean ? html`<span>${korean}</span>` : html`<span lang="en">${text}</span>`;
}
