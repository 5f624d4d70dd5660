// Bundles as a configuration of tsdown says. Its command does the same, but warns with each bundle
// that some later version will not run on Node 20.
import { build } from "tsdown";

await build({ config: process.argv[2], logLevel: "error" });
