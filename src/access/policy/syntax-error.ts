/** A policy that is none. `message` is what AWS says; the caller answers it as MalformedPolicy or MalformedPolicyDocument. */
export class PolicySyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PolicySyntaxError";
  }
}
