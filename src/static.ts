/**
 * All of src/index.ts, and with it every part that is otherwise loaded on demand: where import() is
 * forbidden, as in service workers and worklets (https://html.spec.whatwg.org/#hostloadimportedmodule),
 * there is no later.
 */
import { embedded as relaxedText } from "../build/relaxed.ts";
import { embedded as threadsText } from "../build/threads.ts";
import { embedded as workerScript } from "../build/worker.ts";
import { chooseBuild, revectorizing } from "./engine/choose-build.ts";
import { threading } from "./engine/engine.ts";
import { builds } from "./engine/choose-kernels.ts";
import { revectorized } from "./engine/revectorize.ts";
import { chooseThreads, startThreads } from "./engine/threads.ts";
import { Accumulation } from "./training/accumulation.ts";
import { checkpoints } from "./model/build.ts";
import { packCheckpoint, unpackCheckpoint } from "./model/checkpoint.ts";
import { Database } from "./stores/database.ts";
import { databases } from "./stores/indexed-db.ts";
import { accumulations, progressLines } from "./training/fit.ts";
import { progressLine } from "./training/progress-line.ts";
import { streams } from "./training/sources.ts";
import { StreamSource } from "./training/stream.ts";
import { files } from "./model/model.ts";
import { packModel, readFile, unpackModel, writeFileAtomic } from "./model/weights.ts";
import { tables } from "./data/table.ts";
import { readBatches, readTable } from "./data/table-reader.ts";
import { otherBuilds, moduleErrors } from "./wasm/build.ts";
import { notABuild, wrongMemory, wrongVersion } from "./wasm/module-errors.ts";
import { workerText } from "./threads/start-thread.ts";

otherBuilds.relaxed.module = { embedded: relaxedText };
otherBuilds.threads.module = { embedded: threadsText };
workerText.module = { embedded: workerScript };
moduleErrors.module = { notABuild, wrongMemory, wrongVersion };
builds.module = { chooseBuild, revectorizing };
revectorizing.module = { revectorized };
threading.module = { chooseThreads, startThreads };
files.module = { packModel, readFile, unpackModel, writeFileAtomic };
tables.module = { readBatches, readTable };
accumulations.module = { Accumulation };
progressLines.module = { progressLine };
streams.module = { StreamSource };
checkpoints.module = { packCheckpoint, unpackCheckpoint };
databases.module = { Database };

export * from "./index.ts";
