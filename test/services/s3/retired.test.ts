/** Operations that AWS has given up, or that belong to a service which is not here. */
import { GetObjectTorrentCommand, WriteGetObjectResponseCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();

test("there are no torrents any more", async (t) => {
  const Bucket = await makeBucket(s3, "torrent");
  const error = await failure(s3.send(new GetObjectTorrentCommand({ Bucket, Key: "k" })));
  t.deepEqual([error.name, error.$metadata.httpStatusCode], ["MethodNotAllowed", 405]);
  t.is(error.message, "The specified method is not allowed against this resource.");
  t.deepEqual([error["Method"], error["ResourceType"]], ["GET", "TORRENT"]);
});

test("a torrent in a bucket that is not there is a bucket that is not there", async (t) => {
  const torrent = new GetObjectTorrentCommand({ Bucket: "nobody-made-this-bucket", Key: "k" });
  t.deepEqual(await outcome(s3.send(torrent)), ["NoSuchBucket", 404]);
});

test("no route of Object Lambda is valid", async (t) => {
  const client = server.s3({ disableHostPrefix: true });
  const answer = new WriteGetObjectResponseCommand({
    RequestRoute: "io-iad-cell001",
    RequestToken: "token",
    Body: "transformed",
  });
  const error = await failure(client.send(answer));
  t.deepEqual([error.name, error.$metadata.httpStatusCode], ["ValidationError", 400]);
  t.is(error.message, "The request route that you specified is not valid.");
});

test("a route of Object Lambda is answered on a host of its own too", async (t) => {
  const answer = await server.request("POST", "/WriteGetObjectResponse", {
    headers: {
      host: "io-iad-cell001.s3-object-lambda.us-east-1.amazonaws.com",
      "x-amz-request-route": "io-iad-cell001",
      "x-amz-request-token": "token",
    },
    body: "transformed",
  });
  t.is(answer.status, 400);
  t.regex(answer.body.toString(), /<Code>ValidationError<\/Code>/);
});
