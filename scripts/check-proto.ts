/**
 * Checks the control plane's API: style and format of proto/, that src/control/generated is what it generates, and that no
 * client is broken that was built against proto/image.binpb.
 *
 * Usage: npm run check:proto. After a change that breaks clients on purpose, or a release: npm run proto:accept.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const bin = path.join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}` };

const run = (program: string, ...args: string[]): void => {
  execFileSync(program, args, { cwd: root, env, stdio: "inherit" });
};

const checkGenerated = (): void => {
  const fresh = mkdtempSync(path.join(tmpdir(), "standin-proto-"));
  try {
    // The plugin's `out` is taken relative to this folder.
    run("buf", "generate", "--output", fresh);
    run("diff", "--recursive", "--brief", path.join(fresh, "src/control/generated"), "src/control/generated");
  } finally {
    rmSync(fresh, { recursive: true });
  }
};

try {
  run("buf", "lint");
  run("buf", "format", "--diff", "--exit-code");
  run("buf", "breaking", "--against", "proto/image.binpb");
  checkGenerated();
} catch {
  console.error(
    "check:proto failed; `npm run proto` regenerates, `buf format -w` formats, docs/control-plane.md says more",
  );
  process.exitCode = 1;
}
