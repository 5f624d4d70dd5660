// The worker of a page whose thread stays free.
import { serveTraining } from "gradlane";
import { createPlan } from "./train.mjs";

serveTraining(createPlan);
