// Checks schemas and vectors with ajv: every schema compiles in strict mode under 2020-12, and under
// draft-07 with the one later keyword that we use, unevaluatedProperties; every ok- vector is valid and every bad- one is not, for the member its name says.
// bad-gate- vectors are not for JSON Schema (duplicate keys, bad UTF-8, ...). Run by ./ajv.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [schemaDir, derivedDir, nodeDir] = process.argv.slice(2);
const require = createRequire(join(nodeDir, "package.json"));
const Ajv2020 = require("ajv/dist/2020").default;
const Ajv07 = require("ajv").default;
const unevaluated = require("ajv/dist/vocabularies/unevaluated").default;
const addFormats = require("ajv-formats").default;

const SUFFIX = ".schema.json";
const KEYWORDS = ["x-id", "x-decimal", "x-time", "x-enum", "x-stored", "x-raw"];

const faults = [];

function loadSchemas() {
  return readdirSync(schemaDir)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => [file.slice(0, -SUFFIX.length), JSON.parse(readFileSync(join(schemaDir, file)))]);
}

function compileAll(schemas, Ajv, draft) {
  const ajv = new Ajv({ strict: true, allowUnionTypes: false, unevaluated: true });
  addFormats(ajv);
  if (draft !== undefined) ajv.addVocabulary(unevaluated);
  ajv.addVocabulary(KEYWORDS);
  for (const [, schema] of schemas) {
    ajv.addSchema(draft === undefined ? schema : { ...schema, $schema: draft });
  }
  return new Map(
    schemas.filter(([name]) => name.includes(".")).map(([name, schema]) => [name, ajv.getSchema(schema.$id)]),
  );
}

// Where ajv sees the fault, as our decoders say it: the member itself, present or not.
function pointerOf(error) {
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params;
  const name = missingProperty ?? additionalProperty ?? unevaluatedProperty;
  const step = name === undefined ? "" : "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");
  return error.instancePath + step;
}

function expectedPointer(file) {
  const [, ...steps] = file.slice(0, -".json".length).split(".");
  return steps.map((step) => "/" + step).join("");
}

// [file name, text], made by hand and derived: see vectors.h and mutate.py.
function loadVectors(name) {
  const folder = join(schemaDir, "vectors", name);
  const vectors = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]);
  const derived = readFileSync(join(derivedDir, `${name}.vectors`));
  for (let at = 0; at < derived.length; ) {
    const line = derived.indexOf("\n", at);
    const [file, size] = derived.toString("utf8", at, line).split(" ");
    at = line + 1 + Number(size) + 1;
    vectors.push([file, derived.toString("utf8", line + 1, at - 1)]);
  }
  return vectors.filter(([file]) => !file.startsWith("bad-gate-"));
}

function checkVector(validate, vector, file, text, draft) {
  const isValid = validate(JSON.parse(text));
  if (file.startsWith("ok-") !== isValid) {
    faults.push(`${draft}: ${vector} is ${isValid ? "valid" : JSON.stringify(validate.errors)}`);
    return;
  }
  // The last error is the outermost one: oneOf after its branches.
  if (!isValid && pointerOf(validate.errors.at(-1)) !== expectedPointer(file)) {
    faults.push(`${draft}: ${vector} is refused for ${pointerOf(validate.errors.at(-1)) || "the body"}`);
  }
}

const schemas = loadSchemas();
const names = schemas.map(([name]) => name).filter((name) => name.includes("."));
const vectors = new Map(names.map((name) => [name, loadVectors(name)]));
let checked = 0;
for (const [draft, Ajv, uri] of [
  ["2020-12", Ajv2020, undefined],
  ["draft-07", Ajv07, "http://json-schema.org/draft-07/schema#"],
]) {
  for (const [name, validate] of compileAll(schemas, Ajv, uri)) {
    for (const [file, text] of vectors.get(name)) {
      checkVector(validate, `${name}/${file}`, file, text, draft);
      checked += 1;
    }
  }
}
for (const fault of faults) console.error(fault);
console.log(`${schemas.length} schemas, ${checked} vectors checked, ${faults.length} faults`);
process.exit(faults.length === 0 && checked > 0 ? 0 : 1);
