// The SharedWorker: one stream for all tabs of this browser.
import { startLive } from "./live_core.js";

const ports = new Set();
const live = startLive((message) => {
  for (const port of ports) port.postMessage(message);
});

addEventListener("connect", (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.addEventListener("message", ({ data }) => {
    if (data === "bye") ports.delete(port);
    if (data === "again") live.again();
    if (data === "hello") live.tell();
  });
  port.start();
});
