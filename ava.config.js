export default {
  extensions: { ts: "module" },
  files: ["test/**/*.test.ts"],
  // Node 24 can abort as a worker thread ends (V8: "Check failed: jit_page.has_value()"), and takes the whole run with it.
  workerThreads: false,
  timeout: "3m",
  failWithoutAssertions: true,
};
