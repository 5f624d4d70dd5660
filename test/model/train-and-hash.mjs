// Trains the golden networks with the built package and prints what it ran on and their hashes. A
// script of its own, because it is run by other versions of Node; the engine's options are its
// argument, as JSON.
import * as gradlane from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";
import { trainGolden } from "./golden.mjs";

const engine = await gradlane.createEngine(JSON.parse(process.argv[2] ?? "{}"));
const { train } = await loadDigits();
const hashes = await trainGolden(gradlane, engine, train);
console.log(JSON.stringify({ info: engine.info, hashes }));
