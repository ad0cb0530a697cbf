// A value that components follow.
import { useEffect, useRef, useState } from "./lib.js";

export function signal(value) {
  const followers = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const follower of [...followers]) follower(value);
    },
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

export function useSignal(source) {
  const [value, setValue] = useState(source.get());
  useEffect(() => {
    setValue(source.get());
    return source.follow((next) => setValue(next));
  }, [source]);
  return value;
}

// The value, for a component that is drawn anew only when something in pick(value), a list, is
// another one than when it was drawn.
export function useSignalFor(source, pick) {
  const [, drawAnew] = useState(0);
  const drawn = useRef();
  drawn.current = { pick, list: pick(source.get()) };
  useEffect(() => {
    const look = (value) => {
      const { pick: now, list } = drawn.current;
      if (now(value).some((one, i) => !Object.is(one, list[i]))) drawAnew((n) => n + 1);
    };
    look(source.get());
    return source.follow(look);
  }, [source]);
  return source.get();
}
