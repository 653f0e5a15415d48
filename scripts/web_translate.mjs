// Translates standard input with the WebAssembly build of the runtime, to try it without a browser.
//
//     node scripts/web_translate.mjs MODULE.wasm RUN_FOLDER [--int8] [--beam K] < lines
import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";

const [module, run, ...options] = process.argv.slice(2);
const beam = options.includes("--beam") ? Number(options[options.indexOf("--beam") + 1]) : 5;
const { instance } = await WebAssembly.instantiate(readFileSync(module), {});
const attune = instance.exports;

function place(bytes) {
  const start = attune.attune_allocate(bytes.length);
  new Uint8Array(attune.memory.buffer, start, bytes.length).set(bytes);
  return [start, bytes.length];
}

function result(failed) {
  const bytes = new Uint8Array(attune.memory.buffer, attune.attune_result(), attune.attune_result_length());
  const text = new TextDecoder().decode(bytes);
  if (failed) {
    console.error(text);
    process.exit(1);
  }
  return text;
}

const file = (name) => (existsSync(join(run, name)) ? readFileSync(join(run, name)) : new Uint8Array());
const parts = [
  file("config.toml"),
  file("tokenizer.source.json"),
  file("tokenizer.target.json"),
  file("checkpoints/best/model.safetensors"),
].map(place);
result(attune.attune_open(...parts.flat(), options.includes("--int8") ? 1 : 0));
const [start, length] = place(readFileSync(0));
process.stdout.write(result(attune.attune_translate(start, length, beam)));
