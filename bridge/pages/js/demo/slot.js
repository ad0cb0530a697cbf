// Where the demo's bar goes: nothing, unless a simulator runs; then it is loaded.
import { html, useEffect, useState } from "../lib.js";
import { simulated } from "../live.js";
import { useSignal } from "../signal.js";

let loaded = null;

// part: a name that panel.js exports.
export function DemoSlot({ part = "default", ...rest }) {
  const isSimulated = useSignal(simulated);
  const [, loadedNow] = useState(0);
  useEffect(() => {
    if (!isSimulated || loaded) return;
    import("./panel.js").then((module) => {
      loaded = module;
      loadedNow((n) => n + 1);
    }, () => {}); // offline: the next page tries again
  }, [isSimulated]);
  if (!isSimulated || !loaded) return null;
  const Part = loaded[part];
  return html`<${Part} ...${rest} />`;
}
