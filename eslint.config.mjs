import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

/** What counts as a line of a file or function. */
const TEXT_ALONE = { skipBlankLines: true, skipComments: true };

export default tseslint.config(
  { ignores: ["node_modules/", ".state/", ".cache/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // A union that grows (a step, a color's state) must be answered everywhere.
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      "@typescript-eslint/no-floating-promises": "error",
      // A promise returned from within `try` is not caught there.
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/no-deprecated": "error",
      "array-callback-return": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-self-compare": "error",
      "no-unreachable-loop": "error",
      // One idea a file and a function. An exception says why: `-- reason` behind its eslint-disable comment.
      "max-lines": ["error", { max: 150, ...TEXT_ALONE }],
      "max-lines-per-function": ["error", { max: 40, ...TEXT_ALONE }],
      "@typescript-eslint/require-await": "off", // an interface may want a promise where the answer is at hand
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "max-lines": ["error", { max: 300, ...TEXT_ALONE }],
      "max-lines-per-function": ["error", { max: 50, ...TEXT_ALONE }],
      // What a test reads from JSON and from untyped modules is checked by its assertions.
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/restrict-template-expressions": "off",
      "@typescript-eslint/no-misused-promises": "off",
    },
  },
  // A `describe` is one function, as long as its file.
  { files: ["test/**/*.test.ts"], rules: { "max-lines-per-function": "off" } },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: {
        performance: "readonly",
        URLSearchParams: "readonly",
        console: "readonly",
        process: "readonly",
        module: "readonly",
        __dirname: "readonly",
        require: "readonly",
        Buffer: "readonly",
        URL: "readonly",
        setTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
        clearTimeout: "readonly",
      },
    },
  },
);
