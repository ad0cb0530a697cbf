// The one stream of a browser: GET /events, read with fetch rather than EventSource, because that
// also tells of the comments (a stream that stands still is noticed) and of the status. Runs in a
// SharedWorker or in the tab that leads. Says to `post`:
//   {say: "event", event: {kind, seq, type, subject, time, data}}   one change
//   {say: "reset"}                        what was shown may be old: load it again
//   {say: "refused"}                      nobody is signed in
//   {say: "fresh", state, heardAt, simulated}   "live", or "late" since the stream was lost; and
//                                               whether a simulator runs
const SILENCE_MAX_MS = 35000; // the server says something every 15 s
const RETRY_MS = [200, 500, 1000, 2000, 4000];
const LINE_BYTES_MAX = 1 << 20;

export function startLive(post) {
  let position = null;
  let heardAt = 0;
  let state = "late";
  let failures = 0;
  let informed = true; // the service behind the stream is there
  let simulated = false;
  let wake = null;
  let abort = null;

  const tell = () => post({ say: "fresh", state, heardAt, simulated });

  function become(next) {
    if (next === "live") heardAt = Date.now();
    if (next === state && next !== "live") return;
    state = next;
    tell();
  }

  const pause = (ms) => new Promise((done) => {
    const timer = setTimeout(done, ms);
    wake = () => {
      clearTimeout(timer);
      done();
    };
  });

  function onFrame({ kind, id, data }) {
    if (kind === "hello") {
      failures = 0;
      const known = position !== null;
      position = known ? position : id;
      become(informed ? "live" : "late");
      if (!known) post({ say: "reset" });
    } else if (kind === "reset") {
      position = id;
      post({ say: "reset" });
    } else if (kind === "state") {
      const told = JSON.parse(data);
      informed = told.information === "online";
      simulated = told.simulator === "online";
      become(informed ? "live" : "late");
      tell();
    } else if (data) {
      position = id || position;
      post({ say: "event", event: { kind, ...JSON.parse(data) } });
    }
  }

  // What promises something, or the stream is given up after a silence.
  async function orSilence(promised) {
    const silence = setTimeout(() => abort.abort(), SILENCE_MAX_MS);
    return promised.finally(() => clearTimeout(silence));
  }

  async function read(answer) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const frames = frameReader(onFrame);
    for (;;) {
      const { value, done } = await orSilence(reader.read());
      if (done) return;
      if (state === "live") heardAt = Date.now();
      frames(value);
    }
  }

  async function connect() {
    abort = new AbortController();
    const headers = { Accept: "text/event-stream" };
    if (position) headers["Last-Event-ID"] = position;
    const answer = await orSilence(
      fetch("/events", { headers, cache: "no-store", signal: abort.signal }));
    if (answer.status === 401) post({ say: "refused" });
    if (!answer.ok) throw new Error(`the stream answers ${answer.status}`);
    await read(answer);
  }

  async function run() {
    for (;;) {
      try {
        await connect();
      } catch {
        // It ended in another way; what comes next is the same.
      }
      become("late");
      const ms = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)];
      await pause(ms * (0.5 + Math.random() / 2)); // not all browsers at once
    }
  }

  function again() {
    failures = 0;
    if (wake) wake();
  }

  addEventListener("online", again);
  addEventListener("offline", () => abort && abort.abort());
  run();
  return { tell, again };
}

// A reader of text/event-stream: takes pieces of text, calls onFrame for each frame with a name.
export function frameReader(onFrame) {
  let rest = "";
  let frame = { kind: "", id: null, data: "" };
  return (text) => {
    rest += text;
    if (rest.length > LINE_BYTES_MAX) throw new Error("a line of the stream is too long");
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (frame.kind) onFrame(frame);
        frame = { kind: "", id: null, data: "" };
        continue;
      }
      const cut = line.indexOf(":");
      const value = line.slice(cut + 1).replace(/^ /, "");
      const name = line.slice(0, cut);
      if (name === "event") frame.kind = value;
      else if (name === "id") frame.id = value;
      else if (name === "data") frame.data += frame.data ? "\n" + value : value;
    }
  };
}
