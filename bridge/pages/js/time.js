// Times and durations in words. Servers send RFC 3339 in UTC; people read their own clock.
import { useEffect, useState } from "./lib.js";
import { addWords, locale, some, t } from "./words.js";

addWords({
  "time.now": ["now", "지금"],
  "time.today": ["today {at}", "오늘 {at}"],
  "time.tomorrow": ["tomorrow {at}", "내일 {at}"],
  "time.s": [(v) => `${v.n} s`, "{n}초"],
  "time.min": [(v) => some(v.n, "minute", "minutes"), "{n}분"],
  "time.h": [(v) => some(v.n, "hour", "hours"), "{n}시간"],
  "time.d": [(v) => some(v.n, "day", "days"), "{n}일"],
  "time.took.ms": ["{n} ms", "{n}ms"],
  "time.took.s": ["{n} s", "{n}초"],
  "time.took.min": ["{n} min {rest} s", "{n}분 {rest}초"],
  "time.took.h": ["{n} h {rest} min", "{n}시간 {rest}분"],
  "time.took.d": ["{n} d {rest} h", "{n}일 {rest}시간"],
});

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

const formats = new WeakMap(); // options -> {locale -> format}: to make one takes long

function format(date, options) {
  const made = formats.get(options) || {};
  formats.set(options, made);
  made[locale()] ||= new Intl.DateTimeFormat(locale(), options);
  return made[locale()].format(date);
}

const TIME = { hour: "2-digit", minute: "2-digit", hour12: false };
const TIME_SECONDS = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
const DAY = { weekday: "short", day: "numeric", month: "short" };

// 13:58
export const clock = (at) => format(new Date(at), TIME);

// 14:20:56
export const clockSeconds = (at) => format(new Date(at), TIME_SECONDS);

// 14:20:56.250
export const clockExact = (at) =>
  `${clockSeconds(at)}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;

// Mon 30 Nov, 11월 30일(월)
export const date = (at) =>
  format(new Date(at), DAY).replace(" (", "(").replace(",", "");

// Mon 30 Nov 13:58, 11월 30일(월) 13:58
export const dateTime = (at) => `${date(at)} ${clock(at)}`;

const dayOf = (date) => Math.floor((date - date.getTimezoneOffset() * 60000) / (DAY_S * 1000));

// today 15:00, tomorrow 15:00, or the date.
export function dayTime(at, now = Date.now()) {
  const days = dayOf(new Date(at)) - dayOf(new Date(now));
  if (days === 0) return t("time.today", { at: clock(at) });
  if (days === 1) return t("time.tomorrow", { at: clock(at) });
  return dateTime(at);
}

// The clock alone today, else date and clock.
export const clockOrDate = (at, now = Date.now()) =>
  (dayOf(new Date(at)) === dayOf(new Date(now)) ? clock(at) : dateTime(at));

// 14 s, 47 minutes, 3 hours, 2 days: one unit, or two where the first is small.
export function duration(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < MINUTE_S) return t("time.s", { n: s });
  if (s < 2 * HOUR_S) return t("time.min", { n: Math.floor(s / MINUTE_S) });
  if (s < 2 * DAY_S) return t("time.h", { n: Math.floor(s / HOUR_S) });
  return t("time.d", { n: Math.floor(s / DAY_S) });
}

const UNITS = [["d", DAY_S, HOUR_S], ["h", HOUR_S, MINUTE_S], ["min", MINUTE_S, 1]];

// 7 ms, 16.3 s, 11 min 3 s, 3 h 12 min: as exact as is of use.
export function took(ms) {
  if (ms < 1000) return t("time.took.ms", { n: Math.max(0, Math.round(ms)) });
  const s = ms / 1000;
  if (s < MINUTE_S) return t("time.took.s", { n: Math.floor(10 * s) / 10 });
  const [unit, size, small] = UNITS.find(([, least]) => s >= least);
  return t("time.took." + unit,
    { n: Math.floor(s / size), rest: Math.floor((s % size) / small) });
}

// Now, again every so often, so that ages and minutes left move.
export function useNow(everyMs = 1000) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
