// Labels to print: as a page, or as text for a label printer.
import { list } from "../api.js";
import { useLive } from "../data.js";
import { html, useState } from "../lib.js";
import { compartmentName, lockerName } from "../names.js";
import { recall, remember } from "../keep.js";
import { t } from "../words.js";
import { Button, Choices } from "../parts/button.js";
import { Field } from "../parts/field.js";
import { Blank, whileLoading } from "../parts/notice.js";
import { BarCode, QrCode } from "./codes.js";
import { compartmentValue, isValue, labelOf } from "./label.js";
import { Shell } from "./shell.js";
import { zpl } from "./zpl.js";

export const LABELS_MAX = 200;
const COMMANDS = ["RECEIVE", "PUTAWAY", "PICK", "LOAD", "HANDOVER", "RETURN", "COUNT", "CANCEL",
  "DONE", "OK", "DAMAGED", "OUT", "IN", "OPEN"];
const FIRST = { bin: "A1-01..A1-06", tote: "T-01..T-06", asset: "LT-01..LT-06" };
const KINDS = ["command", "bin", "tote", "asset", "product", "compartment"];

const countedUp = (prefix, from, to, width) => Array.from({ length: Math.max(0, to - from + 1) },
  (_, i) => prefix + String(from + i).padStart(width, "0"));

/**
 * Pure: {values} of "A1-01..A1-06, B1", or {wrong: key, part}.
 */
export function valuesOf(text) {
  const values = [];
  for (const part of text.toUpperCase().split(/[\s,;]+/).filter(Boolean)) {
    const [, prefix, from, to] = /^(.*?)(\d+)\.\.\1(\d+)$/.exec(part) || [];
    const isRange = part.includes("..");
    const found = isRange && from && Number(to) - Number(from) <= LABELS_MAX
      ? countedUp(prefix, Number(from), Number(to), from.length) : [part];
    if (!found.length || !found.every(isValue)) return { wrong: "labels.wrong", part };
    values.push(...found);
    if (values.length > LABELS_MAX) return { wrong: "labels.many", part };
  }
  return values.length ? { values } : { wrong: "labels.empty" };
}

const item = (kind, value, caption = t("label." + kind)) =>
  ({ kind, value, caption, text: labelOf(kind, value) });

// Kinds of labels whose values the system knows.
const KNOWN = {
  product: async () => (await list("/products", "products", LABELS_MAX)).map((one) =>
    ({ value: String(one.id), caption: one.name })),
  compartment: async () => (await list("/lockers", "lockers", LABELS_MAX)).flatMap((locker) =>
    locker.compartments.map(({ number }) => ({ value: compartmentValue(locker.device, number),
      caption: `${lockerName(locker.device)}, ${compartmentName(number)}` })))
    .slice(0, LABELS_MAX),
};

const Label = ({ one, code }) => html`<figure class="label" data-code=${code}>
  ${code === "qr" ? html`<${QrCode} text=${one.text} label=${one.text} />`
    : html`<${BarCode} text=${one.text} label=${one.text} />`}
  <figcaption><small>${one.caption}</small><strong>${one.value}</strong></figcaption>
</figure>`;

function download(items, code, kind) {
  const link = document.createElement("a");
  const address = URL.createObjectURL(new Blob([zpl(items, code)], { type: "text/plain" }));
  Object.assign(link, { href: address, download: `lockstock-${kind}-labels.zpl` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function Sheet({ items, kind }) {
  const [code, setCodeNow] = useState(recall("staff.code", "qr"));
  const setCode = (next) => {
    remember("staff.code", next);
    setCodeNow(next);
  };
  return html`<div class="label-actions">
      <${Choices} label=${t("labels.code")} value=${code} onChange=${setCode}
        options=${["qr", "bars"].map((value) => ({ value, label: t("labels.code." + value) }))} />
      <${Button} look="primary touch" icon="print" onClick=${() => print()}>
        ${t("labels.print", { n: items.length })}<//>
      <${Button} look="touch" icon="down" onClick=${() => download(items, code, kind)}>ZPL<//>
    </div>
    <div class="sheet-labels">${items.map((one) => html`
      <${Label} key=${one.text} one=${one} code=${code} />`)}</div>`;
}

function Known({ kind }) {
  const live = useLive({ name: "labels:" + kind, kinds: [], load: KNOWN[kind] });
  const waits = whileLoading(live, 6);
  if (waits) return waits;
  if (!live.value.length) {
    return html`<${Blank} icon="print" title=${t("labels.none." + kind)}>
      ${t("labels.none.say")}<//>`;
  }
  return html`<${Sheet} kind=${kind} items=${live.value.map(({ value, caption }) =>
    item(kind, value, caption))} />`;
}

function Typed({ kind }) {
  const [text, setText] = useState(recall("staff.labels." + kind, FIRST[kind]));
  const { values, wrong, part } = valuesOf(text);
  const onInput = ({ target: { value } }) => {
    setText(value);
    remember("staff.labels." + kind, value);
  };
  return html`<${Field} id="values" touch label=${t("labels.values." + kind)} value=${text}
      autocomplete="off" autocapitalize="characters" spellcheck=${false}
      hint=${t("labels.values.hint")}
      error=${wrong && t(wrong, { part, most: LABELS_MAX })} onInput=${onInput} />
    ${values && html`<${Sheet} kind=${kind}
      items=${[...new Set(values)].map((value) => item(kind, value))} />`}`;
}

export default function LabelsPage() {
  const [kind, setKindNow] = useState(recall("staff.labels", "command"));
  const setKind = (next) => {
    remember("staff.labels", next);
    setKindNow(next);
  };
  return html`<${Shell} at="labels" title=${t("staff.labels")} className="tasks labels">
    <${Choices} label=${t("labels.kind")} value=${kind} onChange=${setKind}
      options=${KINDS.map((value) => ({ value, label: t("labels.kind." + value) }))} />
    ${kind === "command" ? html`<${Sheet} kind=${kind}
        items=${COMMANDS.map((value) => item(kind, value, t("command." + value)))} />`
      : KNOWN[kind] ? html`<${Known} key=${kind} kind=${kind} />`
        : html`<${Typed} key=${kind} kind=${kind} />`}<//>`;
}
