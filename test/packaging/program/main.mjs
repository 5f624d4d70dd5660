// Trains with the engine's options that are its argument, as JSON, and prints what came of it.
import { train } from "./train.mjs";

console.log(JSON.stringify(await train(JSON.parse(process.argv[2]))));
