// Trains the golden networks with the built package and prints what it ran on and their hashes: of
// three epochs, or with "warm" as a second argument of all that trainColdAndWarm tries. A script of
// its own, because it is run by other versions of Node; the engine's options are its first argument,
// as JSON.
import * as gradlane from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";
import { trainColdAndWarm, trainGolden } from "./golden.mjs";

const [options = "{}", warm] = process.argv.slice(2);
const engine = await gradlane.createEngine(JSON.parse(options));
const { train } = await loadDigits();
const run = warm === "warm" ? trainColdAndWarm : trainGolden;
console.log(JSON.stringify({ info: engine.info, hashes: await run(gradlane, engine, train) }));
