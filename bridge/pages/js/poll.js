// What no stream tells is asked for now and then, while somebody looks.
import { useEffect } from "./lib.js";
import { useFresh } from "./live.js";

// Runs work() at once, and then now and then, while the page is in sight and the server is there.
export function useEvery(work, ms) {
  const isAway = useFresh().state === "away";
  useEffect(() => {
    let isGone = false;
    let timer = null;
    async function run() {
      if (!document.hidden) await work().catch(() => {});
      if (!isGone && !isAway) timer = setTimeout(run, ms);
    }
    run();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [isAway]);
}
