/** The AWS SDKs of other languages, as programs of those languages (`go/`, `java/`, `rust/`), with every signature verified. */
import test, { type ExecutionContext } from "ava";
import { buildOf, readOutcome, type Language } from "./builds.ts";
import { run } from "./programs.ts";
import { SDK_STEPS } from "./sdk-steps.ts";
import { startStrict } from "./strict-server.ts";

/** The program in Rust sends its presigned requests by hand, and has no TLS for them. */
const SCHEMES: Readonly<Record<Language, readonly ("http" | "https")[]>> = {
  go: ["http", "https"],
  java: ["http", "https"],
  rust: ["http"],
};

const NAMES: Readonly<Record<Language, string>> = { go: "Go", java: "Java", rust: "Rust" };

/** Whether the program was built. That it could not be is a failure of ours, that something was lacking is not. */
const isBuilt = (t: ExecutionContext, language: Language): boolean => {
  const outcome = readOutcome(language) ?? {
    state: "lacking",
    what: `${NAMES[language]} program: make interop builds it`,
  };
  if (outcome.state === "lacking") {
    t.log(`skipped: this machine has no ${outcome.what}`);
    t.pass();
  }
  if (outcome.state === "failed") t.fail(outcome.output);
  return outcome.state === "built";
};

const does = async (
  t: ExecutionContext,
  { language, scheme }: { language: Language; scheme: "http" | "https" },
): Promise<void> => {
  if (!isBuilt(t, language)) return;
  const { env } = await startStrict(t, { scheme });
  const [program, ...args] = buildOf(language).start;
  const { code, output } = await run(program, args, { env });
  const done = [...output.matchAll(/^ok (.*)$/gm)].map(([, step]) => step);
  t.deepEqual(done, [...SDK_STEPS], output);
  t.is(code, 0, output);
};

for (const [language, schemes] of Object.entries(SCHEMES) as [Language, (typeof SCHEMES)[Language]][])
  for (const scheme of schemes)
    test.serial(`the AWS SDK for ${NAMES[language]} does over ${scheme} what it does against AWS`, (t) =>
      does(t, { language, scheme }),
    );
