import test from "ava";
import { createAddressing, type HostAddress } from "../../src/protocol/addressing.ts";

const BASE_HOSTS = ["s3.test.internal", "Files.Example"];

/** Host header -> what it says. */
const HOSTS: Readonly<Record<string, HostAddress>> = {
  // Nothing to read: path style.
  "": {},
  localhost: {},
  "localhost:5000": {},
  "127.0.0.1:5000": {},
  "10.1.2.3": {},
  "[::1]:5000": {},
  "[2001:db8::1]": {},
  "minio:9000": {},
  "bucket.example.com": { domain: "bucket.example.com" },
  notlocalhost: {},
  // localhost: a bucket with or without a service's label.
  "bucket.localhost:5000": { bucket: "bucket" },
  "Bucket.LocalHost": { bucket: "bucket" },
  "bucket.localhost.:80": { bucket: "bucket" },
  "dotted.bucket.name.localhost": { bucket: "dotted.bucket.name" },
  "s3.localhost": { service: "s3" },
  "bucket.s3.localhost": { service: "s3", bucket: "bucket" },
  "bucket.s3.eu-central-1.localhost": { service: "s3", region: "eu-central-1", bucket: "bucket" },
  "s3.dualstack.eu-west-1.localhost": { service: "s3", region: "eu-west-1" },
  "sts.localhost": { service: "sts" },
  "sts.eu-west-1.localhost": { service: "sts", region: "eu-west-1" },
  "iam.localhost": { service: "iam" },
  "us-east-1.localhost": { bucket: "us-east-1" },
  "constructor.localhost": { bucket: "constructor" },
  "toString.localhost": { bucket: "tostring" },
  // Worlds.
  "blue.world.localhost": { world: "blue" },
  "bucket.blue.world.localhost": { world: "blue", bucket: "bucket" },
  "bucket.s3.us-west-2.blue.world.localhost:1": { world: "blue", service: "s3", region: "us-west-2", bucket: "bucket" },
  "sts.blue.world.localhost": { world: "blue", service: "sts" },
  "s3.blue.world.localhost.localstack.cloud": { world: "blue", service: "s3" },
  "world.localhost": { bucket: "world" },
  "bucket.blue.world.files.example": { world: "blue", bucket: "bucket" },
  // LocalStack's names and AWS's: no bucket without the service's label.
  "localhost.localstack.cloud:4566": {},
  "bucket.localhost.localstack.cloud": {},
  "s3.localhost.localstack.cloud:4566": { service: "s3" },
  "bucket.s3.localhost.localstack.cloud": { service: "s3", bucket: "bucket" },
  "bucket.s3.us-east-1.localhost.localstack.cloud": { service: "s3", region: "us-east-1", bucket: "bucket" },
  "amazonaws.com": {},
  "bucket.amazonaws.com": {},
  "ec2.us-east-1.amazonaws.com": {},
  "s3.amazonaws.com": { service: "s3" },
  "bucket.s3.amazonaws.com": { service: "s3", bucket: "bucket" },
  "a.b.c.s3.us-west-2.amazonaws.com": { service: "s3", region: "us-west-2", bucket: "a.b.c" },
  "s3.us-gov-west-1.amazonaws.com": { service: "s3", region: "us-gov-west-1" },
  "s3-us-west-2.amazonaws.com": { service: "s3", region: "us-west-2" },
  "bucket.s3-us-west-2.amazonaws.com": { service: "s3", region: "us-west-2", bucket: "bucket" },
  "bucket.s3.dualstack.eu-west-1.amazonaws.com": { service: "s3", region: "eu-west-1", bucket: "bucket" },
  "bucket.s3-fips.us-east-2.amazonaws.com": { service: "s3", region: "us-east-2", bucket: "bucket" },
  "bucket.s3-fips.dualstack.us-east-2.amazonaws.com": { service: "s3", region: "us-east-2", bucket: "bucket" },
  "bucket.s3-accelerate.amazonaws.com": { service: "s3", accelerated: true, bucket: "bucket" },
  "bucket.s3-accelerate.dualstack.amazonaws.com": { service: "s3", accelerated: true, bucket: "bucket" },
  "bucket.s3.cn-north-1.amazonaws.com.cn": { service: "s3", region: "cn-north-1", bucket: "bucket" },
  "bucket.s3-website-us-east-1.amazonaws.com": { service: "s3-website", region: "us-east-1", bucket: "bucket" },
  "bucket.s3-website.eu-central-1.amazonaws.com": { service: "s3-website", region: "eu-central-1", bucket: "bucket" },
  "point-123456789012.s3-accesspoint.us-west-2.amazonaws.com": {
    service: "s3-accesspoint",
    region: "us-west-2",
    bucket: "point-123456789012",
  },
  "123456789012.s3-control.us-west-2.amazonaws.com": {
    service: "s3-control",
    region: "us-west-2",
    bucket: "123456789012",
  },
  "s3express-control.us-west-2.amazonaws.com": { service: "s3express-control", region: "us-west-2" },
  "name--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com": {
    service: "s3express",
    region: "us-west-2",
    bucket: "name--usw2-az1--x-s3",
  },
  "sts.amazonaws.com": { service: "sts" },
  "sts.us-east-1.amazonaws.com": { service: "sts", region: "us-east-1" },
  "sts-fips.us-east-1.amazonaws.com": { service: "sts", region: "us-east-1" },
  "iam.amazonaws.com": { service: "iam" },
  // The base hosts of this server.
  "s3.test.internal": {},
  "bucket.s3.test.internal:443": { bucket: "bucket" },
  "files.example": {},
  "bucket.files.example": { bucket: "bucket" },
  "bucket.s3.eu-west-3.files.example": { service: "s3", region: "eu-west-3", bucket: "bucket" },
};

const addressing = createAddressing({ baseHosts: BASE_HOSTS });

for (const [host, address] of Object.entries(HOSTS)) {
  test(`the host "${host}" is read from right to left`, (t) => {
    t.deepEqual(addressing(host), address);
    t.deepEqual(addressing(host), address, "a second time");
  });
}
