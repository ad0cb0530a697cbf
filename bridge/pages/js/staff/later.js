// A page of the face that loads when it is wanted; until then its frame stands.
import { html, useEffect, useState } from "../lib.js";
import { t } from "../words.js";
import { Bones } from "../parts/notice.js";
import { Shell } from "./shell.js";

export function later(name, load) {
  let Known = null;
  return function Later(values) {
    const [, loadedNow] = useState(0);
    const [failed, setFailed] = useState(null);
    useEffect(() => {
      if (Known) return;
      load().then((module) => {
        Known = module.default;
        loadedNow((n) => n + 1);
      }, setFailed);
    }, []);
    if (failed) throw failed;
    if (Known) return html`<${Known} ...${values} />`;
    return html`<${Shell} at=${name} title=${t("staff." + name)}>
      <div class="tasks"><${Bones} lines=${6} /></div><//>`;
  };
}
