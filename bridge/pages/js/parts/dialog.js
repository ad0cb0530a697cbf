// 12 Dialog. What moves metal or goods says what will happen, and is typed. The browser's own
// <dialog>: it keeps the focus inside, closes with Esc, and gives the focus back.
import { html, useEffect, useRef, useState } from "../lib.js";
import { t } from "../words.js";
import { Button } from "./button.js";
import { Field } from "./field.js";
import { ProblemNotice } from "./notice.js";

export function Modal({ className, labelledby, onClose, children }) {
  const box = useRef();
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before && before.focus && before.focus();
  }, []);
  const onCancel = (event) => {
    event.preventDefault();
    onClose();
  };
  const onClick = (event) => event.target === box.current && onClose();
  return html`<dialog ref=${box} class=${className} aria-labelledby=${labelledby}
    onCancel=${onCancel} onClick=${onClick}>${children}</dialog>`;
}

/**
 * A question before something happens: `confirm` and `keep` are verbs of what happens and what does
 * not.
 * With `word` it must be typed. onConfirm() may be asynchronous; what it throws is shown.
 */
export function Confirm(props) {
  const { title, children, confirm, keep, word, danger = true, onConfirm, onClose } = props;
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  async function go(event) {
    event.preventDefault();
    if (busy || (word && typed.trim() !== word)) return;
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }
  return html`<${Modal} className="dialog" labelledby="dialog-title" onClose=${onClose}>
    <form onSubmit=${go}>
      <div class="dialog-body">
        <h2 id="dialog-title" tabindex="-1" autofocus>${title}</h2>
        <div class="dialog-say">${children}</div>
        ${word && html`<${Field} id="dialog-word" label=${t("dialog.type", { word })} value=${typed}
          autocomplete="off" onInput=${(event) => setTyped(event.target.value)} />`}
        <${ProblemNotice} problem=${problem} />
      </div>
      <div class="dialog-foot">
        <${Button} look="touch" onClick=${onClose}>${keep}<//>
        <${Button} look=${danger ? "touch danger" : "touch primary"} type="submit" busy=${busy}
          disabled=${word ? typed.trim() !== word : undefined}>${confirm}<//>
      </div>
    </form>
  <//>`;
}
