// Dead letters: what could not be applied and why; retried when the cause is mended, or skipped.
import { send } from "../api.js";
import { html, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { clockOrDate } from "../time.js";
import { number, t } from "../words.js";
import { Button } from "../parts/button.js";
import { Confirm } from "../parts/dialog.js";
import { useStale } from "../parts/fresh.js";
import { Blank, Notice, ProblemNotice, whileLoading } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { toast } from "../parts/toast.js";
import { useLetters } from "./letters_data.js";
import { exactly } from "./report.js";
import { Shell } from "./shell.js";

const settle = (service, letter, deed) =>
  send("POST", `/dead-letters/${service}/${letter.id}/${deed}`);

function Skip({ service, letter, onDone, onClose }) {
  const { subject, type } = letter;
  const go = async () => {
    await settle(service, letter, "skip");
    toast(t("letters.skipped", { type, subject }));
    onDone();
  };
  return html`<${Confirm} title=${t("letters.skip.ask", { type, subject })} word=${subject}
    confirm=${t("letters.skip.do")} keep=${t("letters.skip.keep")} onConfirm=${go}
    onClose=${onClose}>
    <p>${t("letters.skip.say", { service })}</p>
    <p class="small second" lang="en">${letter.reason}</p><//>`;
}

function Deeds({ service, letter, onDone, onProblem }) {
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const isAway = useFresh().state === "away";
  const { id, type, subject, after } = letter;
  if (after) return html`<span class="second">${t("letters.waits", { id: after })}</span>`;
  const retry = async () => {
    setBusy(true);
    onProblem(null);
    try {
      await settle(service, letter, "retry");
      toast(t("letters.applied", { type, subject }));
    } catch (problem) {
      onProblem(problem);
    }
    setBusy(false);
    onDone();
  };
  const title = isAway ? t("office.away.button") : undefined;
  return html`<div class="row">
    <${Button} look="compact" icon="turn" busy=${busy} disabled=${isAway} title=${title}
      aria-label=${t("letters.retry.one", { id })} onClick=${retry}>${t("letters.retry")}<//>
    <${Button} look="compact" icon="close" disabled=${isAway} title=${title}
      aria-label=${t("letters.skip.one", { id })} onClick=${() => setAsks(true)}>
      ${t("letters.skip")}<//>
    ${asks && html`<${Skip} service=${service} letter=${letter} onDone=${onDone}
      onClose=${() => setAsks(false)} />`}</div>`;
}

const columnsOf = (service, onDone, onProblem) => [
  { name: "id", label: t("letters.number"), cell: ({ id }) => number(id) },
  { name: "event", label: t("letters.event"), cell: ({ type, subject, source, seq }) => html`
    <strong>${subject}</strong><small>${t("letters.which", { type, source, seq })}</small>` },
  { name: "reason", label: t("letters.reason"), cell: ({ reason, code }) => html`
    <span lang="en">${reason || code}</span>` },
  { name: "since", label: t("letters.since"), cell: ({ parkedAt }) => html`<time
    datetime=${parkedAt} title=${exactly(parkedAt)}>${clockOrDate(parkedAt)}</time>` },
  { name: "deeds", label: t("letters.deeds"), cell: (letter) => html`<${Deeds}
    service=${service} letter=${letter} onDone=${onDone} onProblem=${onProblem} />` },
];

function Service({ service, letters, problem, reload }) {
  const [failed, setFailed] = useState(null);
  const stale = useStale();
  const shown = failed || problem;
  if (!letters.length && !shown) return null;
  return html`<section class=${"group letters" + stale} aria-labelledby=${"letters-" + service}>
    <div class="group-head"><h2 id=${"letters-" + service}>${service}</h2></div>
    <${ProblemNotice} problem=${shown} />
    ${letters.length > 0 && html`<${Table} label=${t("letters.of", { service })}
      columns=${columnsOf(service, reload, setFailed)} rows=${letters}
      keyOf=${({ id }) => id} />`}
  </section>`;
}

function All({ live }) {
  const { value, reload } = live;
  if (value.every(({ letters, problem }) => !letters.length && !problem)) {
    return html`<${Blank} icon="check" title=${t("letters.none")}>${t("letters.none.say")}<//>`;
  }
  return html`<${Notice} tone="warn" icon="letters">${t("letters.say")}<//>
    ${value.map((one) => html`<${Service} key=${one.service} ...${one} reload=${reload} />`)}`;
}

export default function LettersPage() {
  const live = useLetters();
  const head = html`<div class="page-head"><h1>${t("office.letters")}</h1></div>`;
  return html`<${Shell} at="letters" title=${t("office.letters")} head=${head} single>
    ${whileLoading(live, 8) || html`<${All} live=${live} />`}
  <//>`;
}
