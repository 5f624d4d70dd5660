import { complaint } from "./docstrings.mjs";

/** ESLint rule: docstrings are plain English, see docstrings.mjs. */
export default {
  meta: { type: "suggestion", schema: [] },
  create(context) {
    return {
      Program() {
        for (const { type, value, loc } of context.sourceCode.getAllComments()) {
          const message = type === "Block" ? complaint(value) : "";
          if (message) context.report({ loc, message });
        }
      },
    };
  },
};
