/** Whether what the server stores fits together. */
import type { ServiceImpl } from "@connectrpc/connect";
import { createHasherByName, loadAllHashers } from "../../protocol/checksums/hasher.ts";
import type { State } from "../../state/state.ts";
import type { DoctorService } from "../generated/standin/v1/doctor_pb.ts";

export const createDoctorService = ({ state }: { readonly state: State }): ServiceImpl<typeof DoctorService> => ({
  async *checkStore() {
    yield { dataDir: state.dataDir };
    await loadAllHashers();
    for await (const { kind, text, repair } of state.check(createHasherByName)) {
      yield { finding: { kind, text, repair: repair ?? "" } };
    }
  },
});
