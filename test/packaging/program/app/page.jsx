"use client";
import { useEffect } from "react";
import { train } from "../train.mjs";

// A page of Next's that trains; app/train does on the server.
export default function Page() {
  useEffect(() => {
    const threads = Number(new URLSearchParams(location.search).get("threads"));
    globalThis.trained = train({ threads });
  }, []);
}
