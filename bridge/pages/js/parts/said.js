// What a service said in a sentence: in Korean where it is known, else as it came.
import { html } from "../lib.js";
import { reasonInKorean } from "../reasons.js";
import { language } from "../words.js";

const isPlain = () => /^\/ui\/(staff|office)\b/.test(location.pathname);

const koreanOf = (text) => language.get() === "ko" && text && reasonInKorean(text, isPlain());

/** The same as plain text, for a place within a line. */
export const saidText = (text) => koreanOf(text) || text;

/** text: a reason, or a problem's sentence. own: it is the page's, and needs nothing. */
export function Said({ text, own }) {
  if (own) return html`<span>${text}</span>`;
  const korean = koreanOf(text);
  return korean ? html`<span>${korean}</span>` : html`<span lang="en">${text}</span>`;
}
