import test from "ava";

import {
  callerArn,
  callerUserId,
  canonicalOwnerId,
  isAccountId,
  partitionOfRegion,
} from "../../src/protocol/caller.ts";
import type { Principal } from "../../src/protocol/caller.ts";

const CASES: readonly (readonly [Principal, string, string])[] = [
  [{ kind: "Root" }, "arn:aws:iam::111122223333:root", "111122223333"],
  [{ kind: "User", userName: "a", userId: "AIDA1" }, "arn:aws:iam::111122223333:user/a", "AIDA1"],
  [{ kind: "User", userName: "a", userId: "AIDA1", path: "/t/" }, "arn:aws:iam::111122223333:user/t/a", "AIDA1"],
  [
    { kind: "AssumedRole", roleName: "r", roleId: "AROA1", sessionName: "s", rolePath: "/t/" },
    "arn:aws:sts::111122223333:assumed-role/r/s",
    "AROA1:s",
  ],
  [{ kind: "FederatedUser", name: "f" }, "arn:aws:sts::111122223333:federated-user/f", "111122223333:f"],
  [{ kind: "Anonymous" }, "arn:aws:iam::111122223333:anonymous", "anonymous"],
];

for (const [principal, arn, userId] of CASES) {
  test(`a caller of kind ${principal.kind} is named ${arn}`, (t) => {
    const caller = { partition: "aws", accountId: "111122223333", principal } as const;
    t.is(callerArn(caller), arn);
    t.is(callerUserId(caller), userId);
  });
}

test("a region says its partition", (t) => {
  t.is(partitionOfRegion("eu-west-1"), "aws");
  t.is(partitionOfRegion("cn-north-1"), "aws-cn");
  t.is(partitionOfRegion("us-gov-west-1"), "aws-us-gov");
});

test("an account has its own canonical id, the same each time", (t) => {
  t.regex(canonicalOwnerId("111122223333"), /^[0-9a-f]{64}$/);
  t.is(canonicalOwnerId("111122223333"), canonicalOwnerId("111122223333"));
  t.not(canonicalOwnerId("111122223333"), canonicalOwnerId("111122223334"));
});

test("an account id is twelve digits", (t) => {
  t.true(isAccountId("000000000001"));
  for (const text of ["", "12345678901", "1234567890123", "12345678901a", "123456789012\n"]) t.false(isAccountId(text));
});
