/**
 * The least that a Node server can be: the yardstick of boot time and idle memory. Plain JavaScript, so that stripping types
 * costs it nothing.
 */
import { createServer } from "node:http";

const server = createServer((_request, response) => response.end("hello\n"));
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ dataUrl: `http://127.0.0.1:${server.address().port}` }));
});
process.on("SIGTERM", () => process.exit(0));
