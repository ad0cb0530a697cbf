// Reads codes in a picture where the browser itself cannot: zxing-cpp, as WebAssembly. Loaded when
// it is wanted, from our own server; left to itself it would ask another one.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const PROGRAM = "../../vendor/zxing/reader.wasm";
const FORMATS = ["QRCode", "DataMatrix", "Code128", "EAN13", "EAN8", "UPCA"];
const CODES_MAX = 8;
const OPTIONS = { formats: FORMATS, textMode: "Plain", maxNumberOfSymbols: CODES_MAX };
// What says that a text is GS1's, or a number of a shop's article (rules/devices.md 3.2).
const MEANT = ["]C1", "]d2", "]Q3", "]E0", "]E4"];

const middle = ({ topLeft, bottomRight }) =>
  ({ x: (topLeft.x + bottomRight.x) / 2, y: (topLeft.y + bottomRight.y) / 2 });

/** A reader: canvas -> [{text, x, y}] of the codes in it. */
export async function zxingReader() {
  await prepareZXingModule({ overrides: { locateFile: () => PROGRAM }, fireImmediately: true });
  return async (canvas) => {
    const picture = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const found = await readBarcodes(picture, OPTIONS);
    return found.map(({ symbologyIdentifier: aim, text, position }) =>
      ({ text: (MEANT.includes(aim) ? aim : "") + text, ...middle(position) }));
  };
}
