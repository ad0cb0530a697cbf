// Keys for those who use no mouse: "/" search, j and k along a list, "?" what there is. Nothing
// happens while somebody types, or with a modifier.
import { html, useEffect, useState } from "./lib.js";
import { addWords, t } from "./words.js";
import { Button } from "./parts/button.js";
import { Modal } from "./parts/dialog.js";

addWords({
  "keys.title": ["Keys", "단축키"],
  "keys.help": ["These keys", "단축키 보기"],
  "keys.search": ["Search", "찾기"],
  "keys.next": ["Next in the list", "목록에서 다음"],
  "keys.previous": ["Previous in the list", "목록에서 이전"],
  "keys.open": ["Open it", "열기"],
  "keys.close": ["Close", "닫기"],
});

const isTyping = (target) => Boolean(target.closest?.("input, textarea, select, dialog"));

// keys: {"j": {say: "keys.next", do: fn}}. Gone with the component.
export function useKeys(keys) {
  useEffect(() => {
    const onKey = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const key = keys[event.key];
      if (!key) return;
      event.preventDefault();
      key.do();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}

// Moves the focus by `step` along what a selector finds.
export function moveFocus(selector, step) {
  const items = [...document.querySelectorAll(selector)];
  const at = items.indexOf(document.activeElement);
  const next = items[at < 0 ? (step > 0 ? 0 : items.length - 1) : at + step];
  if (next) next.focus();
}

/** Search and list of a page: search is a selector of the field, list one of what can be opened. */
export function ListKeys({ search, list }) {
  const [asked, setAsked] = useState(false);
  const keys = {
    "?": { say: "keys.help", do: () => setAsked(true) },
    ...(search && {
      "/": { say: "keys.search", do: () => document.querySelector(search)?.focus() },
    }),
    ...(list && { j: { say: "keys.next", do: () => moveFocus(list, 1) },
      k: { say: "keys.previous", do: () => moveFocus(list, -1) } }),
  };
  useKeys(keys);
  if (!asked) return null;
  const shown = [...Object.entries(keys).map(([key, { say }]) => [key, say]),
    ["Enter", "keys.open"], ["Esc", "keys.close"]];
  return html`<${Modal} className="dialog" labelledby="keys-title" onClose=${() => setAsked(false)}>
    <div class="dialog-body">
      <h2 id="keys-title" tabindex="-1" autofocus>${t("keys.title")}</h2>
      <dl class="facts keys">${shown.map(([key, say]) => html`
        <dt><kbd class="key">${key}</kbd></dt><dd>${t(say)}</dd>`)}</dl>
    </div>
    <div class="dialog-foot"><${Button} look="touch" onClick=${() => setAsked(false)}>
      ${t("app.close")}<//></div>
  <//>`;
}
