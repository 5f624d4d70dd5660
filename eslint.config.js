import js from "@eslint/js";
import tseslint from "typescript-eslint";
import docstrings from "./scripts/lint/rule.mjs";

/** Globals of scripts, in Node and elsewhere. */
const GLOBALS = [
  ...["Blob", "Response", "URL", "URLSearchParams", "WebAssembly"],
  ...["console", "crypto", "fetch", "location", "process", "setTimeout"],
];

// assembly/ is AssemblyScript: its decorators on functions are no TypeScript, so asc, prettier
// and test/docstrings.node.test.ts check it instead.
export default tseslint.config(
  { ignores: ["build/", "dist/", "coverage/", "assembly/"] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js", "scripts/*.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "max-lines": ["error", { max: 300 }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": "off",
      // Public functions are called from JavaScript too, and say in their errors what came.
      "@typescript-eslint/no-base-to-string": "off",
    },
  },
  {
    plugins: { gradlane: { rules: { docstrings } } },
    rules: { "gradlane/docstrings": "error" },
  },
  {
    files: ["test/**"],
    rules: {
      // In browsers the files of a project share a frame, so that it applies to all that come later.
      "no-restricted-properties": [
        "error",
        { object: "vi", property: "setConfig", message: "Set limits in vitest.config.ts." },
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: Object.fromEntries(GLOBALS.map((name) => [name, false])),
    },
  },
);
