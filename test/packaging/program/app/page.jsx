"use client";
import { useEffect } from "react";
import { trainRemotely } from "../remote.mjs";
import { train } from "../train.mjs";

// A page of Next's that trains, by itself and in a worker; app/train does on the server.
export default function Page() {
  useEffect(() => {
    const threads = Number(new URLSearchParams(location.search).get("threads"));
    globalThis.trained = train({ threads });
    globalThis.remote = globalThis.trained.then(() => {
      const url = new URL("../trainer.mjs", import.meta.url);
      return trainRemotely(new Worker(url, { type: "module" }), threads);
    });
  }, []);
}
