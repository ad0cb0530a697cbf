// Checks deploy/sbom: its file is valid CycloneDX 1.5 and the same each time, each program's libraries
// and each npm package of the pages are in it, and its graph leads to every component. Run by ./sbom.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [root, build, nodeDir] = process.argv.slice(2);
const require = createRequire(join(nodeDir, "package.json"));
const Ajv = require("ajv").default;
const addFormats = require("ajv-formats").default;

const schemas = join(nodeDir, "node_modules/@cyclonedx/cyclonedx-library/res/schema");
const run = (...command) => execFileSync(command[0], command.slice(1), { encoding: "utf8" });
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

const write = () => run(join(root, "deploy/sbom"), "--build", build);
const text = write();
assert.equal(write(), text, "a second run wrote another file");
const bom = JSON.parse(text);

const ajv = new Ajv({ strict: false, validateFormats: true, allErrors: true });
addFormats(ajv);
ajv.addFormat("iri-reference", true); // ajv-formats knows none
ajv.addFormat("idn-email", true);
for (const name of ["spdx", "jsf-0.82"]) {
  const file = `${name}.SNAPSHOT.schema.json`;
  ajv.addSchema(read(join(schemas, file)), "http://cyclonedx.org/schema/" + file);
}
const isValid = ajv.compile(read(join(schemas, "bom-1.5.SNAPSHOT.schema.json")));
assert.ok(isValid(bom), JSON.stringify(isValid.errors, null, 1));
assert.ok(!isValid({ ...bom, components: [{ name: "no type" }] }), "the schema refuses nothing");

const names = new Set(bom.components.map(({ name }) => name));
const programs = readdirSync(join(build, "bin")).filter((name) => name.startsWith("lockstock-"));
assert.ok(programs.length >= 9, "the build has its programs");
for (const program of programs) {
  const needed = run("readelf", "-d", join(build, "bin", program)).matchAll(/\(NEEDED\).*\[lib([\w-]+)[\d.-]*\.so/g);
  for (const [, library] of needed) {
    const stem = library.replace(/3as$|[\d.-]+$/, "").replace("pthread", "c").replace(/^m$/, "c");
    assert.ok([...names].some((name) => name.startsWith(`lib${stem}`)), `${program} loads lib${library}: not in it`);
  }
}
const lock = read(join(root, "bridge/pages/package-lock.json"));
for (const path of Object.keys(lock.packages).filter(Boolean)) {
  assert.ok(names.has(path.slice(path.lastIndexOf("node_modules/") + 13)), `${path} is not in it`);
}

const edges = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
const reached = new Set();
const follow = (ref) => {
  if (reached.has(ref)) return;
  reached.add(ref);
  edges.get(ref).forEach(follow);
};
follow("lockstock");
assert.deepEqual([...reached].sort(), ["lockstock", ...bom.components.map((one) => one["bom-ref"])].sort());
console.log(`sbom: ${bom.components.length} components, valid CycloneDX 1.5`);
