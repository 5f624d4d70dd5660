// A worker for workerd, which is what Cloudflare runs: it imports the kernels as a module.
import module from "gradlane/kernels.wasm";
import { train } from "./train.mjs";

export default {
  async fetch(request) {
    const threads = Number(new URL(request.url).searchParams.get("threads"));
    return Response.json(await train({ module, threads }));
  },
};
