/** Calls of the control plane, as JSON over HTTP. */
import { RawConnection } from "./connection.ts";
import type { Address } from "./connection.ts";
import { requireSuccess } from "./perform.ts";
import { createTemplate } from "./request.ts";

export type ControlClient = {
  /** `method` is `StateService/Reset`. Rejects with what the server said where it refused. */
  call(method: string, message: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  close(): void;
};

/** A client with a connection of its own. */
export const createControl = (address: Address): ControlClient => {
  const connection = new RawConnection(address);
  return {
    async call(method, message) {
      const body = Buffer.from(JSON.stringify(message));
      const template = createTemplate(
        {
          method: "POST",
          target: `/standin.v1.${method}`,
          headers: { "content-type": "application/json" },
          body,
          unchecked: true,
        },
        address,
      );
      const answer = await connection.send([template.head, body], { method: "POST", body: "keep" });
      return JSON.parse(requireSuccess(answer, template).body.toString()) as Record<string, unknown>;
    },
    close: () => connection.close(),
  };
};
