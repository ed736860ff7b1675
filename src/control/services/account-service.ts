/** Who a request is, and what each account holds. */
import type { ServiceImpl } from "@connectrpc/connect";
import { worldClock } from "../../harness/world-clock.ts";
import { FREE_BITS_END } from "../../identity/access-key-id.ts";
import { deriveSecretAccessKey, issueAccessKey } from "../../identity/issue.ts";
import type { ServerKey } from "../../identity/server-key.ts";
import type { Platform } from "../../platform/platform.ts";
import { deleteAccessKey, findAccessKey, listAccessKeys, putAccessKey } from "../../state/access-keys.ts";
import { accountUsage } from "../../state/accounts.ts";
import type { AccessKey } from "../../state/model.ts";
import type { State } from "../../state/state.ts";
import type { World } from "../../state/world.ts";
import { alreadyExists, invalidField, notFound } from "../errors.ts";
import {
  readAccessKeyId,
  readAccountId,
  readOptionalAccountId,
  readSecretAccessKey,
  readUserName,
  readWorld,
} from "../fields.ts";
import {
  SetDefaultAccountRequest_DefaultAccountMode as Mode,
  type AccountService,
} from "../generated/standin/v1/account_pb.ts";
import { KEY_DRAWS_MAX } from "../limits.ts";
import { accessKeyMessage, accountMessage } from "../messages.ts";
import { createPageTokens, readPageSize } from "../paging.ts";
import { takePage, walkAccounts } from "../walk.ts";

const accountTokens = createPageTokens<[accountId: string]>("accounts", { parts: 1 });
const accessKeyTokens = createPageTokens<[accessKeyId: string]>("accessKeys", { parts: 1 });

type Options = { readonly state: State; readonly serverKey: ServerKey; readonly platform: Platform };

export const createAccountService = ({ state, serverKey, platform }: Options): ServiceImpl<typeof AccountService> => ({
  getDefaultAccount: (request) => {
    const { accountOverride, fallbackAccount } = readWorld(state, request.world).settings;
    return {
      accountId: accountOverride ?? fallbackAccount,
      overrideAccountId: accountOverride ?? "",
      fallbackAccountId: fallbackAccount,
    };
  },

  setDefaultAccount: async (request) => {
    const world = readWorld(state, request.world);
    const accountId = readAccountId(request.accountId);
    await world.updateSettings(settingFor(request.mode, accountId));
    return {};
  },

  clearDefaultAccount: async (request) => {
    await readWorld(state, request.world).updateSettings({ accountOverride: undefined });
    return {};
  },

  listAccounts: async (request) => {
    const world = readWorld(state, request.world);
    const after = accountTokens.read(request.pageToken)?.[0];
    const { items, more } = await takePage(walkAccounts(world, { after }), readPageSize(request.pageSize));
    const last = items.at(-1);
    return {
      accounts: items.map(accountMessage),
      nextPageToken: more && last !== undefined ? accountTokens.write([last.accountId]) : "",
    };
  },

  getAccount: async (request) => {
    const world = readWorld(state, request.world);
    const accountId = readAccountId(request.accountId);
    const usage = await world.read((view) => accountUsage(view, accountId));
    if (usage === undefined) throw notFound({ type: "account", name: accountId, world: world.name });
    return { account: accountMessage(usage) };
  },

  createAccessKey: async (request) => {
    const world = readWorld(state, request.world);
    const userName = readUserName(request.userName);
    const owner = {
      accountId: readAccountId(request.accountId),
      ...(userName === undefined ? {} : { userName }),
      createdAtMs: worldClock(world, platform).nowMs(),
    };
    const secret = request.secretAccessKey === "" ? undefined : readSecretAccessKey(request.secretAccessKey);
    if (request.accessKeyId === "") {
      const { accessKeyId, secretAccessKey } = await putNewKey(world, { owner, secret, serverKey });
      return { accessKeyId, secretAccessKey };
    }
    const accessKeyId = readAccessKeyId(request.accessKeyId);
    const secretAccessKey = secret ?? deriveSecretAccessKey(serverKey, accessKeyId);
    if (!(await putAccessKey(world, { ...owner, accessKeyId, secretAccessKey })))
      throw alreadyExists({ type: "accessKey", name: accessKeyId, world: world.name });
    return { accessKeyId, secretAccessKey };
  },

  listAccessKeys: async (request) => {
    const world = readWorld(state, request.world);
    const accountId = readOptionalAccountId(request.accountId);
    const after = accessKeyTokens.read(request.pageToken)?.[0];
    const pageSize = readPageSize(request.pageSize);
    const keys = await listAccessKeys(world, {
      ...(accountId === undefined ? {} : { accountId }),
      ...(after === undefined ? {} : { after }),
      limit: pageSize + 1,
    });
    const page = keys.slice(0, pageSize);
    const last = page.at(-1);
    return {
      accessKeys: page.map(accessKeyMessage),
      nextPageToken: keys.length > pageSize && last !== undefined ? accessKeyTokens.write([last.accessKeyId]) : "",
    };
  },

  deleteAccessKey: async (request) => {
    const world = readWorld(state, request.world);
    const accessKeyId = readAccessKeyId(request.accessKeyId);
    if (!(await deleteAccessKey(world, accessKeyId)))
      throw notFound({ type: "accessKey", name: accessKeyId, world: world.name });
    return {};
  },
});

const settingFor = (mode: Mode, accountId: string) => {
  switch (mode) {
    case Mode.DEFAULT_ACCOUNT_MODE_UNSPECIFIED:
    case Mode.DEFAULT_ACCOUNT_MODE_OVERRIDE:
      return { accountOverride: accountId };
    case Mode.DEFAULT_ACCOUNT_MODE_FALLBACK:
      return { fallbackAccount: accountId };
  }
  // Binary clients can send any number.
  throw invalidField("mode", "must be OVERRIDE or FALLBACK");
};

type KeyOwner = Omit<AccessKey, "accessKeyId" | "secretAccessKey">;

const FREE_BITS_BYTES = 5;

/** Registers a key with an id that nobody has. Its secret is derived from the id, unless one is given. */
const putNewKey = async (
  world: World,
  options: { owner: KeyOwner; secret: string | undefined; serverKey: ServerKey },
): Promise<AccessKey> => {
  const { owner, secret, serverKey } = options;
  const draw = await world.draw();
  // A reset rewinds the stream and keeps the keys, so those that an earlier draw got at this position are there.
  for (let attempt = 0; attempt < KEY_DRAWS_MAX; attempt += 1) {
    const freeBits = draw.bytes("accessKey", FREE_BITS_BYTES).readUIntBE(0, FREE_BITS_BYTES) % FREE_BITS_END;
    const issued = issueAccessKey({ serverKey, accountId: owner.accountId, freeBits });
    if ((await findAccessKey(world, issued.accessKeyId)) !== undefined) continue;
    const key = { ...owner, ...issued, ...(secret === undefined ? {} : { secretAccessKey: secret }) };
    if (await putAccessKey(world, key)) return key;
  }
  throw new Error(`no free access key id in ${KEY_DRAWS_MAX} draws`);
};
