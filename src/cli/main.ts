#!/usr/bin/env node
import { constants } from "node:os";
import { dispatch } from "./dispatch.ts";
import { processIo } from "./terminal.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader has gone (`gradlane train | head`). End without a message, as other programs do.
  if (error.code === "EPIPE") process.exit(128 + constants.signals.SIGPIPE);
  process.stderr.write(`gradlane: cannot write the output: ${error.message}\n`);
  process.exit(1);
});

process.exitCode = await dispatch(process.argv.slice(2), processIo());
