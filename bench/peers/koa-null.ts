/** A bare Koa server that reads the body and answers a constant. */
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";

import Koa from "koa";

import { CONSTANT_HEADERS, announce, constantBody } from "./constant-answer.ts";

const readAll = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    request.once("end", resolve);
    request.once("error", reject);
    request.resume();
  });

const app = new Koa();
app.use(async (ctx) => {
  await readAll(ctx.req);
  ctx.status = 200;
  ctx.set(CONSTANT_HEADERS);
  ctx.body = constantBody(ctx.method);
});
announce(createServer(app.callback()));
