/** gRPC's health check: a service that is here answers as long as the server does. */
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { once } from "node:events";
import {
  type Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../generated/grpc/health/v1/health_pb.ts";

/** `serviceNames`: the full names of all services. Once `shutdownSignal` fires, nothing is serving any more. */
export const createHealth = (options: {
  readonly serviceNames: readonly string[];
  readonly shutdownSignal: AbortSignal | undefined;
}): ServiceImpl<typeof Health> => {
  const isKnown = (service: string): boolean => service === "" || options.serviceNames.includes(service);
  const status = (): ServingStatus =>
    options.shutdownSignal?.aborted === true ? ServingStatus.NOT_SERVING : ServingStatus.SERVING;
  return {
    check: ({ service }) => {
      if (!isKnown(service)) throw new ConnectError(`there is no service ${JSON.stringify(service)}`, Code.NotFound);
      return { status: status() };
    },
    watch: async function* ({ service }, context) {
      if (isKnown(service)) yield { status: status() };
      else yield { status: ServingStatus.SERVICE_UNKNOWN };
      await ended(context);
      if (isKnown(service) && options.shutdownSignal?.aborted === true) yield { status: ServingStatus.NOT_SERVING };
    },
  };
};

/** The client went away, its deadline passed, or the server stops. */
const ended = async ({ signal }: HandlerContext): Promise<void> => {
  if (!signal.aborted) await once(signal, "abort");
};
