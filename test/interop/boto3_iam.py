"""boto3's IAM as suites use it: users, keys, roles, policies, tags, providers, pagination, waiters.

ENDPOINT is the URL of the data plane, which verifies every signature and asks every policy.
"""

import json
import os

import boto3
from botocore.exceptions import ClientError

ENDPOINT = os.environ["ENDPOINT"]
ACCOUNT = "123456789012"


def client(service, **options):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", **options)


def refused(call, code, message):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["Error"]["Message"] == message, error
        return
    raise AssertionError(f"{code} was expected")


iam = client("iam")

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}

# Users and keys.
user = iam.create_user(UserName="alice", Path="/team/", Tags=[{"Key": "Team", "Value": "red"}])["User"]
assert user["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/alice", user
iam.get_waiter("user_exists").wait(UserName="alice", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
key = iam.create_access_key(UserName="alice")["AccessKey"]
as_alice = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
assert client("sts", **as_alice).get_caller_identity()["Arn"] == user["Arn"]

# boto3 decodes documents.
iam.put_user_policy(UserName="alice", PolicyName="read", PolicyDocument=json.dumps(READ))
assert iam.get_user_policy(UserName="alice", PolicyName="read")["PolicyDocument"] == READ
s3 = client("s3", **as_alice)
assert s3.list_buckets()["Buckets"] == []
refused(
    lambda: s3.create_bucket(Bucket="not-for-alice"),
    "AccessDenied",
    f"User: {user['Arn']} is not authorized to perform: s3:CreateBucket on resource: "
    '"arn:aws:s3:::not-for-alice" because no identity-based policy allows the s3:CreateBucket action',
)

# The resource interface.
resource = boto3.resource("iam", endpoint_url=ENDPOINT, region_name="us-east-1")
policy = resource.create_policy(PolicyName="creator", PolicyDocument=json.dumps(READ).replace("List*", "Create*"))
resource.User("alice").attach_policy(PolicyArn=policy.arn)
assert [each.arn for each in resource.User("alice").attached_policies.all()] == [policy.arn]
assert policy.attachment_count == 1
s3.create_bucket(Bucket="for-alice")
version = policy.create_version(PolicyDocument=json.dumps(READ), SetAsDefault=True)
assert version.document == READ, version.document
refused(
    lambda: policy.delete(),
    "DeleteConflict",
    "Cannot delete a policy attached to entities.",
)

# Roles.
role = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(TRUST), MaxSessionDuration=7200)["Role"]
assert role["AssumeRolePolicyDocument"] == TRUST
iam.get_waiter("role_exists").wait(RoleName="deploy", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
iam.attach_role_policy(RoleName="deploy", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
iam.put_user_policy(
    UserName="alice",
    PolicyName="assume",
    PolicyDocument=json.dumps(READ).replace("s3:List*", "sts:AssumeRole"),
)
assumed = client("sts", **as_alice).assume_role(RoleArn=role["Arn"], RoleSessionName="session")
assert assumed["AssumedRoleUser"]["AssumedRoleId"] == role["RoleId"] + ":session", assumed
credentials = assumed["Credentials"]
session = {
    "aws_access_key_id": credentials["AccessKeyId"],
    "aws_secret_access_key": credentials["SecretAccessKey"],
    "aws_session_token": credentials["SessionToken"],
}
assert [bucket["Name"] for bucket in client("s3", **session).list_buckets()["Buckets"]] == ["for-alice"]

# Pages.
for number in range(7):
    iam.create_role(RoleName=f"role-{number}", Path="/many/", AssumeRolePolicyDocument=json.dumps(TRUST))
pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/many/", PaginationConfig={"PageSize": 3}))
assert [len(page["Roles"]) for page in pages] == [3, 3, 1], pages
assert [role["RoleName"] for page in pages for role in page["Roles"]] == [f"role-{number}" for number in range(7)]

# Tags and providers.
iam.tag_role(RoleName="deploy", Tags=[{"Key": "Team", "Value": "blue"}])
iam.untag_role(RoleName="deploy", TagKeys=["Team"])
assert iam.list_role_tags(RoleName="deploy")["Tags"] == []
arn = iam.create_open_id_connect_provider(Url="https://idp.example", ClientIDList=["a"])["OpenIDConnectProviderArn"]
assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["Url"] == "idp.example"
iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)

# Errors are boto3's own exceptions.
try:
    iam.get_user(UserName="nobody")
    raise AssertionError("there is no such user")
except iam.exceptions.NoSuchEntityException as error:
    assert error.response["Error"]["Message"] == "The user with name nobody cannot be found."
try:
    iam.create_user(UserName="alice")
    raise AssertionError("there is one already")
except iam.exceptions.EntityAlreadyExistsException:
    pass

# Taking it all down again.
for attached in iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]:
    iam.detach_user_policy(UserName="alice", PolicyArn=attached["PolicyArn"])
for name in iam.list_user_policies(UserName="alice")["PolicyNames"]:
    iam.delete_user_policy(UserName="alice", PolicyName=name)
iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive")
refused(
    lambda: client("sts", **as_alice).get_caller_identity(),
    "InvalidClientTokenId",
    "The security token included in the request is invalid.",
)
iam.delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"])
iam.delete_user(UserName="alice")
assert iam.list_users()["Users"] == []
