// Labels as ZPL II, for printers that speak it: 50 by 30 mm at 203 dots an inch. Pure.
import { modulesOf } from "./code128.js";

const WIDTH = 400, HEIGHT = 240;
const NARROW_MAX = 170; // modules of a Code 128 that fit at two dots each

const plain = (text) => text.replace(/[\^~\\]/g, " ");

// item: {text, value, caption}; code: "qr" or "bars".
function one({ text, value, caption }, code) {
  const head = `^XA^CI28^PW${WIDTH}^LL${HEIGHT}`;
  const small = value.length > 10 ? 28 : 44;
  if (code === "qr") {
    return `${head}^FO16,24^BQN,2,6^FDMA,${text}^FS` +
      `^FO200,60^A0N,26,26^FB190,2,0,L^FD${plain(caption)}^FS` +
      `^FO200,120^A0N,${small},${small}^FB190,3,0,L^FD${value}^FS^XZ`;
  }
  const narrow = modulesOf(text) <= NARROW_MAX ? 2 : 1;
  return `${head}^FO24,24^BY${narrow}^BCN,110,N,N,N^FD${text}^FS` +
    `^FO24,150^A0N,26,26^FD${plain(caption)}^FS` +
    `^FO24,182^A0N,${small},${small}^FD${value}^FS^XZ`;
}

export const zpl = (items, code) => items.map((item) => one(item, code)).join("\n") + "\n";
